"""The benchmark suite: what takes part is the model, what is written, what is refused. Never how fast anything is."""

import itertools
import json
import subprocess
import sys

import numpy as np
import pytest

import resonance_native as rn
from resonance_native import cli_bench, reference
from resonance_native.bench import allotment, ceilings, cell, interleaved, picture, suite, table
from resonance_native.bench.cases import Case, Setting, Start
from resonance_native.bench.ceilings import CEILINGS
from resonance_native.bench.contenders import MissingError, Source
from resonance_native.bench.native_steps import NATIVE
from resonance_native.bench.numpy_steps import NUMPY

QUICK = ("bench", "--sizes", "8,24", "--turns", "3", "--threads", "1,2")
EFFORT = cell.Effort(turns=3, lap=1e-4, warm_up=1e-4, rest=0.0)
KEYS = [contender.key for contender in (*NUMPY, *NATIVE, *CEILINGS)]


@pytest.fixture
def light(monkeypatch):
    """The command's plan with laps of no length."""
    plan = cli_bench._plan
    monkeypatch.setattr(cli_bench, "_plan", lambda *options: _with_effort(plan(*options)))


def _with_effort(plan):
    return suite.Plan(**{**plan.__dict__, "effort": EFFORT})


def plan_of(**keywords):
    defaults = {"sizes": (6,), "dtypes": ("float64",), "threads": (1,), "gains": ("living",), "effort": EFFORT}
    return suite.Plan(**{**defaults, "cell_seconds": 60.0, "seconds": None, **keywords})


# --- who takes part


@pytest.mark.parametrize("contender", [*NUMPY, *NATIVE], ids=lambda contender: contender.key)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-11), ("float32", 2e-3)])
@pytest.mark.parametrize("gain", ["living", "default"])
@pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")
def test_contenders_take_the_steps_of_the_reference(contender, dtype, tolerance, gain):
    n = 21
    case = Case(Setting(n, dtype, 1, gain), Start(n))
    before = case.weights.copy()
    trial = contender.begin(case)
    trial.advance()
    trial.restart()
    trial.advance()
    coupling = 1 / n if contender.key == "native-run-coupled" else 0.0
    expected = reference.ResonanceNetwork.from_state(
        case.phases, case.frequencies, np.ones(n), case.weights, gain=case.gain, coupling=coupling
    )
    if contender.key == "native-run-rows":
        expected.run(case.rows[: trial.steps], dt=case.dt)
    else:
        expected.run(case.held, trial.steps, case.dt)
    phases, amplitudes, weights = trial.state()
    assert weights.dtype == amplitudes.dtype == dtype
    assert np.abs(weights - expected.weights).max() < tolerance * max(1, np.abs(expected.weights).max())
    assert np.abs(amplitudes - expected.amplitudes).max() < tolerance
    assert np.abs(np.exp(1j * phases) - np.exp(1j * expected.phases)).max() < tolerance
    np.testing.assert_array_equal(case.weights, before)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("threads", [1, 2])
def test_ceilings_do_what_they_say(dtype, threads):
    from resonance_native import _core

    array = np.arange(3000, dtype=dtype).reshape(50, 60)
    assert _core.total(array, threads) == pytest.approx(array.sum(dtype=float), rel=1e-6)
    rounds = _core.multiply_add(1000, dtype == "float32", 1)
    assert rounds > 0
    assert _core.multiply_add(3000, dtype == "float32", threads) == 3 * threads * rounds
    case = Case(Setting(9, dtype, threads, "living"), Start(9))
    for ceiling in CEILINGS:
        trial = ceiling.begin(case)
        trial.advance()
        trial.restart()
        assert trial.steps > 0
        assert trial.state() is None
    np.testing.assert_array_equal(case.yardstick, 1)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("n", [9, 600])
def test_ceilings_use_as_many_threads_as_a_network(dtype, n):
    rn.set_num_threads(2)
    used = rn.ResonanceNetwork(n, dtype=dtype).threads
    assert used == (1 if n == 9 else 2)
    assert ceilings.threads_for(Case(Setting(n, dtype, 2, "living"), Start(n))) == used


# --- what is written


def check_results(data, sizes, dtypes, threads, gains):
    assert data["format"] == 1
    machine = data["machine"]
    for name in ("date", "processor", "cores", "memory_bytes", "system", "python", "numpy", "environment"):
        assert name in machine
    assert machine["library"]["isa"]
    assert set(machine["blas"]) >= {"name", "architecture", "threads"}
    assert set(data["contenders"]) >= set(KEYS)
    grid = [(c["n"], c["dtype"], c["gain"], c["threads"]) for c in data["cells"]]
    assert grid == list(itertools.product(sizes, dtypes, gains, threads))
    for each in data["cells"]:
        assert set(each["times"]) | set(each["skipped"]) == set(data["contenders"])
        for key, times in each["times"].items():
            assert 0 < times["low"] <= times["median"] <= times["high"]
            assert times["calls_per_lap"] >= 1
            assert times["steps_per_call"] > 0
            laps = [lap for lap in times["laps"] if lap is not None]
            assert np.median(laps) == pytest.approx(times["median"], rel=1e-4)
            for yardstick, ratios in each["ratios"].items():
                if key != yardstick:
                    assert 0 < ratios[key]["low"] <= ratios[key]["median"] <= ratios[key]["high"]


