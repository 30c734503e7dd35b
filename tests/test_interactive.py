"""The page with sliders: it shows what the library computes, and works by keyboard, by hand and on a phone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from browsing import BROWSER, launched, mishaps, served
from examples.interactive import grid
from examples.interactive.page import packed, page

import resonance_native as rn

SIZES = {"desk": (1440, 900), "phone": (390, 844)}
CANVASES = ("circle", "course", "weights")
SLIDERS = {"coupling": grid.COUPLINGS, "phase_lag": grid.PHASE_LAGS, "gain": grid.GAINS}
SAMPLES = grid.STEPS // grid.EVERY + 1
in_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium")


@pytest.fixture(scope="module")
def runs() -> grid.Runs:
    return grid.simulate()


@pytest.fixture(scope="module")
def address(runs, tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("page")
    (folder / "interactive.html").write_text(page(runs), encoding="utf-8")
    with served(folder) as address:
        yield address + "interactive.html"


@pytest.fixture(scope="module")
def browser():
    pytest.importorskip("playwright")
    with launched() as browser:
        yield browser


def visited(browser, address, size="desk", clock=False, **settings):
    """The page in a new context, and what goes wrong in it."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, **settings)
    shown = context.new_page()
    shown.set_default_timeout(30_000)
    wrong = mishaps(shown, address)
    if clock:
        shown.clock.install(time=0)
    shown.goto(address)
    if clock:
        shown.clock.pause_at(60_000)
    shown.locator("#order").get_by_text(".").wait_for()
    return shown, wrong


@pytest.fixture(params=list(SIZES))
def still(request, browser, address):
    """The page for those who want nothing to move by itself: it stands at the end of the run."""
    shown, wrong = visited(browser, address, request.param, reduced_motion="reduce", color_scheme="dark")
    yield shown
    sticks_out = shown.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert sticks_out <= 0
    assert wrong == []
    shown.context.close()


@cache
def alone(coupling: float, phase_lag: float, gain: float) -> tuple[rn.Recording, str]:
    """One of the runs, by a network of its own."""
    n = grid.NODES
    net = rn.ResonanceNetwork(
        n, coupling=coupling, phase_lag=phase_lag, gain=gain, seed=grid.SEED, **rn.learning_rates(4.0, 0.01, 1 / n)
    )
    net.frequencies = grid.frequencies()
    net.weights = np.full((n, n), 1 / n)
    return net.run(0.0, 1500, 0.01, record=rn.Recorder(every=10, weights_every=100)), net.regime()


def pictures(shown) -> dict[str, str]:
    return {name: shown.evaluate(f"document.getElementById('{name}').toDataURL()") for name in CANVASES}


def thousandths(value: float) -> str:
    return f"{np.rint(1000 * value) / 1000:.3f}"


def test_the_page_is_small_and_the_same_again(runs):
    text = page(runs)
    assert len(text.encode()) < 1_500_000
    assert text == page(grid.simulate())
    assert "@@" not in text


def test_what_is_packed_are_the_phases(runs):
    count, n = len(runs.regimes), grid.NODES
    steps = np.frombuffer(packed(runs), np.uint8, count * n * SAMPLES, offset=4 * count * SAMPLES)
    turns = np.cumsum(steps.reshape(count, n, SAMPLES), axis=-1, dtype=np.uint8)
    apart = np.exp(2j * np.pi * turns / 256) / np.exp(1j * np.asarray(runs.recording.phases)).transpose(1, 2, 0)
    assert np.abs(np.angle(apart)).max() <= np.pi / 256 + 1e-9


def test_the_runs_show_silence_life_and_saturation(runs):
    assert set(runs.regimes) == {"silent", "alive", "saturated"}


@in_browser
@pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")
@pytest.mark.parametrize("at", [(0, 0, 0), (5, 0, 2), (4, 1, 4), (8, 3, 1), (6, 2, 3), (8, 4, 4)])
def test_numbers_are_those_of_the_library(still, at):
    for name, place in zip(SLIDERS, at, strict=True):
        still.locator(f"#{name}").fill(str(place))
        assert still.locator(f"#{name}-value").inner_text().split()[0] == f"{SLIDERS[name][place]:g}"
    recording, regime = alone(*(values[place] for values, place in zip(SLIDERS.values(), at, strict=True)))
    assert still.locator("#regime").inner_text() == regime
    for sample in (0, 37, SAMPLES - 1):
        still.locator("#time").fill(str(sample))
        assert still.locator("#time-value").inner_text() == f"{recording.time[sample]:.2f} s"
        assert still.locator("#order").inner_text() == thousandths(abs(recording.order_parameter[sample]))
        amplitude = np.abs(recording.amplitudes[sample]).mean()
        assert still.locator("#amplitude").inner_text() == thousandths(amplitude)


