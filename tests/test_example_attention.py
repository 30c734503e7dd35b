"""The example that trains a small transformer: a fair comparison, on text that is split without leaks."""

import json
import sys
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")

from examples.attention import __main__ as command  # noqa: E402
from examples.attention import train as training  # noqa: E402
from examples.attention.data import LIMIT, VOCABULARY, encode, load, windows  # noqa: E402
from examples.attention.generate import continued  # noqa: E402
from examples.attention.model import ARMS, Size, build, count_parameters  # noqa: E402
from examples.attention.train import Plan, native_error, train  # noqa: E402

from resonance_native.torch import functional  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")  # as in training

SMALL = Size(width=32, heads=4, layers=2, hidden=64)


@pytest.fixture(scope="module")
def text():
    return load()


@pytest.fixture(autouse=True)
def few_windows(monkeypatch):
    """Few windows to validate."""
    monkeypatch.setattr(training, "VALIDATION_WINDOWS", 32)


def test_no_file_is_in_both_sets(text):
    assert not set(text.training_files) & set(text.validation_files)
    assert len(text.training_files) > 5 * len(text.validation_files) > 0


def test_the_text_is_the_same_every_time(text):
    again = load()
    assert again.training_files == text.training_files
    assert torch.equal(again.training, text.training)
    assert torch.equal(again.validation, text.validation)


def test_the_text_is_what_every_machine_has(text):
    names = {name.removesuffix(".py") for name in text.training_files + text.validation_files}
    assert names <= sys.stdlib_module_names


def test_a_set_holds_its_own_files_alone(tmp_path):
    for k in range(20):
        (tmp_path / f"m{k:02}.py").write_text(f"{k:02};")
    found = load(tmp_path)
    assert torch.equal(found.validation, encode("09;19;"))
    assert torch.equal(found.training, encode("".join(f"{k:02};" for k in range(20) if k not in (9, 19))))


def test_no_file_is_most_of_a_set(tmp_path):
    for k in range(20):
        (tmp_path / f"m{k:02}.py").write_text(chr(ord("a") + k) * (LIMIT + 1 if k == 9 else 5))
    found = load(tmp_path)
    assert torch.equal(found.validation, encode("j" * LIMIT + "t" * 5))


def test_too_few_files_are_an_error(tmp_path):
    (tmp_path / "one.py").write_text("1")
    with pytest.raises(FileNotFoundError, match="1 modules"):
        load(tmp_path)


def test_characters_outside_the_vocabulary_are_left_out():
    assert "".join(VOCABULARY[c] for c in encode("\taé\r\nφ~").tolist()) == "    a\n~"


def test_windows_are_followed_by_the_next_character():
    codes, following = windows(torch.arange(50, dtype=torch.uint8), 200, 7, torch.Generator().manual_seed(0))
    assert torch.equal(following, codes + 1)
    assert codes.min() == 0
    assert following.max() == 49  # the first and the last character are reached


@pytest.mark.parametrize("size", [SMALL, Size()], ids=["small", "full"])
def test_arms_have_as_many_parameters(size):
    assert len({count_parameters(build(size, arm, len(VOCABULARY), 0)) for arm in ARMS}) == 1


def test_an_arm_with_more_parameters_is_an_error():
    runs = [command.Run(arm, 0, 10 + k, [0], [1.0], 0.0, None, None, "") for k, arm in enumerate(ARMS)]
    with pytest.raises(ValueError, match="'none': 10, 'input': 11"):
        command.require_equal_parameters(runs)


@pytest.mark.parametrize("arm", ARMS[1:])
def test_arms_share_initial_weights(arm):
    ordinary = dict(build(SMALL, "none", len(VOCABULARY), 5).named_parameters())
    model = dict(build(SMALL, arm, len(VOCABULARY), 5).named_parameters())
    assert {name for name in model if name not in ordinary} == {name for name in model if ".phases." in name}
    for name, parameter in model.items():
        if ".phases." not in name:
            assert torch.equal(parameter, ordinary[name][tuple(map(slice, parameter.shape))]), name


def test_seeds_differ():
    first, second = (build(SMALL, "input", len(VOCABULARY), seed) for seed in (0, 1))
    assert not torch.equal(first.characters.weight, second.characters.weight)
    assert not torch.equal(
        first.layers[0].attention.phases.q_proj.weight, second.layers[0].attention.phases.q_proj.weight
    )


