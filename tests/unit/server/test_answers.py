from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from pictures import picture

from streamdepth.frames import DepthMap
from streamdepth.pixels import Picture
from streamdepth.rendering.look import Look
from streamdepth.server.answers import Scene, encode
from streamdepth.server.negotiation import Form
from streamdepth.server.wanted import Wanted

RAMP = np.tile(np.linspace(1, 5, 32, dtype=np.float32), (24, 1))
SCENE = Scene((64, 48), DepthMap(RAMP), "nano")
SHOWN = replace(SCENE, picture=Picture.of_bgr(picture()))


def image_of(answer):
    return cv2.imdecode(np.frombuffer(answer.body, np.uint8), cv2.IMREAD_UNCHANGED)


@pytest.mark.parametrize("form", [Form.HEAT, Form.JPEG, Form.DEEP])
@pytest.mark.parametrize(("size", "shape"), [("source", (48, 64)), ("network", (24, 32))])
def test_an_image_has_the_size_that_is_wanted(form, size, shape):
    assert image_of(encode(SCENE, Wanted(form, size=size))).shape[:2] == shape


@pytest.mark.parametrize("layout", ["overlay", "side-by-side"])
def test_a_layout_that_shows_the_picture_is_drawn_over_it(layout):
    drawn = image_of(encode(SHOWN, Wanted(look=Look(layout))))
    assert drawn.shape == ((48, 128, 3) if layout == "side-by-side" else (48, 64, 3))
    smaller = image_of(encode(SHOWN, Wanted(look=Look(layout), size="network")))
    assert smaller.shape[0] == 24


def test_a_colormap_changes_the_colours_alone():
    inferno, viridis = (
        image_of(encode(SCENE, Wanted(look=Look("depth", name)))) for name in ("inferno", "viridis")
    )
    assert inferno.shape == viridis.shape
    assert (inferno != viridis).any()


def test_sixteen_bits_give_the_values_back():
    answer = encode(SCENE, Wanted(Form.DEEP))
    scale, offset = float(answer.headers["Depth-Scale"]), float(answer.headers["Depth-Offset"])
    values = image_of(answer) * scale + offset
    expected = cv2.resize(RAMP, (64, 48), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(values, expected, atol=scale)
    assert answer.headers["Depth-Meaning"] == "inverse_relative"
    assert answer.headers["Depth-Model"] == "nano"