@pytest.mark.usefixtures("light")
def test_command_writes_table_json_and_picture(command, tmp_path):
    code, out, err = command(*QUICK, "--gain", "both", "--out", tmp_path)
    assert (code, err) == (0, "")
    for contender in (*NUMPY, *NATIVE, *CEILINGS):
        assert contender.label in out
    for words in ("float64, 1 thread, gain 30/n", "float32, 2 threads, gain 1", "µs", "resonance-bench.json"):
        assert words in out
    assert "missing" not in out
    data = json.loads((tmp_path / "resonance-bench.json").read_text("utf-8"))
    check_results(data, [8, 24], ["float64", "float32"], [1, 2], ["living", "default"])
    assert all(not each["skipped"] and set(each["times"]) == set(KEYS) for each in data["cells"])
    assert (tmp_path / "resonance-bench.png").read_bytes().startswith(b"\x89PNG")
    assert len(list(tmp_path.iterdir())) == 2


def test_missing_sources_and_contenders_are_named(capsys):
    def nobody():
        raise MissingError("not installed (pip install nobody)")

    def refuse(_):
        raise MissingError("no such machine")

    shy = type(NUMPY[0])("shy", "a shy one", "peer", refuse, 1.0)
    results = suite.run_suite(plan_of(), [Source("nobody", nobody), Source("shy", lambda: [shy])])
    results.machine["load_average"] = [0.1, 0.1, 0.1]
    table.show(results)
    out = capsys.readouterr().out
    assert "busy" not in out
    assert "nobody" in out
    assert "nobody is missing: not installed (pip install nobody)" in out
    assert "skipped: a shy one at n = 6, float64, 1 thread: no such machine" in out
    assert results.as_dict()["absent"] == {"nobody": "not installed (pip install nobody)"}
    assert results.cells[0].skipped == {"shy": "no such machine"}


def test_without_memory_or_time_contenders_are_skipped_and_the_picture_is_drawn(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(cell, "available_bytes", lambda: 1000)
    results = suite.run_suite(plan_of())
    assert set(results.cells[0].skipped) == {"numpy-published"}
    monkeypatch.undo()
    results = suite.run_suite(plan_of(sizes=(4, 5), cell_seconds=0.0))
    assert all(set(each.skipped) == set(KEYS) for each in results.cells)
    table.show(results)
    assert "longer than there was" in capsys.readouterr().out
    picture.draw(results, tmp_path / "nothing.png")
    assert (tmp_path / "nothing.png").exists()


@pytest.mark.parametrize(("load", "told"), [([2.0, 1.0, 0.5], True), ([0.2, 3.0, 3.0], False), (None, False)])
def test_a_busy_machine_is_told(load, told, capsys):
    results = suite.run_suite(plan_of())
    results.machine["load_average"] = load
    table.show(results)
    assert ("the machine was busy at the start (load 2.0)" in capsys.readouterr().out) == told


def test_threads_of_the_process_are_left_as_they_were():
    import threadpoolctl

    rn.set_num_threads(2)
    before = threadpoolctl.threadpool_info()
    suite.run_suite(plan_of())
    assert threadpoolctl.threadpool_info() == before
    assert rn.get_num_threads() == 2


# --- what is refused


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("sizes", "many"), ("sizes", ""), ("sizes", "0"), ("sizes", "16,-2"), ("sizes", "1.5"), ("sizes", "999999999"),
        ("dtype", "float16"), ("gain", "dead"), ("threads", "0"), ("threads", "two"), ("turns", "0"), ("turns", "few"),
    ],
)  # fmt: skip
def test_bad_option_is_one_line_and_exit_code_2(option, value, command, tmp_path):
    code, out, err = command("bench", f"--{option}", value, "--out", tmp_path)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("resonance-native: error: ")
    assert f"--{option}" in err
    assert not list(tmp_path.iterdir())


def test_output_that_cannot_be_written_is_refused_before_anything_is_measured(command, tmp_path, monkeypatch):
    monkeypatch.delattr(suite, "run_suite")
    (tmp_path / "file").touch()
    (tmp_path / "taken" / "resonance-bench.png").mkdir(parents=True)
    for where, words in (("none", "does not exist"), ("file", "does not exist"), ("taken", "is a directory")):
        code, out, err = command(*QUICK, "--out", tmp_path / where)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert words in err


