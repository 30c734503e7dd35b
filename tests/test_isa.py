"""Instruction sets, and what importing the package takes."""

from __future__ import annotations

import platform

import numpy as np
import pytest
from scripts import output_of, run_script

import resonance_native as rn

NAMES = ("baseline", "neon", "avx2", "avx512")


def test_available() -> None:
    available = rn.available_isas()
    assert available[0] == "baseline"
    assert set(available) <= set(NAMES)
    assert rn.isa() in available
    if platform.machine() in ("aarch64", "arm64"):
        assert available == ("baseline", "neon")


def test_the_best_is_the_default() -> None:
    name = output_of("import resonance_native as rn; print(rn.isa())", environment={"RESONANCE_ISA": ""})
    assert name == rn.available_isas()[-1]


@pytest.mark.parametrize("name", rn.available_isas())
def test_the_environment_forces_one(name: str) -> None:
    code = "import resonance_native as rn; rn.ResonanceNetwork(9, seed=0).update(); print(rn.isa())"
    assert output_of(code, environment={"RESONANCE_ISA": name}) == name


@pytest.mark.parametrize(
    "name", ["sse9", "AVX2", "avx2 ", *(name for name in NAMES if name not in rn.available_isas())]
)
def test_what_this_machine_lacks_is_an_import_error(name: str) -> None:
    result = run_script("import resonance_native", environment={"RESONANCE_ISA": name})
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError")
    assert "RESONANCE_ISA" in last
    assert repr(name) in last
    assert all(available in last for available in rn.available_isas())


def test_use_isa_is_undone() -> None:
    before = rn.isa()
    for name in rn.available_isas():
        with rn.use_isa(name):
            assert rn.isa() == name
            with rn.use_isa("baseline"):
                assert rn.isa() == "baseline"
            assert rn.isa() == name
        assert rn.isa() == before
        with pytest.raises(ZeroDivisionError), rn.use_isa(name):
            _ = 1 / 0
        assert rn.isa() == before


@pytest.mark.skipif("neon" in rn.available_isas(), reason="baseline and NEON may be the same instructions")
def test_use_isa_decides_what_computes() -> None:
    """Instruction sets round differently somewhere in a long sum; the same one never does."""
    rng = np.random.default_rng(0)
    weights, phases = rng.normal(0, 1, (300, 300)).astype("f4"), rng.uniform(0, 6, 300)
    results = {}
    for name in rn.available_isas():
        with rn.use_isa(name):
            results[name] = rn.kernels.resonance(weights, phases).tobytes()
            assert rn.kernels.resonance(weights, phases).tobytes() == results[name]
    assert len(set(results.values())) == len(results)


def test_show_config(capsys: pytest.CaptureFixture[str]) -> None:
    config = rn.show_config("dicts")
    assert config is not None
    assert config["version"] == rn.__version__
    assert config["isa"] == rn.isa()
    assert tuple(config["available_isas"]) == rn.available_isas()
    assert config["threads"] == rn.get_num_threads()
    assert rn.show_config() is None
    printed = capsys.readouterr().out
    for key in config:
        assert key in printed
    assert rn.isa() in printed
    with pytest.raises(ValueError, match="mode"):
        rn.show_config("yaml")  # type: ignore[arg-type]


# A finder that lets nothing in but the standard library, NumPy and the package.
NUMPY_ALONE = """
import sys


class Nothing:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in ("numpy", "resonance_native"):
            raise ModuleNotFoundError(f"{name} is hidden", name=name)


sys.meta_path.insert(0, Nothing())
"""


def test_the_package_needs_numpy_alone() -> None:
    code = """
import resonance_native as rn
net = rn.ResonanceNetwork(20, seed=0, coupling=0.1)
net.run(0.5, 5)
rn.reference.ResonanceNetwork(3).update()
rn.kernels.coherence([0.0, 1.0])
rn.learning_rates(1.0, 0.01)
rn.show_config("dicts")
print(net.copy().step_count)
"""
    assert output_of(NUMPY_ALONE + code) == "5"


def test_import_is_light() -> None:
    """Nothing of the extras, nor of the standard library's heavy parts, is loaded with the package."""
    code = """
import sys
import numpy
before = set(sys.modules)
import resonance_native
new = {name for name in set(sys.modules) - before if not name.startswith("resonance_native")}
tops = {name.partition(".")[0] for name in new}
print(sorted(tops - sys.stdlib_module_names - {"numpy"}))
print(sorted(tops & {"asyncio", "concurrent", "multiprocessing", "subprocess", "unittest", "http", "email", "ssl"}))
own = [name for name in sys.modules if name.startswith("resonance_native.")]
print([name for name in own if "cli" in name or "demo" in name])
print(len(new) < 60, sorted(new))
"""
    third_party, heavy, commands, few = output_of(code).splitlines()
    assert third_party == "[]"
    assert heavy == "[]"
    assert commands == "[]"
    assert few.startswith("True"), few
