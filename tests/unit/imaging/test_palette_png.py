from __future__ import annotations

import cv2
import numpy as np
import pytest

from streamdepth.imaging.palette_png import palette_png
from streamdepth.rendering.colormaps import lookup_table


@pytest.mark.parametrize(("width", "height"), [(64, 48), (1, 1), (7, 1), (1, 9), (300, 2)])
@pytest.mark.parametrize("colormap", ["inferno", "gray"])
def test_it_decodes_to_the_colours_of_its_table(width, height, colormap):
    levels = np.random.default_rng(width).integers(0, 256, (height, width), dtype=np.uint8)
    table = lookup_table(colormap)
    shown = cv2.imdecode(np.frombuffer(palette_png(levels, table), np.uint8), cv2.IMREAD_COLOR)
    np.testing.assert_array_equal(shown, table[levels][:, :, 0])


def test_a_smooth_map_takes_less_than_in_full_colour():
    small = np.random.default_rng(3).integers(0, 256, (6, 8), dtype=np.uint8)
    levels = np.asarray(cv2.resize(small, (320, 240), interpolation=cv2.INTER_CUBIC), np.uint8)
    table = lookup_table("inferno")
    whole = cv2.imencode(".png", cv2.applyColorMap(levels, table))[1].size
    assert len(palette_png(levels, table)) < whole / 2
