from __future__ import annotations

import numpy as np
import pytest

from streamdepth.errors import UsageError
from streamdepth.zones.figures import Box, of_box, of_map

RAMP = np.tile(np.arange(10, dtype=np.float32), (4, 1))


def test_a_map_is_told_in_a_few_numbers():
    told = of_map(RAMP)
    assert (told["width"], told["height"], told["least"], told["largest"]) == (10, 4, 0.0, 9.0)
    assert told["mean"] == told["median"] == told["percentiles"]["50"] == 4.5


def test_a_box_is_in_pixels_of_the_picture():
    told = of_box(RAMP, Box(800, 0, 200, 400), (1000, 400))
    assert told["box"] == [800, 0, 200, 400]
    assert (told["least"], told["median"], told["mean"]) == (8.0, 8.5, 8.5)
    assert told["share"] == pytest.approx(0.2)
    assert told["nearer_than"] == pytest.approx(0.9)


def test_a_box_smaller_than_a_cell_of_the_map_has_one():
    assert of_box(RAMP, Box(999, 399, 1, 1), (1000, 400))["median"] == 9.0


def test_what_of_a_box_is_outside_does_not_count():
    told = of_box(RAMP, Box(900, 0, 900, 900), (1000, 400))
    assert told["share"] == pytest.approx(0.1)
    with pytest.raises(UsageError, match="outside of the picture, which is 1000x400"):
        of_box(RAMP, Box(1000, 0, 5, 5), (1000, 400))
