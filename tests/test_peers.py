"""Each peer of the benchmark takes the steps of the reference, where its package is installed."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("threadpoolctl")
from resonance_native import reference
from resonance_native.bench.cases import Case, Setting, Start
from resonance_native.bench.contenders import MissingError

KEYS = {
    "numba": ("numba-literal", "numba-rank2"),
    "torch": ("torch-eager-literal", "torch-eager-rank2", "torch-compile-literal", "torch-compile-rank2"),
    "jax": ("jax-literal", "jax-rank2", "jax-rank2-loop"),
}
N = 37


def the_contenders(package):
    pytest.importorskip(package)
    module = importlib.import_module(f"bench.peers.{package}_peer")
    return {contender.key: contender for contender in module.contenders()}


@pytest.mark.filterwarnings("default")  # those of the packages are not ours
@pytest.mark.parametrize(("package", "key"), [(package, key) for package, keys in KEYS.items() for key in keys])
def test_peer_takes_the_steps_of_the_reference(package, key):
    contender = the_contenders(package)[key]
    case = Case(Setting(N, "float64", len(os.sched_getaffinity(0)), "living"), Start(N))
    try:
        trial = contender.begin(case)
    except MissingError as error:
        pytest.skip(str(error))
    expected = reference.ResonanceNetwork.from_state(
        case.phases, case.frequencies, np.ones(N), case.weights, gain=case.gain
    )
    for _ in range(2):  # restarted in between
        trial.restart()
        for _ in range(20):
            trial.advance()
    expected.run(case.held, 20 * trial.steps, case.dt)
    phases, amplitudes, weights = trial.state()
    assert np.abs(weights - expected.weights).max() < 1e-9 * np.abs(expected.weights).max()
    assert np.abs(amplitudes - expected.amplitudes).max() < 1e-9
    assert np.abs(np.exp(1j * phases) - np.exp(1j * expected.phases)).max() < 1e-9


def test_every_peer_is_checked():
    for package, keys in KEYS.items():
        if importlib.util.find_spec(package):
            assert tuple(the_contenders(package)) == keys


def test_peers_run_the_same_command(tmp_path):
    command = [sys.executable, "-m", "bench.peers", "--sizes", "0", "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=Path(__file__).resolve().parents[1], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("resonance-native: error: --sizes")
