"""The command line: what it writes, what it refuses, and that it never shows a traceback for a wrong file."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import resonance_native as rn
from resonance_native import cli_run
from resonance_native.__main__ import main

STATE = ("phases", "frequencies", "amplitudes", "weights")


@pytest.fixture
def rows():
    return np.random.default_rng(7).normal(size=(40, 6))


@pytest.fixture
def source(tmp_path, rows):
    path = tmp_path / "rows.npy"
    np.save(path, rows)
    return path


def assert_refused(result, *words):
    code, out, err = result
    assert code == 2
    assert out == ""
    assert err.startswith("resonance-native: error: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    for word in words:
        assert word in err


# --- files that are no input


def write_text(text):
    return lambda path: path.write_text(text)


def write_array(array):
    return lambda path: np.save(path, array)


def write_objects(path):
    np.save(path, np.array([[1, "a"], [None, 2]], dtype=object), allow_pickle=True)


def write_truncated(path):
    np.save(path, np.zeros((50, 4)))
    path.write_bytes(path.read_bytes()[:-100])


def write_archive(path):
    with path.open("wb") as file:
        np.savez(file, rows=np.zeros((3, 2)))


BAD_FILES = {
    "missing npy": ("rows.npy", lambda _: None, "No such file"),
    "missing csv": ("rows.csv", lambda _: None, "not found|No such file"),
    "directory": ("rows.npy", Path.mkdir, "directory"),
    "wrong suffix": ("rows.txt", write_text("1,2\n"), "suffix must be .npy or .csv, got .txt"),
    "no suffix": ("rows", write_text("1,2\n"), "got none"),
    "csv of words": ("rows.csv", write_text("1,2\n3,four\n"), "line 2, column 2 must be a number, got 'four'"),
    "csv with a header": ("rows.csv", write_text("a,b\n3,4\n"), "line 1, column 1 must be a number, got 'a'"),
    "csv with a gap": ("rows.csv", write_text("1,2\n3,\n"), "line 2, column 2 must be a number, got ''"),
    "ragged csv": ("rows.csv", write_text("1,2\n# note\n3,4\n5\n"), "line 4 has 1 values where the lines before"),
    "empty csv": ("rows.csv", write_text(""), "T rows of n values"),
    "csv of comments": ("rows.csv", write_text("# a\n# b\n"), "T rows of n values"),
    "csv with nan": ("rows.csv", write_text("1,2\n3,nan\n"), "row 2, column 2 is nan"),
    "csv of bytes": ("rows.csv", lambda path: path.write_bytes(bytes(range(256))), "must be a number"),
    "npy with nan": ("rows.npy", write_array([[0.0, 1.0], [np.nan, 0.0]]), "row 2, column 1 is nan"),
    "npy with inf": ("rows.npy", write_array([[0.0, -np.inf]]), "row 1, column 2 is -inf"),
    "npy of rank 0": ("rows.npy", write_array(1.0), "got ()"),
    "npy of rank 1": ("rows.npy", write_array(np.zeros(3)), "got (3,)"),
    "npy of rank 3": ("rows.npy", write_array(np.zeros((2, 3, 4))), "got (2, 3, 4)"),
    "npy without rows": ("rows.npy", write_array(np.zeros((0, 3))), "got (0, 3)"),
    "npy without columns": ("rows.npy", write_array(np.zeros((3, 0))), "got (3, 0)"),
    "npy of complex": ("rows.npy", write_array(np.zeros((2, 2), complex)), "got dtype complex128"),
    "npy of strings": ("rows.npy", write_array(np.array([["1", "2"]])), "got dtype <U1"),
    "npy of objects": ("rows.npy", write_objects, "Object arrays"),
    "truncated npy": ("rows.npy", write_truncated, "not a .npy file of numbers"),
    "npz named npy": ("rows.npy", write_archive, "not a .npy file of numbers"),
    "empty npy": ("rows.npy", write_text(""), "not a .npy file of numbers"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_file_is_one_line_and_exit_code_2(case, command, tmp_path):
    name, write, words = BAD_FILES[case]
    path, out = tmp_path / name, tmp_path / "result.npz"
    write(path)
    result = command("run", path, "--out", out)
    assert_refused(result, str(path))
    assert any(word in result[2] for word in words.split("|"))
    assert not out.exists()


def test_objects_are_never_unpickled(command, tmp_path):
    class Bomb:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "exploded",))

    np.save(tmp_path / "rows.npy", np.array([[Bomb()]], dtype=object), allow_pickle=True)
    assert_refused(command("run", tmp_path / "rows.npy"))
    assert not (tmp_path / "exploded").exists()


# --- options and config


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("dt", "0"), ("dt", "-1"), ("dt", "nan"), ("dt", "inf"), ("dt", "fast"),
        ("hold", "0"), ("hold", "-2"), ("hold", "1.5"),
        ("seed", "-1"), ("threads", "0"), ("threads", "-3"), ("dtype", "int8"),
        ("coupling", "nan"), ("gain", "inf"), ("learning-rate", "nan"), ("decay", "1.5"), ("decay", "-0.1"),
    ],
)  # fmt: skip
def test_bad_option_is_one_line_and_exit_code_2(option, value, command, source, tmp_path):
    out = tmp_path / "result.npz"
    code, stdout, stderr = command("run", source, f"--{option}", value, "--out", out)
    assert_refused((code, stdout, stderr.replace("_", "-")), option)
    assert not out.exists()


@pytest.mark.parametrize(
    "arguments", [[], ["run"], ["walk"], ["run", "a.npy", "--speed", "1"], ["run", "a.npy", "b.npy"]]
)
def test_wrong_usage_is_one_line_and_exit_code_2(arguments, command):
    assert_refused(command(*arguments), "--help")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gain = ", "not a TOML file"),
        ("speed = 1", "unknown key speed; known are base_freq, freq_std, weight_std, learning_rate, decay, gain"),
        ("[network]\ngain = 1", "unknown key network"),
        ("n_nodes = 6", "n_nodes can't be set"),
        ('gain = "big"', "gain"),
        ("decay = 2.0", "decay"),
        ('dtype = "int32"', "dtype"),
        ("dt = 0.0", "dt"),
        ('dt = "short"', "dt"),
        ("hold = 2.5", "hold must be an integer"),
        ("hold = true", "hold must be an integer"),
        ("learn = 1", "learn must be true or false"),
    ],
)
def test_bad_config_is_one_line_and_exit_code_2(text, words, command, source, tmp_path):
    (tmp_path / "run.toml").write_text(text)
    out = tmp_path / "result.npz"
    assert_refused(command("run", source, "--config", tmp_path / "run.toml", "--out", out), words)
    assert not out.exists()


def test_missing_config(command, source, tmp_path):
    assert_refused(command("run", source, "-c", tmp_path / "none.toml"), "none.toml: No such file")


def test_config_takes_every_keyword_of_the_network_and_options_overrule_it(command, source, rows, tmp_path):
    keywords = {
        "base_freq": 0.7, "freq_std": 0.2, "weight_std": 0.02, "learning_rate": 0.02, "decay": 0.98, "gain": 2.0,
        "coupling": 0.1, "phase_lag": 0.1, "learning_lag": 0.2, "noise_std": 0.1, "amplitude_floor": 0.1,
        "dtype": "float32", "storage": "dense", "tolerance": 1e-6, "seed": 5, "threads": 1,
    }  # fmt: skip
    lines = [f"{name} = {value!r}" for name, value in {**keywords, "dt": 0.02, "hold": 3, "learn": True}.items()]
    (tmp_path / "run.toml").write_text("\n".join(lines).replace("True", "true"))
    out = tmp_path / "result.npz"
    code, _, err = command("run", source, "-c", tmp_path / "run.toml", "--gain", "3", "--no-learn", "--out", out)
    assert (code, err) == (0, "")
    net = rn.ResonanceNetwork(6, **{**keywords, "gain": 3.0})
    net.run(rows, dt=0.02, hold=3, learn=False)
    with np.load(out) as result:
        for name in STATE:
            np.testing.assert_array_equal(result[name], getattr(net, name))


# --- runs


@pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")  # from the network that it is held to
@pytest.mark.parametrize("suffix", [".npy", ".csv"])
def test_out_holds_what_the_same_run_of_a_network_gives(suffix, command, rows, tmp_path):
    path, out = tmp_path / f"rows{suffix}", tmp_path / "result.npz"
    np.save(path, rows) if suffix == ".npy" else np.savetxt(path, rows, delimiter=",", header="six columns")
    code, stdout, _ = command("run", path, "--seed", 3, "--dt", 0.005, "--hold", 4, "--gain", 5, "-o", out)
    assert code == 0
    net = rn.ResonanceNetwork(6, seed=3, gain=5.0)
    net.run(rows, dt=0.005, hold=4)
    with np.load(out, allow_pickle=False) as result:
        assert set(result.files) == {*STATE, "step_count", "time", "order_parameter"}
        for name in STATE:
            np.testing.assert_array_equal(result[name], getattr(net, name))
        assert result["step_count"] == 160
        assert result["time"] == net.time
        assert result["order_parameter"] == net.order_parameter()
    assert "160 steps of 6 nodes" in stdout
    assert "steps/s" in stdout
    assert f"|r| = {abs(net.order_parameter()):.4f}, regime: {net.regime()}" in stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["result.npz", path.name]


def test_csv_of_one_column_and_with_a_byte_order_mark(command, tmp_path):
    (tmp_path / "rows.csv").write_text("1\n2\n", encoding="utf-8-sig")
    code, stdout, _ = command("run", tmp_path / "rows.csv", "--gain", 5)
    assert code == 0
    assert "2 steps of 1 nodes" in stdout


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", ">f8"])
def test_any_real_dtype_is_read(dtype, tmp_path):
    np.save(tmp_path / "rows.npy", np.eye(3).astype(dtype))
    np.testing.assert_array_equal(cli_run.read_rows(tmp_path / "rows.npy"), np.eye(3))


@pytest.mark.parametrize(("option", "shown"), [([], False), (["--progress"], True), (["--no-progress"], False)])
def test_progress(option, shown, command, source):
    code, _, stderr = command("run", source, "--gain", 5, *option)
    assert code == 0
    assert ("run: 100%" in stderr) == shown


def test_saturated_run_warns_in_one_line(command, tmp_path):
    np.save(tmp_path / "rows.npy", np.zeros((100, 40)))
    code, stdout, stderr = command("run", tmp_path / "rows.npy", "--seed", 0, "--gain", 10)
    assert code == 0
    assert "regime: saturated" in stdout
    assert stderr.startswith("resonance-native: warning: the network is saturated")
    assert stderr.count("\n") == 1


def test_where_memory_is_short_one_line_says_so(command, source, monkeypatch):
    def fill_up(*_, **__):
        raise MemoryError("Unable to allocate 9 TiB")

    monkeypatch.setattr(cli_run, "read_rows", fill_up)
    code, _, stderr = command("run", source)
    assert (code, stderr) == (1, "resonance-native: error: Unable to allocate 9 TiB\n")


def test_interrupted_run_leaves_one_line_and_no_file(command, source, tmp_path, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli_run, "watched_run", interrupt)
    code, _, stderr = command("run", source, "-o", tmp_path / "result.npz")
    assert code == 130
    assert stderr.strip() == "resonance-native: interrupted"
    assert not (tmp_path / "result.npz").exists()


# --- output paths


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none/result.npz", "does not exist"),
        ("result.npy", "suffix must be .npz, got .npy"),
        ("result", "got none"),
        ("taken.npz", "is a directory"),
    ],
)
def test_output_that_cannot_be_written_is_refused_before_the_run(name, words, command, source, tmp_path, monkeypatch):
    monkeypatch.delattr(cli_run, "build")
    (tmp_path / "taken.npz").mkdir()
    assert_refused(command("run", source, "--out", tmp_path / name), "--out", str(tmp_path / name), words)


def test_a_failed_write_keeps_the_old_file(command, source, tmp_path, monkeypatch):
    def full_disk(file, **_):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    out = tmp_path / "result.npz"
    out.write_bytes(b"old")
    monkeypatch.setattr(np, "savez", full_disk)
    code, _, stderr = command("run", source, "--gain", 5, "-o", out)
    assert code == 1
    assert f"{out}: No space left on device" in stderr
    assert out.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 2


# --- the command itself


def test_version(command):
    assert command("--version") == (0, f"resonance-native {rn.__version__}\n", "")


def test_info(command):
    code, stdout, _ = command("info")
    assert code == 0
    for word in (rn.__version__, rn.isa(), "threads", "compiler"):
        assert word in stdout


@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "--help"], ["info", "--help"], ["demo", "--help"], ["bench", "--help"]]
)
def test_help(arguments, command):
    code, stdout, stderr = command(*arguments)
    assert code == 0
    assert "Usage: resonance-native" in stdout
    assert stderr == ""


def test_python_m(source, tmp_path):
    command = [sys.executable, "-m", "resonance_native", "run", str(source), "--gain", "5", "--seed", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "40 steps of 6 nodes" in done.stdout
    assert "step" not in done.stderr  # no progress bar where stderr is no terminal


def test_without_the_cli_extra_one_line_says_what_to_install(capsys, monkeypatch):
    for module in [module for module in sys.modules if module.startswith("resonance_native.cli")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.delattr(rn, "cli", raising=False)
    monkeypatch.setitem(sys.modules, "typer", None)
    assert main(["info"]) == 2
    stderr = capsys.readouterr().err
    assert stderr == 'resonance-native: error: typer is not installed; try: pip install "resonance-native[cli]"\n'


@pytest.mark.parametrize(("module", "name"), [("matplotlib", "matplotlib"), ("sklearn", "scikit-learn")])
def test_without_the_demo_extra_one_line_says_what_to_install(module, name, command, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    assert_refused(command("demo"), name, 'pip install "resonance-native[demo]"')


# --- the demo


def test_demo_refuses_a_path_that_it_could_not_write(command, tmp_path):
    assert_refused(command("demo", "-o", tmp_path / "none" / "picture.png"), "does not exist")
    assert_refused(command("demo", "-o", tmp_path / "picture.txt"), ".png or .svg or .pdf, got .txt")
