"""Ensembles: their networks have the bits of single networks, whatever is done to them together."""

from __future__ import annotations

import copy
import gc
import os
import pickle
import threading
import time
import warnings
import weakref
from typing import Any

import numpy as np
import pytest
from networks import HYPERPARAMETERS, bits, everything
from scripts import output_of

import resonance_native as rn
from resonance_native import memory
from resonance_native.ensemble import ResonanceEnsemble

# Most of these networks are too small, or too strong, to stay alive.
pytestmark = pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")

B, N = 5, 12
SEEDS = np.random.SeedSequence(7).spawn(B)
RNG = np.random.default_rng(0)
ROWS = RNG.normal(0, 1, (B, 9, N))


def varied() -> dict[str, np.ndarray]:
    """One value of every hyperparameter for each network."""
    return {
        "learning_rate": np.linspace(0.01, 0.02, B),
        "decay": np.linspace(0.9, 1, B),
        "gain": np.linspace(1, 4, B),
        "coupling": np.linspace(0, 0.1, B),
        "phase_lag": np.linspace(0, 0.3, B),
        "learning_lag": np.linspace(-0.2, 0.2, B),
        "amplitude_floor": np.linspace(0, 0.1, B),
        "base_freq": np.linspace(0.5, 2, B),
        "freq_std": np.linspace(0, 0.2, B),
        "weight_std": np.linspace(0.01, 0.1, B),
    }


def ensemble_of(**keywords: Any) -> ResonanceEnsemble:
    return ResonanceEnsemble(B, N, **{"seed": 7, **varied(), **keywords})


def single(index: int, **keywords: Any) -> rn.ResonanceNetwork:
    mine = {name: float(values[index]) for name, values in varied().items()}
    return rn.ResonanceNetwork(N, **{"seed": SEEDS[index], **mine, **keywords})


def state(ensemble: ResonanceEnsemble) -> list[dict[str, Any]]:
    return [everything(network) for network in ensemble]


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_bits_are_those_of_single_networks(dtype: str, threads: int) -> None:
    ensemble = ensemble_of(dtype=dtype, threads=threads)
    singles = [single(index, dtype=dtype, threads=threads) for index in range(B)]
    ensemble.run(ROWS, hold=3)
    ensemble.update(0.3)
    ensemble.pin([0, 3], 0.5, phases=1.0)
    ensemble.run(ROWS[:, 0], 20, 0.02)
    ensemble.unpin(3)
    ensemble.run(ROWS[0, 0], 20, learn=False)
    ensemble.run(-0.5, 40)
    ensemble.update(ROWS[:, 1])
    for net, rows in zip(singles, ROWS, strict=True):
        net.run(rows, hold=3)
        net.update(0.3)
        net.pin([0, 3], 0.5, phases=1.0)
        net.run(rows[0], 20, 0.02)
        net.unpin(3)
        net.run(ROWS[0, 0], 20, learn=False)
        net.run(-0.5, 40)
        net.update(rows[1])
    assert state(ensemble) == [everything(net) for net in singles]
    assert ensemble.step_count == 27 + 1 + 20 + 20 + 40 + 1
    assert ensemble.time == singles[0].time


@pytest.mark.parametrize("n", [130, 600])
def test_one_segment_has_the_bits_of_a_run_by_blocks(n: int) -> None:
    keywords = {"gain": 30 / n, "dtype": "float32"}
    ensemble = ResonanceEnsemble(3, n, seed=1, **keywords)
    ensemble.run(0.2, 96)
    for seed, network in zip(np.random.SeedSequence(1).spawn(3), ensemble, strict=True):
        net = rn.ResonanceNetwork(n, seed=seed, **keywords)
        net.run(0.2, 96)
        assert bits(net) == bits(network)


def test_several_segments_by_blocks_agree_within_the_bound() -> None:
    n, steps = 256, 1024  # at this size a segment of 64 networks has 96 steps
    keywords = {"gain": 30 / n, "decay": 0.999}
    ensemble = ResonanceEnsemble(64, n, seed=1, **keywords)
    ensemble.run(0.2, steps)
    net = rn.ResonanceNetwork(n, seed=np.random.SeedSequence(1).spawn(64)[5], **keywords)
    net.run(0.2, steps)
    assert np.array_equal(net.phases, ensemble.phases[5])
    assert np.abs(net.weights - ensemble.weights[5]).max() <= 1e-12 * np.abs(net.weights).max()
    assert np.abs(net.amplitudes - ensemble.amplitudes[5]).max() <= 1e-12


