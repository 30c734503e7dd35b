"""Numbers of threads, several Python threads, and forks."""

from __future__ import annotations

import os
import textwrap
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import threadpoolctl
from cases import assert_within, state_of
from networks import bits
from scripts import output_of

import resonance_native as rn

PATIENCE = 120  # seconds until a hang is called one


def test_small_networks_run_on_one_thread() -> None:
    rn.set_num_threads(3)
    assert rn.ResonanceNetwork(64).threads == 1
    assert rn.ResonanceNetwork(2000, weight_std=0.0).threads == 3


def test_threads_of_a_network() -> None:
    rn.set_num_threads(2)
    net = rn.ResonanceNetwork(64, threads=3)
    assert net.threads == 3
    net.threads = 2
    assert net.threads == 2
    net.threads = None
    assert net.threads == 1
    assert rn.ResonanceNetwork(64, threads=1).threads == 1
    assert rn.ResonanceNetwork(64, threads=np.int64(2)).threads == 2


def test_set_num_threads() -> None:
    initial = rn.get_num_threads()
    assert initial >= 1
    for threads in (1, 3, np.int32(2)):
        rn.set_num_threads(threads)
        assert rn.get_num_threads() == threads
    rn.set_num_threads(None)
    assert rn.get_num_threads() == initial


@pytest.mark.parametrize("variable", ["OMP_NUM_THREADS"])
def test_environment(variable: str) -> None:
    assert output_of("import resonance_native as rn; print(rn.get_num_threads())", environment={variable: "1"}) == "1"


@pytest.mark.skipif(rn.show_config("dicts")["openmp"] is None, reason="built without OpenMP")
@pytest.mark.skipif(rn.get_num_threads() < 2, reason="one thread can't be limited further")
def test_threadpoolctl_is_obeyed() -> None:
    free, forced = rn.ResonanceNetwork(1000, weight_std=0.0), rn.ResonanceNetwork(9, threads=3)
    with threadpoolctl.threadpool_limits(1):
        assert (rn.get_num_threads(), free.threads, forced.threads) == (1, 1, 1)
        rn.set_num_threads(3)
        assert (rn.get_num_threads(), free.threads) == (1, 1)
    assert (rn.get_num_threads(), free.threads, forced.threads) == (3, 3, 3)


def in_threads(*calls: Callable[[], object]) -> None:
    """Run the calls at the same time; an error in one of them, or a hang, is one here."""
    start = threading.Barrier(len(calls))

    def started(call: Callable[[], object]) -> object:
        start.wait(PATIENCE)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        for future in [pool.submit(started, call) for call in calls]:
            future.result(PATIENCE)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("coupling", [0.0, 0.5])
def test_two_python_threads_on_one_network(coupling: float, threads: int, dtype: str) -> None:
    """The calls are all alike, so their order does not matter: as many steps one after the other do the same."""
    make = {"gain": 8 / 65, "amplitude_floor": 0.2, "coupling": coupling, "dtype": dtype, "threads": threads, "seed": 0}
    shared, alone = rn.ResonanceNetwork(65, **make), rn.ResonanceNetwork(65, **make)
    inputs = np.linspace(-1, 1, 65)

    def work() -> None:
        for _ in range(40):
            shared.run(inputs, 5)
            shared.update(inputs)
            assert np.isfinite(shared.order_parameter())
            assert np.isfinite(shared.weights).all()

    in_threads(work, work)
    assert shared.step_count == 2 * 40 * 6
    for _ in range(shared.step_count):
        alone.update(inputs)
    assert shared.phases.tobytes() == alone.phases.tobytes()
    assert shared.time == alone.time
    assert_within(state_of(shared), state_of(alone), dtype)


def test_setting_and_stepping_at_the_same_time() -> None:
    """Whatever the order: no torn array, no lost step, no deadlock."""
    net = rn.ResonanceNetwork(64, coupling=0.1, seed=0)

    def step() -> None:
        for _ in range(200):
            net.update(0.1)

    def set_() -> None:
        for k in range(200):
            net.weights = np.full((64, 64), k / 1e4)
            net.phases = np.full(64, float(k))
            net.pin([0, 1], 0.5)
            net.unpin()
            net.decay = 0.9

    def copy() -> None:
        for _ in range(100):
            twin = net.copy()
            assert np.isfinite(twin.weights).all()
            twin.update()

    in_threads(step, set_, copy)
    assert net.step_count == 200
    assert np.isfinite(net.weights).all()
    twin = net.copy()
    for each in (net, twin):
        each.update()
    assert bits(net) == bits(twin)


