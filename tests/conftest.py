"""Fixtures of all tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import hypothesis
import pytest

import resonance_native as rn

# The same examples on every machine; --hypothesis-profile=explore looks for new ones.
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=2000)
hypothesis.settings.load_profile("repeatable")


@pytest.fixture(params=rn.available_isas())
def isa(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every instruction set of this machine in turn, in use."""
    with rn.use_isa(request.param):
        yield request.param


@pytest.fixture(params=["float64", "float32"])
def dtype(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(autouse=True)
def _process_settings() -> Iterator[None]:
    """No test leaves its threads or its instruction set to the next one."""
    before = rn.isa()
    yield
    assert rn.isa() == before
    rn.set_num_threads(None)


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """PyTorch's threads wait for each other longer than these tensors take."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command line and return its exit code, stdout and stderr."""
    from resonance_native.__main__ import main

    def call(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call