def test_broadcast_inputs_are_those_written_out() -> None:
    x = RNG.normal(0, 1, (B, 1, 1))
    wanted = ensemble_of()
    wanted.run(np.ascontiguousarray(np.broadcast_to(x, (B, 30, N))), hold=2)
    for values in (x, x.astype(np.longdouble), np.asfortranarray(x)):
        ensemble = ensemble_of()
        ensemble.run(np.broadcast_to(values, (B, 30, N)), hold=2)
        assert state(ensemble) == state(wanted)
    rows, plain = RNG.normal(0, 1, (N, 30, B)).T, ensemble_of()
    strided = ensemble_of()
    strided.run(rows)
    plain.run(np.ascontiguousarray(rows))
    assert state(strided) == state(plain)


def test_broadcast_inputs_are_not_copied() -> None:
    ensemble = ResonanceEnsemble(2, 3, seed=0)
    huge = np.broadcast_to(np.float32(0.5), (2, 2**40, 3))
    with pytest.raises(ValueError, match=r"^steps must be None or T \* hold"):
        ensemble.run(huge, steps=1)
    with pytest.raises(ValueError, match=r"^inputs must be finite, got nan"):
        ensemble.run(np.broadcast_to(np.float32(np.nan), (2, 2**40, 3)))


def test_hyperparameters_are_one_a_network() -> None:
    ensemble = ensemble_of()
    for name, values in varied().items():
        assert np.array_equal(getattr(ensemble, name), values), name
        assert [getattr(network, name) for network in ensemble] == list(values)
        with pytest.raises(ValueError, match="read-only"):
            getattr(ensemble, name)[0] = 0
    for name in (*HYPERPARAMETERS, "base_freq", "freq_std", "weight_std"):
        if name == "noise_std":
            continue
        setattr(ensemble, name, 0.25)
        assert np.array_equal(getattr(ensemble, name), np.full(B, 0.25))
        setattr(ensemble[1], name, 0.5)
        assert getattr(ensemble, name).tolist() == [0.25, 0.5, 0.25, 0.25, 0.25]
    ensemble.tolerance = 1e-9
    assert ensemble.tolerance == ensemble[2].tolerance == 1e-9
    ensemble.weight_std = None
    assert ensemble.weight_std[0] == 0.01