def test_networks_of_their_own_in_two_threads() -> None:
    nets = [rn.ResonanceNetwork(600, seed=1, gain=0.02, coupling=0.01, threads=2) for _ in range(3)]
    in_threads(*(lambda net=net: net.run(0.5, 20) for net in nets[:2]))
    nets[2].run(0.5, 20)
    assert bits(nets[0]) == bits(nets[1]) == bits(nets[2])


def test_a_run_lets_other_threads_go_on() -> None:
    """This thread sees the run half done, which it could not if the run held the GIL."""
    net = rn.ResonanceNetwork(200, seed=0, amplitude_floor=0.2, gain=0.01)
    total = 20_000
    worker = threading.Thread(target=net.run, args=(0.1, total), daemon=True)
    seen = set()
    worker.start()
    while worker.is_alive():
        seen.add(net.step_count)
    worker.join(PATIENCE)
    assert net.step_count == total
    assert seen - {0, total}


def coherence_of_many() -> Callable[[], object]:
    phases, out = np.zeros(5000), np.empty((5000, 5000), np.float32)
    return lambda: rn.kernels.coherence(phases, out=out)


def attention_of_many() -> Callable[[], object]:
    q, phases = np.random.default_rng(0).standard_normal((8, 2000, 64)), np.zeros(2000)
    return lambda: rn.phase_attention(q, q, q, phases, phases)


@pytest.mark.parametrize("make", [coherence_of_many, attention_of_many])
def test_long_calls_let_other_threads_go_on(make: Callable[[], Callable[[], object]]) -> None:
    """A thread that sleeps a millisecond at a time gets on within a call.

    Were the GIL held, it could wake once as the call begins and once as it ends.
    """
    call, naps, stop = make(), 0, threading.Event()
    rn.set_num_threads(1)  # so that it takes a while

    def nap() -> None:
        nonlocal naps
        while not stop.wait(0.001):
            naps += 1

    napper = threading.Thread(target=nap, daemon=True)
    napper.start()
    most = 0
    try:
        for _ in range(20):
            before = naps
            call()
            most = max(most, naps - before)
            if most > 4:
                break
    finally:
        stop.set()
        napper.join(PATIENCE)
    assert most > 4


FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")

# Newer Pythons warn where a process with threads forks; that this works is what is tested.
CHILD = """
import os, signal, sys, threading, time, warnings
import numpy as np
import resonance_native as rn

warnings.filterwarnings("ignore", category=DeprecationWarning)


def in_child(work):
    '''What `work` returns in a forked child, as bytes; a hang is killed.'''
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(write, work())
        finally:
            os._exit(0)
    os.close(write)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if os.waitpid(child, os.WNOHANG)[0] == child:
            return os.read(read, 10**6)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return b"hung"


def make(seed=0):
    return rn.ResonanceNetwork(150, seed=seed, coupling=0.01, gain=0.2, threads=2)


def result(net):
    net.run(0.5, 20)
    return net.phases.tobytes() + net.amplitudes.tobytes()

"""


@FORK
def test_a_forked_child_computes_the_same_bits() -> None:
    code = """
    net = make()
    net.run(0.5, 50)  # a parallel region before the fork
    assert net.threads == 2
    in_children = [in_child(lambda: result(net)), in_child(lambda: in_child(lambda: result(net)))]
    rn.set_num_threads(2)
    kernels = in_child(lambda: rn.kernels.coherence(np.zeros(600))[0, 0].tobytes())
    fresh = in_child(lambda: result(make(1)))
    here = result(net)
    print(in_children == [here, here], kernels == np.float64(1).tobytes(), fresh == result(make(1)))
    """
    assert output_of(CHILD + textwrap.dedent(code)) == "True True True"


@FORK
def test_a_fork_in_the_middle_of_another_thread_s_run() -> None:
    """The child can't know where that network was: it says so, instead of waiting for ever. Others compute."""
    code = """
    busy = make()
    worker = threading.Thread(target=busy.run, args=(0.5, 10**9), daemon=True)
    worker.start()
    while busy.step_count < 10:
        time.sleep(0.001)

    def use_busy():
        try:
            busy.update(0.5)
        except RuntimeError as error:
            return str(error).encode()
        return b"no error"

    said = in_child(use_busy)
    fresh = in_child(lambda: result(make(1)))
    print(b"fork" in said, fresh == result(make(1)), flush=True)
    os._exit(0)
    """
    assert output_of(CHILD + textwrap.dedent(code)) == "True True"
