"""Processes: forked, spawned and from a fork server; pools of others; and how processes end."""

from __future__ import annotations

import asyncio
import functools
import multiprocessing
import os
import textwrap
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from scripts import output_of, output_of_example, run_script

import resonance_native as rn

# Newer Pythons warn where a process with threads forks; that this works is what is tested.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

PATIENCE = 120  # seconds until a hang is called one


def make(seed: int = 0) -> rn.ResonanceNetwork:
    """Large enough for a parallel region in every step."""
    return rn.ResonanceNetwork(550, seed=seed, coupling=0.001, gain=0.02, amplitude_floor=0.1, threads=2)


def result(net: rn.ResonanceNetwork) -> bytes:
    net.run(0.5, 10)
    return net.phases.tobytes() + net.amplitudes.tobytes()


@functools.cache
def wanted() -> list[bytes]:
    """What networks come to here, in parallel regions of this process: what forks have to live with."""
    return [result(make(seed)) for seed in range(3)]


def result_of_copy(net: rn.ResonanceNetwork) -> bytes:
    return result(net.copy())


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_pools_of_every_start_method(method: str) -> None:
    expected, nets = wanted(), [make(seed) for seed in range(3)]
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map_async(result, nets).get(PATIENCE) == expected


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_has_the_networks_of_its_parent() -> None:
    expected, nets = wanted(), [make(seed) for seed in range(3)]
    context = multiprocessing.get_context("fork")
    found = context.SimpleQueue()

    def work() -> None:
        found.put([result(net) for net in nets])  # they came with the memory

    child = context.Process(target=work)
    child.start()
    assert found.get() == expected
    child.join(PATIENCE)
    assert child.exitcode == 0
    assert [net.step_count for net in nets] == [0, 0, 0]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_forks_by_a_thread_while_others_compute() -> None:
    """Of several teams of threads at work, none is there in the child."""
    expected, stop = wanted(), threading.Event()

    def compute(net: rn.ResonanceNetwork) -> None:
        while not stop.is_set():
            net.run(0.5, 3)

    busy = [threading.Thread(target=compute, args=(make(5 + k),), daemon=True) for k in range(2)]
    for thread in busy:
        thread.start()
    try:
        with ThreadPoolExecutor(1) as executor:
            for seed in range(3):
                with multiprocessing.get_context("fork").Pool(1) as pool:
                    child = executor.submit(pool.apply, result, (make(seed),))
                    assert child.result(PATIENCE) == expected[seed]
    finally:
        stop.set()
        for thread in busy:
            thread.join(PATIENCE)


def test_executors_and_asyncio() -> None:
    expected, nets = wanted(), [make(seed) for seed in range(3)]
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(result_of_copy, nets, timeout=PATIENCE)) == expected
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as processes:
        assert list(processes.map(result, nets, timeout=PATIENCE)) == expected

    async def together() -> list[bytes]:
        return await asyncio.gather(*(asyncio.to_thread(result_of_copy, net) for net in nets))

    assert asyncio.run(together()) == expected


@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_joblib(backend: str) -> None:
    joblib = pytest.importorskip("joblib")
    expected, nets = wanted(), [make(seed) for seed in range(3)]
    with joblib.parallel_config(backend=backend, n_jobs=2):
        found = joblib.Parallel(timeout=PATIENCE)(joblib.delayed(result_of_copy)(net) for net in nets)
    assert list(found) == expected


def test_joblib_tells_its_processes_how_many_threads_to_use() -> None:
    joblib = pytest.importorskip("joblib")
    with joblib.parallel_config(backend="loky", n_jobs=2, inner_max_num_threads=1):
        assert joblib.Parallel()(joblib.delayed(rn.get_num_threads)() for _ in range(2)) == [1, 1]