def test_views_and_setting() -> None:
    ensemble = ensemble_of(dtype="float32")
    phases, weights, amplitudes = ensemble.phases, ensemble.weights, ensemble.amplitudes
    assert phases.shape == (B, N)
    assert weights.shape == (B, N, N)
    assert amplitudes.dtype == np.float32
    ensemble.run(0.1, 5)
    for index, network in enumerate(ensemble):
        assert np.shares_memory(phases[index], network.phases)
        assert np.shares_memory(weights[index], network.weights)
        assert np.array_equal(weights[index], network.weights)
        assert np.array_equal(phases[index], network.phases)
    for name in ("phases", "weights", "amplitudes", "frequencies"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(ensemble, name)[0] = 0
        shape = getattr(ensemble, name).shape
        values = RNG.uniform(0, 1, shape).astype(np.float32)
        setattr(ensemble, name, values)
        assert np.array_equal(getattr(ensemble, name), values)
        setattr(ensemble, name, values[2])
        assert np.array_equal(getattr(ensemble, name), np.broadcast_to(values[2], shape))
        setattr(ensemble, name, 0.5)
        assert np.all(getattr(ensemble, name) == 0.5)
    ensemble.phases = -1.0
    assert np.all(ensemble.phases == -1 % (2 * np.pi))


def test_a_network_of_an_ensemble_is_a_network() -> None:
    ensemble = ensemble_of()
    network = ensemble[-2]
    assert isinstance(network, rn.ResonanceNetwork)
    net = single(3)
    for each in (network, net):
        each.run(0.2, 10)
        each.pin(1, 0.3)
        each.gain = 2.5
        each.update(0.1)
        each.entrain(ROWS[3])
        each.predict(0.3, 5)
    assert everything(network) == everything(net)
    assert ensemble.gain[3] == 2.5
    assert ensemble.pinned[3, 1]
    assert ensemble.pinned.sum() == 1
    assert ensemble.step_count == 0
    assert ensemble[3].step_count == 16
    for each in (network, net):
        each.reset()
    assert everything(network) == everything(net)
    assert len(list(ensemble)) == len(ensemble) == ensemble.n_networks == B
    assert repr(network).startswith("EnsembleNetwork(n_nodes=12")
    for wrong in (B, -B - 1):
        with pytest.raises(IndexError, match=r"^the index of a network must be in"):
            ensemble[wrong]
    with pytest.raises(TypeError, match=r"^the index of a network must be an int, got slice"):
        ensemble[1:2]  # type: ignore[index]


def test_a_network_keeps_its_ensemble_alive() -> None:
    ensemble = ensemble_of()
    gone = weakref.ref(ensemble)
    network, weights = ensemble[2], ensemble.weights
    wanted = single(2)
    del ensemble
    gc.collect()
    assert gone() is not None
    wanted.run(0.3, 20)
    network.run(0.3, 20)
    assert bits(network) == bits(wanted)
    assert np.array_equal(weights[2], wanted.weights)
    del network
    gc.collect()
    assert gone() is None
    assert np.array_equal(weights[2], wanted.weights)


def test_an_array_keeps_its_ensemble_alive() -> None:
    ensemble = ensemble_of()
    weights, wanted = ensemble[2].weights, ensemble.weights[2].copy()
    del ensemble
    gc.collect()
    others = [ResonanceEnsemble(2, N, seed=seed) for seed in range(20)]  # they would take memory that was given back
    assert np.array_equal(weights, wanted)
    assert not any(np.shares_memory(weights, other.weights) for other in others)


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, lambda e: e.copy(), lambda e: pickle.loads(pickle.dumps(e))])
def test_copies_are_independent(way: Any) -> None:
    ensemble = ensemble_of(threads=1)
    ensemble.pin(2, 0.3, phases=0.1)
    ensemble.run(0.2, 15)
    before = state(ensemble)
    other = way(ensemble)
    assert type(other) is ResonanceEnsemble
    assert state(other) == before
    assert other.threads == 1
    other.run(0.1, 5)
    assert state(ensemble) == before != state(other)
    ensemble.run(0.1, 5)
    assert state(ensemble) == state(other)

    network = way(ensemble[1])
    assert type(network) is rn.ResonanceNetwork
    assert everything(network) == everything(ensemble[1])
    network.run(0.1, 5)
    assert everything(network) != everything(ensemble[1])
    network.reset()
    assert np.array_equal(network.phases, single(1).phases)


def test_seeds() -> None:
    a, b = ResonanceEnsemble(3, 5, seed=4), ResonanceEnsemble(3, 5, seed=np.random.SeedSequence(4))
    assert state(a) == state(b)
    listed = ResonanceEnsemble(3, 5, seed=[1, 2, 1])
    assert np.array_equal(listed.phases[1], rn.ResonanceNetwork(5, seed=2).phases)
    assert np.array_equal(listed.phases[0], listed.phases[2])
    initial = state(a)
    a.run(0.1, 5)
    a.pin(0)
    a.reset()
    assert state(a) == initial
    a.reset(5)
    assert state(a) == state(ResonanceEnsemble(3, 5, seed=5)) != initial
    assert not np.array_equal(ResonanceEnsemble(2, 5).phases, ResonanceEnsemble(2, 5).phases)


def test_order_parameter_and_regime() -> None:
    ensemble = ResonanceEnsemble(4, 6, seed=0)
    assert ensemble.regime().tolist() == ["alive"] * 4
    ensemble.run(0.0, 1)
    ensemble.amplitudes = np.array([[1.0] * 6, [0.0] * 6, [0.5] * 6, [1.0] * 6])
    ensemble[3].pin(slice(None), 1.0)
    assert ensemble.regime().tolist() == ["saturated", "silent", "alive", "alive"]
    assert ensemble.regime().tolist() == [network.regime() for network in ensemble]
    assert ensemble.order_parameter().tolist() == [network.order_parameter() for network in ensemble]
    assert "regime={alive: 2, saturated: 1, silent: 1}" in repr(ensemble)


def test_warns_once() -> None:
    ensemble = ResonanceEnsemble(3, 5, seed=0, weight_std=0, learning_rate=0)
    with pytest.warns(rn.ResonanceWarning, match="of 3 networks 3 are silent") as caught:
        ensemble.run(0.0, 2)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ensemble.run(0.0, 2)