@in_browser
@pytest.mark.filterwarnings("ignore::resonance_native.ResonanceWarning")
def test_pictures_are_those_of_the_library(still):
    for name, place in zip(SLIDERS, (8, 1, 4), strict=True):
        still.locator(f"#{name}").fill(str(place))
    recording, _ = alone(8.0, 0.4, 20.0)
    still.locator("#time").fill("90")
    fastest = still.evaluate(
        """phase => {
            const canvas = document.getElementById("circle"), width = canvas.clientWidth;
            const scale = canvas.width / width, radius = width / 2 - Math.max(4, width / 55) - 2;
            const [x, y] = [width / 2 + radius * Math.cos(phase), width / 2 - radius * Math.sin(phase)];
            return [...canvas.getContext("2d").getImageData(x * scale, y * scale, 1, 1).data].slice(0, 3);
        }""",
        float(recording.phases[90, -1]),
    )
    assert fastest == pytest.approx((0xFF, 0x9A, 0x4D), abs=8)  # drawn last, at amplitudes of 1
    shares = grid.NODES * recording.weights[9][::2, ::2]
    reds = still.evaluate(
        """m => {
            const canvas = document.getElementById("weights"), cell = canvas.width / m, reds = [];
            const context = canvas.getContext("2d");
            for (let i = 0; i < m; i += 1)
                for (let j = 0; j < m; j += 1)
                    reds.push(context.getImageData((j + 0.5) * cell, (i + 0.5) * cell, 1, 1).data[0]);
            return reds;
        }""",
        len(shares),
    )
    zero, positive, negative = 0x20, 0xF4, 0x6A
    expected = zero + np.where(shares > 0, positive - zero, negative - zero) * np.abs(shares)
    assert np.array(reds) == pytest.approx(expected.ravel(), abs=3)


@in_browser
@pytest.mark.parametrize("name", SLIDERS)
def test_each_slider_changes_the_picture_from_the_keyboard(still, name):
    before, text = pictures(still), still.locator(f"#{name}-value").inner_text()
    still.locator(f"#{name}").focus()
    still.keyboard.press("End")
    after = pictures(still)
    assert all(before[canvas] != after[canvas] for canvas in CANVASES)
    assert still.locator(f"#{name}-value").inner_text() != text
    still.keyboard.press("Home")
    assert pictures(still) != after


@in_browser
def test_time_goes_when_it_is_asked_to_and_stops_when_told(browser, address):
    shown, wrong = visited(browser, address, reduced_motion="reduce", clock=True)
    time, play = shown.locator("#time"), shown.locator("#play")
    assert (time.input_value(), play.inner_text()) == (str(SAMPLES - 1), "Play again")
    play.click()
    shown.clock.run_for(3000)
    assert int(time.input_value()) == pytest.approx(30, abs=2)  # as long as it took the network
    assert play.inner_text() == "Pause"
    play.click()
    stopped, at = time.input_value(), pictures(shown)
    shown.clock.run_for(1000)
    assert (time.input_value(), play.inner_text()) == (stopped, "Play")
    assert pictures(shown) == at
    assert shown.locator("#order").inner_text() in shown.locator("#spoken").inner_text()
    play.click()
    shown.clock.run_for(20_000)
    assert (time.input_value(), play.inner_text()) == (str(SAMPLES - 1), "Play again")
    assert wrong == []
    shown.context.close()


@in_browser
def test_it_plays_by_itself_where_nothing_speaks_against_it(browser, address):
    shown, wrong = visited(browser, address)
    shown.wait_for_function("Number(document.getElementById('time').value) > 2")
    shown.get_by_role("button", name="A lag breaks it").click()
    assert shown.locator("#phase_lag-value").inner_text() == "1.2 rad"
    assert wrong == []
    shown.context.close()


@in_browser
def test_what_the_presets_promise(still):
    def at_the_end(name: str) -> tuple[float, float]:
        still.get_by_role("button", name=name).click()
        return tuple(float(still.locator(f"#{number}").inner_text()) for number in ("order", "amplitude"))

    noise = 2 / math.sqrt(grid.NODES)  # |r| of independent phases is rarely more
    assert at_the_end("Synchrony") > (0.85, 0.85)
    for name in ("Incoherence", "A lag breaks it", "Too little gain"):
        order, amplitude = at_the_end(name)
        assert order < noise
        assert amplitude < 0.05
    assert at_the_end("Gain decides")[0] > 0.7
    still.locator("#gain").fill("2")
    assert float(still.locator("#order").inner_text()) < noise
