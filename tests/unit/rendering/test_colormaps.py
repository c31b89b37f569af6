from __future__ import annotations

import pytest

from streamdepth.rendering import COLORMAPS
from streamdepth.rendering.colormaps import lookup_table


@pytest.mark.parametrize("name", COLORMAPS)
def test_every_colormap_can_be_drawn_and_has_256_colours(name):
    assert lookup_table(name).shape == (256, 1, 3)