WRONG: list[tuple[Any, type[Exception], str]] = [
    (lambda e: e.run(np.zeros((2, N)), 3), ValueError, r"^inputs must be a number or have shape \(12,\), \(5, 12\) or"),
    (lambda e: e.run(np.zeros((B, 4, 3))), ValueError, r"^inputs must be a number or have shape .* got shape"),
    (lambda e: e.run(np.zeros((B, 4, N, 1))), ValueError, r"^inputs must be a number or have shape"),
    (lambda e: e.run(0.0), ValueError, r"^steps must be given"),
    (lambda e: e.run(0.0, -1), ValueError, r"^steps must be at least 0, got -1"),
    (lambda e: e.run(0.0, 5, hold=2), ValueError, r"^hold is for inputs of shape"),
    (lambda e: e.run(ROWS, hold=0), ValueError, r"^hold must be at least 1, got 0"),
    (lambda e: e.run(0.0, 5, 0.0), ValueError, r"^dt must be finite and > 0"),
    (lambda e: e.run(0.0, 5, learn=1), TypeError, r"^learn must be True or False, got 1"),
    (lambda e: e.run(0.0, 5, progress=1), TypeError, r"^progress must be True or False, got 1"),
    (lambda e: e.run(1j, 5), TypeError, r"^inputs must be an array of real numbers"),
    (lambda e: e.run(np.full((B, N), np.inf), 5), ValueError, r"^inputs must be finite, got inf at \[0, 0\]"),
    (lambda e: e.run(1e308, 5, 1e308), ValueError, r"^inputs, coupling, noise_std and dt must keep the phases within"),
    (lambda e: e.update(ROWS), ValueError, r"^input_signal must be a number or have shape"),
    (lambda e: setattr(e, "gain", [1.0, 2.0]), ValueError, r"^gain must be a number or have shape \(5,\), got"),
    (lambda e: setattr(e, "gain", [1, 2, 3, 4, np.nan]), ValueError, r"^gain must be finite, got nan for network 4"),
    (lambda e: setattr(e, "decay", 2), ValueError, r"^decay must be in \[0, 1\], got 2.0 for network 0"),
    (lambda e: setattr(e, "freq_std", [1, 1, 1, 1, -1]), ValueError, r"^freq_std must be ≥ 0"),
    (lambda e: setattr(e, "weight_std", 1e308), ValueError, r"^weight_std must keep weights within"),
    (lambda e: setattr(e, "phases", np.zeros(3)), ValueError, r"^phases must broadcast to shape \(5, 12\), got"),
    (lambda e: setattr(e, "phases", np.nan), ValueError, r"^phases must be finite, got nan"),
    (lambda e: setattr(e, "weights", np.inf), ValueError, r"^weights must be finite and within"),
    (lambda e: setattr(e, "weights", np.zeros((2, N, N))), ValueError, r"^weights must broadcast to shape"),
    (lambda e: setattr(e, "threads", 0), ValueError, r"^threads must be None or from 1 to 1024, got 0"),
    (lambda e: setattr(e, "tolerance", 0), ValueError, r"^tolerance must be > 0"),
    (lambda e: e.pin(N), IndexError, r"^nodes must be"),
    (lambda e: e.pin([0, 1], [1.0, 2.0, 3.0]), ValueError, r"^amplitudes must broadcast to shape \(5, 2\)"),
    (lambda e: e.pin([0, 1], 0.5, phases=[0.0, np.inf]), ValueError, r"^phases must be finite"),
    (lambda e: e.reset([1, 2]), ValueError, r"^seed must be one seed, or a sequence of 5"),
    (lambda e: e.reset([1, 2, 3, 4, "x"]), TypeError, r"^seed must be what numpy.random.default_rng takes"),
    (lambda e: e.reset("x"), TypeError, r"^seed must be None, an int"),
    (lambda e: e.reset(-1), ValueError, r"^seed must be ≥ 0, got -1"),
]


@pytest.mark.parametrize(("call", "error", "message"), WRONG)
def test_errors_leave_everything_as_before(call: Any, error: type[Exception], message: str) -> None:
    ensemble = ensemble_of()
    ensemble.run(0.1, 3)
    before = state(ensemble)
    with pytest.raises(error, match=message):
        call(ensemble)
    assert state(ensemble) == before


def test_float32_refuses_what_it_cannot_hold() -> None:
    ensemble = ResonanceEnsemble(2, 3, seed=0, dtype="float32")
    before = state(ensemble)
    for change in (
        lambda: setattr(ensemble, "amplitudes", [[0.0] * 3, [1e300] * 3]),
        lambda: setattr(ensemble, "weights", 1e300),
        lambda: ensemble.pin(0, 1e300),
    ):
        with pytest.raises(ValueError, match="within the range"):
            change()
    assert state(ensemble) == before


