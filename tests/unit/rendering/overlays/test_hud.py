from __future__ import annotations

import cv2
import numpy as np
import pytest
from estimates import SPAN, draw

from streamdepth.frames import DepthMap, DepthMeaning, DepthRange, Measured
from streamdepth.rendering import HudFigures, Renderer
from streamdepth.rendering.colormaps import Colours
from streamdepth.rendering.overlays.hud import hud_lines

METRES = DepthMap(np.ones((4, 4), np.float32), DepthMeaning.METRES)


def test_the_hud_tells_what_it_is_given():
    plain = draw(Renderer("depth", scale=SPAN), width=640, height=360)
    with_hud = draw(Renderer("depth", scale=SPAN, hud=lambda: HudFigures(15, 0.03, 2)), width=640, height=360)
    other = draw(Renderer("depth", scale=SPAN, hud=lambda: HudFigures(29, 0.07, 9)), width=640, height=360)
    corner = np.s_[:60, :400]
    assert cv2.absdiff(plain[corner], with_hud[corner]).any()
    assert cv2.absdiff(other[corner], with_hud[corner]).any()
    assert np.array_equal(plain[100:], with_hud[100:])


def test_the_hud_tells_inferences_from_pictures():
    def hud(**more):
        return Renderer("depth", scale=SPAN, hud=lambda: HudFigures(15, 0.03, 2, **more))

    plain, both = (draw(renderer, width=640, height=360) for renderer in (hud(), hud(pictures=29.9)))
    assert cv2.absdiff(plain[:60], both[:60]).any()


@pytest.mark.parametrize(
    ("known", "line"),
    [
        (None, None),
        (Measured(METRES, 0.9, inverse=(0.5, 0.1), points=5, error=0.07), "0.323 to 1.67 m, within 7%"),
        (Measured(METRES, 0.9, inverse=(-0.1, 1.0), points=2), "1.11 to 2.5 m"),
        (Measured(METRES, 0.9, inverse=(1.0, -2.0), points=2), "from 0.25 m on"),
        (Measured(None, 0.1, "the camera was moved", error=0.07), "no metres: the camera was moved"),
    ],
    ids=str,
)
def test_the_hud_tells_metres_of_the_range_and_how_far_to_trust_them(known, line):
    lines = hud_lines(HudFigures(15, 0.03, 2), Colours("inferno"), DepthRange(1.0, 6.0), known)
    assert lines[2:] == (() if line is None else (line,))


def test_the_line_of_metres_is_in_the_picture():
    plain, told = (
        draw(
            Renderer("depth", scale=SPAN, hud=lambda: HudFigures(15, 0.03, 2), ruler=ruler),
            width=640,
            height=360,
        )
        for ruler in (None, lambda _picture, _depth: Measured(None, 0.1, "the camera was moved"))
    )
    assert cv2.absdiff(plain, told)[35:].any()


def test_a_rate_that_is_not_known_yet_is_left_out():
    span = DepthRange(1.0, 6.0)
    assert hud_lines(HudFigures(0.0, 0.03, 2), Colours("inferno"), span)[0] == "30 ms   2 dropped"
    assert (
        hud_lines(HudFigures(1 / 20, 0.03, 0), Colours("inferno"), span)[0]
        == "0.05 depth maps/s   30 ms   0 dropped"
    )
    both = hud_lines(HudFigures(15.0, 0.03, 2, 30.0), Colours("inferno"), span)[0]
    assert both == "15.0 depth maps/s   30.0 pictures/s   30 ms   2 dropped"


def test_colours_are_named_where_there_are_any_and_no_latency_of_a_film():
    lines = hud_lines(HudFigures(15.0, None, 2), None, DepthRange(1.0, 6.0))
    assert lines == ("15.0 depth maps/s   2 dropped", "range 1 to 6")
    assert hud_lines(HudFigures(15.0, 0.03, 2), Colours("turbo"), DepthRange(1.0, 6.0))[1][:5] == "turbo"
