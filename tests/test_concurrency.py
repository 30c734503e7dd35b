"""Many threads: on networks of their own, on one network, and with what holds for the whole process.

PYTHON_GIL=0 runs the same on a Python without the GIL.
"""

from __future__ import annotations

import itertools
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from networks import bits
from scripts import output_of

import resonance_native as rn

pytestmark = pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")

PATIENCE = 120  # seconds until a hang is called one
THREADS = 8


def in_threads(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls at the same time and return their results; an error in one of them, or a hang, is one here."""
    start = threading.Barrier(len(calls))

    def started(call: Callable[[], Any]) -> Any:
        start.wait(PATIENCE)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(PATIENCE) for future in [pool.submit(started, call) for call in calls]]


KINDS: dict[str, Callable[[int], Any]] = {
    "single steps": lambda seed: rn.ResonanceNetwork(70, seed=seed, gain=0.2, coupling=0.05, threads=1),
    "blocks": lambda seed: rn.ResonanceNetwork(260, seed=seed, gain=0.1, threads=2),
    "compressed": lambda seed: rn.ResonanceNetwork(520, seed=seed, gain=0.05, threads=2, dtype="float32"),
    "factored": lambda seed: rn.ResonanceNetwork(300, seed=seed, gain=0.1, threads=2, storage="factored"),
    "noise": lambda seed: rn.ResonanceNetwork(100, seed=seed, gain=0.2, noise_std=0.5, threads=2),
}


@pytest.mark.parametrize("kind", KINDS)
def test_networks_of_many_threads_have_the_bits_of_one_thread(kind: str) -> None:
    def life(seed: int) -> Any:
        net = KINDS[kind](seed)
        net.pin([0], 0.5)
        net.run(0.3, 60)
        net.update(0.1)
        amplitudes = net.predict(0.2, 5)
        return bits(pickle.loads(pickle.dumps(net.copy()))), amplitudes.tobytes()

    wanted = [life(seed) for seed in range(THREADS)]
    assert in_threads(*(lambda seed=seed: life(seed) for seed in range(THREADS))) == wanted


def test_everything_at_once_on_one_network(tmp_path: Path) -> None:
    """No crash, no lost step; what is copied, saved or pickled meanwhile is of one moment."""
    pytest.importorskip("safetensors")
    net = rn.ResonanceNetwork(48, seed=0, gain=0.3, coupling=0.1, amplitude_floor=0.2)
    rounds = 30

    def is_whole(other: Any) -> bool:
        """Whether it is a moment of `net`: pins and amplitudes of one call, steps by the same clock."""
        held = other.amplitudes[:2]
        return abs(other.time - 0.01 * other.step_count) < 1e-9 and (not other.pinned[:2].any() or len(set(held)) == 1)

    def run() -> None:
        for _ in range(rounds):
            net.run(0.1, 7)

    def update() -> None:
        for _ in range(rounds):
            net.update(0.1)

    def set_() -> None:
        for k in range(rounds):
            net.phases = np.full(48, 0.1 * k)
            net.decay = 0.99 - k / 1e4
            net.pin([0, 1], k / rounds)
            net.unpin([0, 1])

    def get() -> None:
        for _ in range(10 * rounds):
            assert 0 <= net.step_count <= 9 * rounds
            assert 0.9 <= net.decay <= 1
            assert np.isfinite(net.order_parameter())
            assert net.regime() in ("alive", "saturated", "silent")
            assert "step_count" in repr(net)

    def copy() -> None:
        assert all(is_whole(net.copy()) for _ in range(rounds))

    def pickled() -> None:
        assert all(is_whole(pickle.loads(pickle.dumps(net))) for _ in range(rounds))

    def save() -> None:
        for _ in range(rounds):
            net.save(tmp_path / "net.safetensors")
            assert is_whole(rn.ResonanceNetwork.load(tmp_path / "net.safetensors"))

    def predict() -> None:
        for _ in range(rounds):
            assert np.isfinite(net.predict(0.1, 1)).all()

    in_threads(run, update, set_, get, copy, pickled, save, predict)
    assert net.step_count == rounds * (7 + 1 + 1)
    twin = net.copy()
    for each in (net, twin):
        each.update()
    assert bits(net) == bits(twin)


def test_a_prediction_is_of_its_own_steps() -> None:
    """Its amplitudes are not those of another thread's call that follows at once."""
    net = rn.ResonanceNetwork(200, seed=0, gain=0.0)  # amplitudes 0 after any step
    stop = threading.Event()

    def meddle() -> None:
        while not stop.is_set():
            net.amplitudes = np.full(200, 0.25)

    def predict() -> set[bytes]:
        try:
            return {float(np.abs(net.predict(0.0, 1)).max()) for _ in range(3000)}
        finally:
            stop.set()

    assert in_threads(predict, meddle)[0] == {0.0}


def test_present_amplitudes_are_pinned_as_they_are_at_one_moment() -> None:
    net = rn.ResonanceNetwork(3000, weight_std=0.0, freq_std=0.0, seed=0, storage="factored")
    stop = threading.Event()

    def set_() -> None:
        for k in itertools.cycle((0.25, 0.5)):
            net.amplitudes = np.full(3000, k)
            if stop.is_set():
                return

    def pin() -> None:
        try:
            for _ in range(300):
                net.pin(slice(None))
                assert len(set(net._core.pins()["amplitudes"])) == 1
        finally:
            stop.set()

    in_threads(pin, set_)


def test_a_reset_is_one_call() -> None:
    """Steps of another thread come before it or after it."""
    net = rn.ResonanceNetwork(40, seed=5, coupling=0.3)
    moments = set()
    for _ in range(3):
        moments.add((net.step_count, net.phases.tobytes(), net.weights.tobytes()))
        net.update(0.1)
    stop = threading.Event()

    def step() -> None:
        while not stop.is_set():
            net.update(0.1)

    def reset() -> None:
        try:
            for _ in range(300):
                net.reset()
                seen = net.copy()
                if seen.step_count < len(moments):
                    assert (seen.step_count, seen.phases.tobytes(), seen.weights.tobytes()) in moments
        finally:
            stop.set()

    in_threads(reset, step)


def test_an_ensemble_of_many_threads() -> None:
    ensemble = rn.ResonanceEnsemble(6, 40, seed=0, gain=0.3, coupling=0.05, threads=2)
    rounds = 20

    def run() -> None:
        for _ in range(rounds):
            ensemble.run(0.1, 5)

    def one() -> None:
        for _ in range(rounds):
            ensemble[2].run(0.1, 3)

    def look() -> None:
        for _ in range(rounds):
            counts = pickle.loads(pickle.dumps(ensemble))._core.step_counts()
            assert len(set(np.delete(counts, 2))) == 1  # all of one moment
            counts = ensemble.copy()._core.step_counts()
            assert len(set(np.delete(counts, 2))) == 1
            assert np.isfinite(ensemble.order_parameter()).all()

    in_threads(run, run, one, look)
    assert ensemble[0].step_count == 2 * rounds * 5
    assert ensemble[2].step_count == 2 * rounds * 5 + rounds * 3

    def alone(seed: int) -> bytes:
        own = rn.ResonanceEnsemble(3, 50, seed=seed, gain=0.3, threads=2)
        own.run(0.1, 50)
        return own.amplitudes.tobytes() + own.phases.tobytes()

    assert in_threads(*(lambda seed=seed: alone(seed) for seed in range(4))) == [alone(seed) for seed in range(4)]


def test_recordings_and_callbacks_of_many_threads() -> None:
    def life(seed: int) -> Any:
        net = rn.ResonanceNetwork(300, seed=seed, gain=0.1, threads=2)
        seen = []
        recording = net.run(
            0.1,
            60,
            record=rn.Recorder(every=5, variables=("order_parameter", "phases")),
            callback=[rn.every(10, lambda net: seen.append((net.step_count, net.phases[0])))],
        )
        return seen, recording.phases.tobytes(), recording.order_parameter.tobytes()

    wanted = [life(seed) for seed in range(4)]
    assert in_threads(*(lambda seed=seed: life(seed) for seed in range(4))) == wanted


def test_attention_and_kernels_of_many_threads() -> None:
    def attend(seed: int) -> bytes:
        rng = np.random.default_rng(seed)
        q, k, v = rng.standard_normal((3, 4, 200, 32))
        phases = rng.uniform(0, 6, 200)
        weights = rng.standard_normal((600, 600))
        rn.kernels.fused_step(weights, np.linspace(0, 6, 600), np.ones(600))
        out = rn.phase_attention(q, k, v, phases, phases, causal=seed % 2 == 0)
        return out.tobytes() + weights.tobytes() + rn.kernels.coherence(phases).tobytes()

    wanted = [attend(seed) for seed in range(THREADS)]
    assert in_threads(*(lambda seed=seed: attend(seed) for seed in range(THREADS))) == wanted


def test_numbers_of_threads_may_change_meanwhile() -> None:
    def life() -> Any:
        net = rn.ResonanceNetwork(600, seed=1, gain=0.05)
        net.run(0.3, 60)
        return bits(net)

    wanted, stop = life(), threading.Event()

    def change() -> None:
        for threads in itertools.cycle((1, 3, 2, None)):
            rn.set_num_threads(threads)
            if stop.is_set():
                return

    def run() -> None:
        try:
            assert [life() for _ in range(20)] == [wanted] * 20
        finally:
            stop.set()

    in_threads(run, change)


SIZES = [(300, "float64", 1e-12), (600, "float64", 1e-12), (700, "float32", 1e-4)]


@pytest.mark.skipif(len(rn.available_isas()) < 2, reason="there is one instruction set")
@pytest.mark.parametrize(("n", "dtype", "bound"), SIZES)
@pytest.mark.parametrize("held", [True, False])
def test_another_instruction_set_within_a_run_only_rounds(n: int, dtype: str, bound: float, held: bool) -> None:
    """What one set has packed another must not read: weights would be wrong by as much as they are large."""
    inputs = np.linspace(-1, 1, n) if held else np.sin(np.linspace(0, 2, 256))[:, None] * np.linspace(-1, 1, n)
    steps = 256 if held else None
    nets = [rn.ResonanceNetwork(n, seed=1, gain=30 / n, dtype=dtype) for _ in range(2)]
    nets[0].run(inputs, steps)
    sets = itertools.cycle(rn.available_isas())
    with ExitStack() as blocks:

        def change(_net: Any) -> None:
            blocks.enter_context(rn.use_isa(next(sets)))

        nets[1].run(inputs, steps, callback=rn.every(7, change))
    for name in ("weights", "amplitudes"):
        found, wanted = (np.asarray(getattr(net, name), dtype=float) for net in reversed(nets))
        assert np.abs(found - wanted).max() <= bound * np.abs(wanted).max()


def test_instruction_sets_of_many_threads_leave_what_was_before() -> None:
    before = rn.isa()

    def use(k: int) -> None:
        for isa in itertools.islice(itertools.cycle(rn.available_isas()), k, k + 200):
            with rn.use_isa(isa):
                assert rn.isa() in rn.available_isas()

    in_threads(*(lambda k=k: use(k) for k in range(4)))
    assert rn.isa() == before
    first, second = rn.use_isa(rn.available_isas()[0]), rn.use_isa(rn.available_isas()[-1])
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)  # not in the order in which they were entered, as threads do
    assert rn.isa() == rn.available_isas()[-1]
    second.__exit__(None, None, None)
    assert rn.isa() == before