def test_too_large_is_refused_before_allocation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 2**30)
    with pytest.raises(MemoryError, match=r"an ensemble of 1000 networks with n_nodes = 1000 in float64 would take"):
        ResonanceEnsemble(1000, 1000)
    with pytest.raises(ValueError, match=r"^n_networks must be at least 1, got 0"):
        ResonanceEnsemble(0, 5)


def test_divergence_names_the_networks() -> None:
    ensemble = ResonanceEnsemble(6, 20, seed=0, dtype="float32", decay=1.0, gain=0.5)
    healthy = ensemble.copy()
    ensemble.learning_rate = [0.01, 1e38, 0.01, 0.01, 1e38, 0.01]
    with pytest.raises(FloatingPointError, match=r"^2 of 6 networks \(1, 4\) have grown beyond .* done 50 steps"):
        ensemble.run(0.1, 50)
    healthy.run(0.1, 50)
    for index in (0, 2, 3, 5):
        assert bits(ensemble[index]) == bits(healthy[index])
    assert ensemble[1].step_count < 50


def test_inputs_may_be_views_of_the_ensemble() -> None:
    ensemble, other = ensemble_of(), ensemble_of()
    ensemble.run(ensemble.phases, 20)
    other.run(other.phases.copy(), 20)
    assert state(ensemble) == state(other)


INTERRUPTED = """
import os, signal, threading
from resonance_native.ensemble import ResonanceEnsemble
ensemble, other = (ResonanceEnsemble(200, 48, seed=0, gain=0.5) for _ in range(2))
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    ensemble.run(0.1, 10**9)
except KeyboardInterrupt:
    counts = {network.step_count for network in ensemble}
    other.run(0.1, ensemble.step_count)
    same = (ensemble.weights == other.weights).all() and (ensemble.phases == other.phases).all()
    print(len(counts), ensemble.step_count > 0, same)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_interrupt_leaves_all_networks_at_one_step() -> None:
    assert output_of(INTERRUPTED) == "1 True True"


FORKED = """
import os, resonance_native as rn
from resonance_native.ensemble import ResonanceEnsemble
ensemble = ResonanceEnsemble(8, 48, seed=0, gain=0.5, threads=2)
ensemble.run(0.1, 500)
child = os.fork()
if child == 0:
    ensemble.run(0.1, 500)
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(os.name != "posix", reason="forks of POSIX")
def test_a_forked_child_runs() -> None:
    assert output_of(FORKED) == "0"


def test_calls_on_networks_wait_for_the_ensemble() -> None:
    ensemble = ResonanceEnsemble(20, 24, seed=0, gain=0.5)
    run = threading.Thread(target=ensemble.run, args=(0.1, 40_000))
    run.start()
    while ensemble[0].step_count == 0:
        time.sleep(0.001)
    ensemble[0].update(0.1)
    assert ensemble.step_count == 40_000
    assert ensemble[0].step_count == 40_001
    run.join()


def test_progress(capsys: pytest.CaptureFixture[str]) -> None:
    ensemble = ResonanceEnsemble(300, 48, seed=0, gain=0.5)
    other = ensemble.copy()
    ensemble.run(np.broadcast_to(0.1, (300, 500, 48)), hold=2, progress=True)
    assert "300 networks: 100%" in capsys.readouterr().err
    other.run(0.1, 1000)
    assert state(ensemble) == state(other)


def test_an_error_in_progress_stops_the_run() -> None:
    ensemble = ResonanceEnsemble(300, 48, seed=0, gain=0.5)

    def fail(completed: int) -> None:
        with pytest.raises(RuntimeError, match="the network is running"):
            ensemble.update(0.1)
        raise KeyError(completed)

    with pytest.raises(KeyError) as caught:
        ensemble._core.run(0.1, 10**8, 0.01, 1, True, "inputs", fail, None)
    assert ensemble.step_count == caught.value.args[0]


def test_pickles_keep_the_tolerance() -> None:
    # Below a sixteenth of the default nothing is cut off, and a run has other bits.
    ensemble = ResonanceEnsemble(2, 512, seed=0, gain=30 / 512, dtype="float32", tolerance=1e-30)
    kept = (pickle.loads(pickle.dumps(ensemble))[1], pickle.loads(pickle.dumps(ensemble[1])))
    default = ensemble[1].copy()
    default.tolerance = None
    for network in (*kept, default, ensemble[1]):
        network.run(0.2, 200)
    assert [bits(network) for network in kept] == [bits(ensemble[1])] * 2
    assert bits(default) != bits(ensemble[1])
