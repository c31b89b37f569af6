"""Light of HDR signals at the points that the standards name, and what becomes of it on an SDR screen."""

from __future__ import annotations

import numpy as np
import pytest

from streamdepth.imaging.hdr import hlg_light, pq_light, sdr_signal


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