@pytest.mark.parametrize("arm", ARMS)
def test_a_place_sees_nothing_of_what_follows(arm):
    model = build(SMALL, arm, len(VOCABULARY), 0)
    codes = torch.arange(SMALL.context)[None] % len(VOCABULARY)
    changed = codes.clone()
    changed[0, 20:] = 3
    with torch.no_grad():
        difference = (model(codes) - model(changed)).abs().amax(-1)[0]
    assert difference[:20].max() < 1e-5 < difference[20:].min()


@pytest.mark.parametrize("arm", ARMS)
def test_some_steps_lower_the_loss(arm):
    run = train(Plan(SMALL, 60, 4e-3, report_every=30), arm, seed=0)
    assert run.steps == [0, 30, 60]
    assert run.losses[0] == pytest.approx(6.6, abs=0.2)  # log2 of the vocabulary: nothing is known
    assert run.losses[-1] < 5
    assert (run.phases is None) == (run.native_error is None) == (arm == "none")
    if arm != "none":
        assert run.native_error < 1e-5


def test_arms_see_the_same_batches(monkeypatch):
    seen = {}
    for arm in ARMS:
        batches = []

        def recorded(codes, *rest, _batches=batches):
            drawn = windows(codes, *rest)
            _batches.append(drawn[0])
            return drawn

        monkeypatch.setattr(training, "windows", recorded)
        train(Plan(SMALL, 3, 1e-3), arm, seed=2)
        seen[arm] = torch.stack(batches[1:])  # the first are for validation
    assert torch.equal(seen["none"], seen["input"])
    assert torch.equal(seen["none"], seen["position"])
    assert not torch.equal(seen["none"][0], seen["none"][1])


@pytest.mark.parametrize("arm", ARMS[1:])
def test_native_kernel_reads_as_pytorch_does(arm, monkeypatch):
    model = build(SMALL, arm, len(VOCABULARY), 0)
    codes = torch.arange(SMALL.context)[None] % len(VOCABULARY)
    assert native_error(model, codes) < 1e-5
    calls = []

    def counted(*arguments):
        calls.append(arguments)
        return functional_native(*arguments)

    functional_native = functional.native_attention
    monkeypatch.setattr(functional, "native_attention", counted)
    text = continued(model, "def ", 10, torch.Generator().manual_seed(0))
    assert len(calls) == 10 * SMALL.layers
    monkeypatch.setattr(functional, "native_serves", lambda *_: False)
    assert continued(model, "def ", 10, torch.Generator().manual_seed(0)) == text
    assert len(calls) == 10 * SMALL.layers
    assert text.startswith("def ")
    assert len(text) == 14


def test_a_text_may_grow_beyond_the_context():
    model = build(SMALL, "position", len(VOCABULARY), 0)
    assert len(continued(model, "a" * SMALL.context, 3, torch.Generator().manual_seed(0))) == SMALL.context + 3


def test_a_run_writes_json_and_picture_and_is_redrawn(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "Size", lambda **given: replace(SMALL, **given))
    # In this process: others would not have the sizes of this test.
    monkeypatch.setattr(command, "train_all", lambda tasks, _jobs: [train(*task) for task in tasks])
    monkeypatch.chdir(tmp_path)
    command.main(["--steps", "6", "--seeds", "2", "--out", "new/first"])
    first = tmp_path / "new" / "first"
    assert {path.name for path in first.iterdir()} == {"runs.json", "loss.png"}
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    saved = json.loads((first / "runs.json").read_text())
    assert [(run["arm"], run["seed"]) for run in saved["runs"]] == [(arm, seed) for seed in (0, 1) for arm in ARMS]
    printed = capsys.readouterr().out
    monkeypatch.setattr(command, "train_all", None)
    command.main(["--redraw", str(first / "runs.json"), "--out", "again"])
    assert json.loads((tmp_path / "again" / "runs.json").read_text()) == saved
    assert (tmp_path / "again" / "loss.png").read_bytes()[:4] == b"\x89PNG"
    assert capsys.readouterr().out == printed.replace("new/first", "again")


@pytest.mark.parametrize("arguments", [["--steps", "0"], ["--seeds", "0"], ["--jobs", "0"], ["--document", "--quick"]])
def test_arguments_that_make_no_sense(arguments, capsys):
    with pytest.raises(SystemExit):
        command.main(arguments)
    assert "error: --" in capsys.readouterr().err
