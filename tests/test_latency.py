"""The latency bench: what it counts, what it writes, what it refuses. Never how fast anything is."""

import itertools
import json
import subprocess
import sys

import numpy as np
import pytest

from resonance_native import _core, cli_latency, reference
from resonance_native.latency import laps, picture, program, results, suite, table
from resonance_native.latency.program import ProgramError, run_program

try:
    program.program()
except ProgramError as error:
    if sys.platform == "linux":  # every build has it there
        raise
    pytest.skip(str(error), allow_module_level=True)

SHORT = ("--seconds", "0.05", "--back-to-back", "200")


def check_histogram(histogram, count):
    assert histogram["count"] == count
    quantiles = [histogram[name] for name in ("min_ns", "p50_ns", "p99_ns", "p99.9_ns", "max_ns")]
    assert quantiles == sorted(quantiles)
    buckets = histogram["buckets"]
    assert sum(bucket[2] for bucket in buckets) == count
    assert all(low <= high and number > 0 for low, high, number in buckets)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(buckets))
    assert buckets[0][0] <= histogram["min_ns"] <= buckets[0][1]
    assert buckets[-1][0] <= histogram["max_ns"] <= buckets[-1][1]


def check_network(network, n, ticks, back_to_back):
    assert network["n"] == n
    assert 0.01 < network["largest_amplitude"] <= 1
    check_histogram(network["back_to_back"], back_to_back)
    assert network["back_to_back"]["min_ns"] > 0
    periodic = network["periodic"]
    served = ticks - periodic["missed_ticks"]
    assert served > 0
    certain = 300 + back_to_back + served  # of the 300 ticks before the loop some may be missed
    assert certain < network["steps"] <= certain + 300
    check_histogram(periodic["update"], served)
    check_histogram(periodic["wake_up"], served)
    assert periodic["update"]["min_ns"] > 0
    assert periodic["involuntary_switches"] >= 0
    if network["locked_memory"]["granted"]:
        assert periodic["major_faults"] == 0
    assert network["locked_memory"]["granted"] == (network["locked_memory"]["reason"] == "")


# --- the program


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("coupling", ["0", "0.01"])
def test_program_counts_every_tick(dtype, coupling):
    found = run_program(["--nodes", "16,33", "--dtype", dtype, "--coupling", coupling, *SHORT])
    machine = found["machine"]
    assert machine["version"] == _core.__version__
    assert machine["isa"] in ("avx512", "avx2", "neon", "baseline")
    assert machine["cores"] >= 1
    assert machine["clock_cost_ns"] >= 0
    assert machine["sched_fifo"]["granted"] == (machine["sched_fifo"]["reason"] == "")
    assert found["settings"] == {
        "dtype": dtype, "seconds": 0.05, "period_us": 1000, "back_to_back": 200, "warm_up": 300,
        "coupling": float(coupling), "threads": 1, "ordinary": False,
    }  # fmt: skip
    assert [network["n"] for network in found["networks"]] == [16, 33]
    for network in found["networks"]:
        check_network(network, network["n"], 50, 200)


def test_ticks_that_come_too_soon_are_missed():
    (network,) = run_program(["--nodes", "256", "--seconds", "0.01", "--period-us", "1"])["networks"]
    check_network(network, 256, 10000, 20000)
    # In 1 µs no machine updates 65,536 weights: each update covers some ticks.
    assert network["periodic"]["missed_ticks"] > 5000


def test_what_is_not_wanted_is_left_out():
    (network,) = run_program(["--nodes", "5", "--seconds", "0"])["networks"]
    assert "periodic" not in network
    (network,) = run_program(["--nodes", "5", "--seconds", "0.01", "--back-to-back", "0"])["networks"]
    assert "back_to_back" not in network
    assert network["periodic"]["update"]["count"] > 0


