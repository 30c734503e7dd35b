"""The gallery: Kuramoto's model as it is measured there, and a page whose pictures are all there."""

import re

import numpy as np
import pytest

pytest.importorskip("xarray")

from examples.gallery import lorentzian
from examples.gallery.__main__ import PICTURES
from examples.gallery.page import PAGE, Caption


def test_frequencies_are_in_hertz_and_half_lie_within_the_half_width():
    omega = 2 * np.pi * lorentzian.frequencies(1000)
    assert np.mean(np.abs(omega) < lorentzian.HALF_WIDTH) == 0.5
    assert np.median(omega) == pytest.approx(0, abs=1e-12)


def test_the_theory_begins_at_the_critical_coupling():
    critical = lorentzian.critical_coupling(0.8)
    assert critical == pytest.approx(1 / np.cos(0.8))
    couplings = critical * np.array([0.0, 0.9, 1.0, 4 / 3, 4.0])
    assert lorentzian.order_parameter(couplings, 0.8) == pytest.approx([0, 0, 0, 0.5, np.sqrt(0.75)])


def test_the_network_follows_the_theory():
    data = lorentzian.measured(200, [0.2, 3.0], [0.0, 1.0], seeds=2, settle=20.0, average=8.0)
    assert dict(data.sizes) == {"coupling": 2, "phase_lag": 2, "seed": 2}
    found = data.order_parameter.mean("seed").values
    assert found[0] == pytest.approx(0.06, abs=0.06)
    expected = [lorentzian.order_parameter(np.array(3.0), lag) for lag in (0.0, 1.0)]
    assert found[1] == pytest.approx(expected, abs=0.03)


def test_every_picture_of_the_page_is_drawn_and_there():
    text = PAGE.read_text(encoding="utf-8")
    assert set(re.findall(r"<!-- measured: (\S+) -->", text)) == set(PICTURES)
    files = re.findall(r"!\[[^\]]+\]\((\S+)\)", text)
    assert len(files) == len(PICTURES)
    for file in files:
        assert 5_000 < (PAGE.parent / file).stat().st_size < 1_500_000


def test_a_caption_is_a_picture_with_words():
    assert Caption("a.png", "what", "Words.").markdown() == "![what](images/gallery/a.png)\n\nWords."