def test_estimators_of_many_threads() -> None:
    pytest.importorskip("sklearn")
    threadpoolctl = pytest.importorskip("threadpoolctl")
    rows = np.random.default_rng(0).standard_normal((60, 4))

    def life(seed: int) -> bytes:
        clusterer = rn.learn.ResonanceClusterer(3, n_nodes=64, random_state=seed)
        return clusterer.fit_predict(rows).tobytes() + clusterer.predict(rows).tobytes()

    def blas() -> list[int]:
        return [pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]

    wanted, before = [life(seed) for seed in range(4)], blas()
    for _ in range(3):
        assert in_threads(*(lambda seed=seed: life(seed) for seed in range(4))) == wanted
    assert blas() == before


def test_a_sweep_of_many_threads_beside_other_work() -> None:
    pytest.importorskip("xarray")

    def sweep(executor: Any = None) -> Any:
        return rn.sweep({"gain": np.linspace(0.1, 0.4, 40)}, 0.4, 30, n_nodes=30, executor=executor)

    wanted = sweep()
    with ThreadPoolExecutor(2) as executor:
        for found in in_threads(lambda: sweep(executor), lambda: sweep(executor), sweep):
            assert found.identical(wanted)


EVERY_CALL = """
import pickle, warnings
import numpy as np
import resonance_native as rn

warnings.simplefilter("ignore")
kinds = [{"n_nodes": 70, "coupling": 0.1}, {"n_nodes": 300}, {"n_nodes": 520}, {"n_nodes": 60, "storage": "factored"}]
for kind in kinds:
    net = rn.ResonanceNetwork(**kind, seed=0, gain=0.1, threads=2)
    recorder = rn.Recorder(every=3, variables=("phases", "order_parameter", "amplitudes", "resonance"))
    net.run(0.1, 60, record=recorder, callback=[rn.every(7, lambda net: None), rn.stop.when_settled(0.0)])
    net.entrain(np.zeros((80, net.n_nodes)))
    net.pin([0])
    net.update(np.zeros(net.n_nodes))
    net.predict(0.1, 3)
    net.reset(1)
    pickle.loads(pickle.dumps(net.copy())).run(0.1, 3)
    repr(net.weights[:2])
ensemble = rn.ResonanceEnsemble(5, 40, gain=0.1, seed=0, threads=2)
ensemble.run(np.zeros((5, 1, 40)), hold=100, record=recorder)
ensemble.pin([0])
pickle.loads(pickle.dumps(ensemble.copy())).reset()
rn.phase_attention(*np.ones((3, 2, 300, 64)), np.zeros(300), np.zeros(300), key_mask=np.ones(300, bool))
weights = np.zeros((600, 600))
rn.kernels.fused_step(weights, np.zeros(600), np.ones(600))
rn.kernels.hebbian_update(weights, np.zeros(600), np.ones(600))
rn.kernels.resonance(weights, np.zeros(600))
print("done")
"""


def test_nothing_of_python_is_touched_without_the_gil() -> None:
    """Python's own check of who asks it for memory; a Python without the GIL would crash."""
    assert output_of(EVERY_CALL, environment={"PYTHONMALLOC": "debug"}) == "done"