def test_an_ordinary_process_asks_for_nothing():
    found = run_program(["--ordinary", *SHORT])
    refused = {"granted": False, "reason": "not asked for"}
    assert found["machine"]["sched_fifo"] == found["networks"][0]["locked_memory"] == refused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--nodes", "16,x"], "--nodes must be whole numbers from 1 to 65536, with commas between them, got '16,x'"),
        (["--nodes", "0"], "--nodes must be .*, got '0'"),
        (["--nodes", "16,"], "--nodes must be .*, got '16,'"),
        (["--nodes", "65537"], "--nodes must be .*, got '65537'"),
        (["--nodes"], "--nodes needs a value"),
        (["--dtype", "int8"], "--dtype must be float64 or float32, got 'int8'"),
        (["--seconds", "-1"], "--seconds must be a number from 0 to 86400, got '-1'"),
        (["--seconds", "nan"], "--seconds must be .*, got 'nan'"),
        (["--seconds", "1s"], "--seconds must be .*, got '1s'"),
        (["--seconds", ""], "--seconds must be .*, got ''"),
        (["--period-us", "0"], "--period-us must be a whole number from 1 to 100000, got '0'"),
        (["--back-to-back", "1.5"], "--back-to-back must be a whole number .*, got '1.5'"),
        (["--coupling", "inf"], "--coupling must be a number from -1e6 to 1e6, got 'inf'"),
        (["--fast"], "unknown argument '--fast'"),
        (["16"], "unknown argument '16'"),
    ],
)  # fmt: skip
def test_bad_arguments_are_one_line_and_exit_code_2(arguments, message):
    done = subprocess.run([program.program(), *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("resonance-latency: error: ")
    with pytest.raises(ProgramError, match=f"^resonance-latency: {message}$"):
        run_program(arguments)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process can't be held to so much memory")
def test_too_little_memory_is_said():
    import resource

    def hold_to_a_gibibyte():
        resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))

    done = subprocess.run(
        [program.program(), "--nodes", "8,16384", "--seconds", "0.01"],
        capture_output=True,
        text=True,
        preexec_fn=hold_to_a_gibibyte,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "resonance-latency: error: n = 16384: not enough memory\n"


def test_an_instruction_set_that_is_not_to_be_had_is_refused(monkeypatch):
    monkeypatch.setenv("RESONANCE_ISA", "abacus")
    with pytest.raises(ProgramError, match="RESONANCE_ISA"):
        run_program(SHORT)


def test_an_instruction_set_can_be_forced(monkeypatch):
    monkeypatch.setenv("RESONANCE_ISA", "baseline")
    assert run_program(SHORT)["machine"]["isa"] == "baseline"


# --- in Python


def test_a_missing_program_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(_core, "__file__", str(tmp_path / "_core.so"))
    with pytest.raises(ProgramError, match=r"bin.resonance-latency(\.exe)? is missing"):
        program.program()


def test_an_interrupted_program_is_ended(monkeypatch):
    begun = []
    popen = subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda *args, **keywords: begun.append(popen(*args, **keywords)) or begun[0]
    )
    monkeypatch.setattr(program, "WAIT", 0.01)

    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_program(["--seconds", "60"], interrupt)
    assert begun[0].returncode not in (None, 0)


def test_another_format_is_refused(monkeypatch):
    monkeypatch.setattr(program, "FORMAT", 999)
    with pytest.raises(ProgramError, match="format must be 999, got 1"):
        run_program(SHORT)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 1e-4)])
def test_laps_are_of_one_network(dtype, tolerance):
    native, plain, rows = laps.networks(laps.Subject(12, dtype, 0.05, 1e-3))
    assert isinstance(plain, reference.ResonanceNetwork)
    assert (native.dtype, native.threads, native.coupling, plain.coupling) == (np.dtype(dtype), 1, 0.05, 0.05)
    for row in rows[:100]:
        native.update(row, 1e-3)
        plain.update(row, 1e-3)
    assert np.abs(native.weights - plain.weights).max() < tolerance * np.abs(plain.weights).max()
    assert np.abs(native.amplitudes - plain.amplitudes).max() < tolerance


def test_laps_take_turns(monkeypatch):
    monkeypatch.setattr(laps, "LAP", 1e-4)
    waits = []
    found = laps.take_laps(laps.Subject(12, "float64", 0.05, 1e-3), 3, lambda: waits.append(1))
    assert {name: len(seconds) for name, seconds in found.seconds.items()} == {"cpp": 3, "python": 3, "numpy": 3}
    assert all((seconds > 0).all() for seconds in found.seconds.values())
    assert len(waits) == 9


@pytest.mark.parametrize(("seconds", "calls"), [(1e-9, 20000), (1e-4, 500), (10.0, 5), (0.0, 20000)])
def test_a_lap_has_as_many_calls_as_fit(seconds, calls):
    assert laps._calls(seconds) == calls


def test_shares_that_take_longer():
    histogram = {
        "count": 1000, "p50_ns": 10, "p99_ns": 11, "p99.9_ns": 257, "max_ns": 512,
        "buckets": [[10, 10, 900], [11, 11, 98], [256, 257, 1], [512, 515, 1]],
    }  # fmt: skip
    times, shares = results.Times(histogram).exceeded()
    np.testing.assert_allclose(times, [10e-9, 11e-9, 257e-9, 512e-9])
    np.testing.assert_allclose(shares, [0.1, 0.002, 0.001, 0], atol=1e-12)


# --- the command


@pytest.fixture
def light(monkeypatch):
    """Laps of no length."""
    monkeypatch.setattr(laps, "LAP", 1e-4)


