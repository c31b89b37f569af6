"""Light of HDR signals at the points that the standards name, and what becomes of it on an SDR screen."""

from __future__ import annotations

import numpy as np
import pytest

from streamdepth.imaging.hdr import graphics_light, hlg_light, hlg_signal, pq_light, pq_signal, sdr_signal


def grey(value: float) -> np.ndarray:
    return np.full((1, 3), value)


@pytest.mark.parametrize(
    ("signal", "light"),
    # BT.2408-7, tables 1 and 2: 18 % grey card, HDR reference white, and the ends of the scale
    [(0.0, 0), (0.38, 26), (0.58, 203), (0.75, 983), (1.0, 10_000)],
)
def test_pq_is_light_in_absolute_terms(signal: float, light: float) -> None:
    assert pq_light(grey(signal)) == pytest.approx(light, rel=0.03, abs=1e-6)


@pytest.mark.parametrize(("signal", "light"), [(0.0, 0), (0.38, 26), (0.75, 203), (1.0, 1000)])
def test_hlg_is_light_of_the_screen_that_shows_it(signal: float, light: float) -> None:
    assert hlg_light(grey(signal)) == pytest.approx(light, rel=0.03, abs=0.01)


def test_brightness_rises_from_black_to_white_and_greys_stay_grey() -> None:
    steps = np.linspace(0, 1000, 200)[:, None].repeat(3, 1)
    shown = sdr_signal(steps)
    assert np.ptp(shown, axis=1).max() < 0.002
    assert (np.diff(shown[:, 1]) > 0).all()
    assert (shown[0, 0], shown[-1, 0]) == pytest.approx((0, 1), abs=0.001)


@pytest.mark.parametrize(
    ("light", "shown"),
    # BT.2446-1, method A, by hand: (Y / 1000)^(1/2.4), equations of table 2 step by step
    [(26.0, 0.3346), (203.0, 0.6869), (600.0, 0.9130)],
)
def test_light_is_bent_as_the_method_says(light: float, shown: float) -> None:
    assert sdr_signal(grey(light)) == pytest.approx(shown, abs=0.002)


def test_what_was_brighter_than_its_screen_is_white() -> None:
    assert sdr_signal(grey(4000.0), 1000.0) == pytest.approx(1.0, abs=0.001)
    assert sdr_signal(grey(2000.0), 4000.0).max() < 0.95


def test_a_colour_keeps_its_hue() -> None:
    for strong in np.eye(3):
        shown = sdr_signal((strong * 150 + 50)[None])[0]
        assert shown.argmax() == strong.argmax()
        others = np.delete(shown, strong.argmax())
        assert shown.max() - others.max() > 0.1


@pytest.mark.parametrize(("light", "signal"), [(pq_light, pq_signal), (hlg_light, hlg_signal)])
def test_a_signal_is_what_its_light_came_from(light, signal) -> None:
    colours = np.random.default_rng(0).random((200, 3)) * 0.9 + 0.05
    assert np.abs(signal(light(colours)) - colours).max() < 0.001


def test_white_over_hdr_is_that_of_paper_and_colours_stay_those_of_bt709() -> None:
    # BT.2408-7, table 1: 203 cd/m2 are 58 % of PQ and 75 % of HLG
    white = graphics_light(grey(1.0))
    assert white == pytest.approx(203, rel=0.001)
    assert pq_signal(white) == pytest.approx(0.58, abs=0.003)
    assert hlg_signal(white) == pytest.approx(0.75, abs=0.003)
    # BT.2087-0: red of BT.709 in the primaries of BT.2020
    assert graphics_light(np.array([[1.0, 0, 0]]))[0] / 203 == pytest.approx(
        (0.6274, 0.0691, 0.0164), abs=0.001
    )
