from __future__ import annotations

import cv2
import numpy as np
from estimates import SPAN, draw

from streamdepth.rendering import HudFigures, Renderer


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