@pytest.mark.usefixtures("light")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_command_writes_tables_json_and_picture(dtype, command, tmp_path):
    arguments = ("--nodes", "33,16", "--seconds", "0.05", "--quick", "--dtype", dtype, "--coupling", "0.01")
    code, out, err = command("latency", *arguments, "--out", tmp_path)
    assert (code, err) == (0, "")
    for words in (f"in a loop of 1 ms for 0.05 s, {dtype}, 1 thread", "p99.9 ÷ p50", "missed ticks", "NumPy ÷ C++"):
        assert words in out
    data = json.loads((tmp_path / "resonance-latency.json").read_text("utf-8"))
    assert data["format"] == 1
    assert data["settings"] == {
        "nodes": [16, 33], "seconds": 0.05, "dtype": dtype, "coupling": 0.01, "turns": 5, "period_us": 1000
    }  # fmt: skip
    assert set(data["machine"]["real_time"]) == {
        "kernel", "preempt_rt", "governor", "isolated_cores", "virtual_machine"
    }  # fmt: skip
    assert data["machine"]["processor"]
    assert data["program"]["isa"]
    assert len(data["networks"]) == 2
    for network, n in zip(data["networks"], (16, 33), strict=True):
        check_network(network, n, 50, 20000)
        medians, ratio = network["laps"]["p50_ns"], network["laps"]["numpy_over_cpp"]
        assert all(len(medians[name]) == 5 and min(medians[name]) > 0 for name in ("cpp", "python", "numpy"))
        expected = np.median(np.divide(medians["numpy"], medians["cpp"]))
        assert ratio["median"] == pytest.approx(expected, rel=0.02)  # medians are rounded to 1 ns
        assert 0 < ratio["low"] <= ratio["median"] <= ratio["high"]
    assert (tmp_path / "resonance-latency.png").read_bytes().startswith(b"\x89PNG")
    assert len(list(tmp_path.iterdir())) == 2


@pytest.fixture
def measured(monkeypatch):
    monkeypatch.setattr(laps, "LAP", 1e-4)
    return suite.measure(suite.Plan((4,), 0.01, "float64", 0.0, 3))


def test_what_is_not_granted_is_said(measured, capsys, tmp_path):
    network = measured.networks[0]
    measured.machine["load_average"] = [0.1, 0.1, 0.1]
    measured.program["sched_fifo"] = network.found["locked_memory"] = {"granted": True, "reason": ""}
    table.show(measured)
    out = capsys.readouterr().out
    assert "granted" not in out
    assert "busy" not in out
    measured.program["sched_fifo"] = {"granted": False, "reason": "Operation not permitted"}
    network.found["locked_memory"] = {"granted": False, "reason": "Cannot allocate memory"}
    measured.machine["load_average"] = [2.0, 0.1, 0.1]
    table.show(measured)
    out = capsys.readouterr().out
    assert "SCHED_FIFO was not granted (Operation not permitted): wake-up times are those of an ordinary" in out
    assert "locked memory was not granted at n = 4 (Cannot allocate memory)" in out
    assert "the machine was busy at the start (load 2.0)" in out
    picture.draw(measured, tmp_path / "refused.png")
    assert (tmp_path / "refused.png").exists()


@pytest.mark.usefixtures("light")
def test_progress_goes_from_start_to_end():
    steps = []
    suite.measure(suite.Plan((4, 5), 0.01, "float64", 0.0, 3), lambda share, what: steps.append((share, what)))
    shares = [share for share, _ in steps]
    assert shares == sorted(shares)
    assert (shares[0], steps[-1]) == (pytest.approx(0, abs=0.1), (1.0, "done"))
    assert any("n = 5" in what for _, what in steps)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("nodes", "many"), ("nodes", ""), ("nodes", "0"), ("nodes", "4097"), ("seconds", "0"), ("seconds", "nan"),
        ("seconds", "long"), ("seconds", "1e6"), ("dtype", "both"), ("coupling", "nan"), ("coupling", "1e7"),
        ("coupling", "strong"),
    ],
)  # fmt: skip
def test_bad_option_is_one_line_and_exit_code_2(option, value, command, tmp_path, monkeypatch):
    monkeypatch.setattr(suite, "measure", None)  # it is not come to
    code, out, err = command("latency", f"--{option}", value, "--out", tmp_path)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("resonance-native: error: ")
    assert f"--{option}" in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["resonance-latency.json", "resonance-latency.png"])
def test_files_that_cannot_be_written_are_refused_before_anything_runs(name, command, tmp_path, monkeypatch):
    monkeypatch.setattr(suite, "measure", None)
    (tmp_path / name).mkdir()
    code, out, err = command("latency", "--out", tmp_path)
    assert (code, out) == (2, "")
    assert f"{name}: is a directory" in err


def test_missing_packages_and_a_missing_program_are_named(command, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(cli_latency, "find_spec", lambda name: None if name == "rich" else name)
        code, _, err = command("latency", "--out", tmp_path)
        assert code == 2
        assert "latency needs rich; try: pip install" in err
    monkeypatch.setattr(_core, "__file__", str(tmp_path / "_core.so"))
    code, _, err = command("latency", "--out", tmp_path)
    assert code == 2
    assert "is missing" in err