def test_sizes_beyond_memory_are_refused(command, tmp_path, monkeypatch):
    from resonance_native import memory

    monkeypatch.setattr(memory, "available_bytes", lambda: 10_000)
    code, out, err = command("bench", "--sizes", "20,60", "--out", tmp_path)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "--sizes 60: the initial state would take" in err


@pytest.mark.parametrize("name", ["matplotlib", "rich", "threadpoolctl"])
def test_without_the_bench_extra_one_line_says_what_to_install(name, command, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    code, _, err = command("bench")
    assert code == 2
    assert err == f'resonance-native: error: bench needs {name}; try: pip install "resonance-native[bench]"\n'


def test_the_package_needs_numpy_alone():
    code = "import sys, resonance_native; print({name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for name in ("matplotlib", "typer", "tqdm", "rich", "threadpoolctl", "numba", "torch", "jax"):
        assert f"'{name}'" not in loaded


# --- time and turns


def test_turns_are_taken_in_order_and_ratios_within_a_turn():
    calls = []
    laps = interleaved.take_turns(
        {
            "every": interleaved.Contestant(lambda: calls.append("every")),
            "some": interleaved.Contestant(lambda: calls.append("some"), calls=2, turns=3, expected=1.0),
        },
        turns=7,
    )
    assert calls.count("every") == 8  # one uncounted
    assert calls.count("some") == 6
    assert np.isfinite(laps.seconds["every"]).all()
    taken = np.flatnonzero(np.isfinite(laps.seconds["some"]))
    assert len(taken) == 3
    assert np.ptp(taken) >= 3  # spread over the run
    ratio = interleaved.Laps({"slow": [2.0, np.nan, 9.0], "fast": [1.0, 1.0, 3.0]}).ratio("slow", "fast")
    assert (ratio.low, ratio.median, ratio.high) == (2.25, 2.5, 2.75)


def test_who_takes_fewer_turns_shares_them_with_who_takes_more():
    def taken(turns):
        lap = {"one": interleaved.Contestant(lambda: None, turns=turns, expected=1.0)}
        return set(np.flatnonzero(np.isfinite(interleaved.take_turns(lap, turns=11).seconds["one"])))

    for fewer, more in itertools.pairwise(range(1, 12)):
        assert taken(fewer) < taken(more)


def test_time_is_shared():
    assert allotment.allot({"a": 1.0, "b": 2.0}, 1000.0, 5) == {"a": 5, "b": 5}
    assert allotment.allot({"a": 1.0, "b": 100.0}, 20.0, 5) == {"a": 5}
    assert allotment.allot({"a": 1.0, "b": 100.0}, 301.0, 5, wanted=["b"]) == {"b": 3}
    assert allotment.allot({"a": 1.0, "b": 2.0}, 15.0, 5) == {"a": 5, "b": 5}
    assert allotment.allot({"a": 1.0, "b": 2.0}, 13.0, 5) == {"a": 5, "b": 4}
    assert allotment.allot({"a": 1.0}, 0.0, 5) == {}


def test_the_clock_gives_what_is_left(monkeypatch):
    now = 100.0
    monkeypatch.setattr(allotment.time, "monotonic", lambda: now)
    clock = allotment.Clock([1, 1, 2], 60.0, 40.0)
    assert clock.next_cell() == 10.0
    now = 104.0
    assert clock.next_cell() == 12.0
    clock.exclude(4.0)
    assert clock.next_cell() == 40.0
    assert allotment.Clock([1], 60.0, None).next_cell() == 60.0


def test_labels_are_spread_out():
    heights = picture.spread_out(np.array([0.0, 0.5, 0.5, 0.51, 0.9]), 0.1)
    assert np.diff(heights).min() >= 0.1 - 1e-12
    assert heights[0] == 0.0
    assert heights[-1] == pytest.approx(0.9)
    assert np.mean(heights[1:4]) == pytest.approx(np.mean([0.5, 0.5, 0.51]))
    np.testing.assert_allclose(picture.spread_out(np.array([0.9, 0.97, 1.0]), 0.1), [0.8, 0.9, 1.0])
    np.testing.assert_allclose(picture.spread_out(np.array([-0.2, 0.0, 0.05]), 0.1), [0.0, 0.1, 0.2])
    np.testing.assert_allclose(picture.spread_out(np.full(5, 0.4), 0.3), [0, 0.25, 0.5, 0.75, 1.0])
    assert len(picture.spread_out(np.array([]), 0.1)) == 0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(2.5, "2.50 s"), (0.0123, "12.3 ms"), (0.9999, "1.00 s"), (345e-6, "345 µs"), (7e-9, "7.00 ns")],
)
def test_durations(seconds, text):
    assert table.duration(seconds) == text