BITS = """
import hashlib
import numpy as np
import resonance_native as rn

net = rn.ResonanceNetwork(550, seed=1, gain=0.05, threads=2)
net.run(np.linspace(-1, 1, 550), 60)
net.update(0.1)
ensemble = rn.ResonanceEnsemble(3, 40, seed=1, gain=0.3, threads=2)
ensemble.run(0.2, 30)
q = np.random.default_rng(0).standard_normal((4, 200, 32))
out = rn.phase_attention(q, q, q, np.zeros(200), np.zeros(200))
arrays = net.weights, ensemble.weights, out
print(hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest())
"""


@pytest.mark.parametrize(
    "environment",
    [
        {"OMP_NUM_THREADS": "1"},
        {"OMP_NUM_THREADS": "5"},
        {"OMP_THREAD_LIMIT": "1"},
        {"OMP_DYNAMIC": "true"},
        {"OMP_NUM_THREADS": "2,2", "OMP_MAX_ACTIVE_LEVELS": "2"},
        {"OMP_WAIT_POLICY": "passive"},
    ],
    ids=lambda environment: " ".join(f"{name}={value}" for name, value in environment.items()),
)
def test_openmp_s_environment_changes_no_bit(environment: dict[str, str], bits_here: str) -> None:
    assert output_of(BITS, environment=environment) == bits_here


@pytest.fixture(scope="module")
def bits_here() -> str:
    return output_of(BITS)


ENDINGS: dict[str, str] = {
    "a run": "net.run(0.1, 10**10)",
    "a run with a callback": "net.run(0.1, 10**10, callback=rn.every(1, lambda net: None))",
    "an ensemble": "rn.ResonanceEnsemble(50, 60, seed=0).run(0.1, 10**10)",
    "single steps": "[net.update(0.1) for _ in range(10**9)]",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_process_ends_with_a_daemon_thread_in(ending: str) -> None:
    """Python ends such threads where they ask for the GIL, which C++ does not survive by itself."""
    code = f"""
    import threading, time, warnings
    import resonance_native as rn

    net = rn.ResonanceNetwork(50, seed=0, gain=0.1, coupling=0.1)
    threading.Thread(target=lambda: {ENDINGS[ending]}, daemon=True).start()
    time.sleep(0.2)
    print("end")
    """
    done = run_script(code)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "end", "")


def sub_interpreters() -> Any:
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            return __import__(name)
        except ImportError:
            continue
    pytest.skip("no sub-interpreters")


@pytest.mark.parametrize("first", ["", "import resonance_native"])
def test_a_sub_interpreter_is_told_that_it_can_t(first: str) -> None:
    """By the library, or by NumPy, which is imported before it."""
    name = sub_interpreters().__name__
    code = f"""
    import {name} as interpreters, sys, warnings

    {first}
    other = interpreters.create()
    interpreters.run_string(other, '''
    import warnings
    warnings.simplefilter("ignore")  # NumPy's
    try:
        import resonance_native
        print("imported")
    except ImportError as error:
        print("ImportError:", error)
    ''')
    interpreters.destroy(other)  # or what it printed would keep the process, which has NumPy's threads, from ending
    """
    code = textwrap.dedent(code).replace("'''\n    ", "'''\n")
    assert output_of(code).startswith("ImportError: ")


def test_the_example_of_the_page(tmp_path: Path) -> None:
    pytest.importorskip("joblib")
    assert output_of_example(tmp_path, "concurrency.md", "joblib") == "(8, 100)\n"


def in_child_of_a_callback(work: Callable[[], object]) -> int:
    """The exit code of a forked child that calls ``work``."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_fork_within_a_callback() -> None:
    """The network is in the middle of a call in the child, and says so; others compute."""
    net, codes = make(), []

    def use_net() -> None:
        with pytest.raises(RuntimeError, match="forked"):
            net.update()

    def look(_net: rn.ResonanceNetwork) -> None:
        codes.append(in_child_of_a_callback(use_net))
        codes.append(in_child_of_a_callback(lambda: result(make(1))))

    net.run(0.5, 4, callback=rn.every(2, look))
    assert codes == [0, 0, 0, 0]
    assert net.step_count == 4
