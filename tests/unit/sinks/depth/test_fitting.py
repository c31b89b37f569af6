from fractions import Fraction

import numpy as np
import pytest

from streamdepth.depthfiles.entry import Entry
from streamdepth.frames import DepthMeaning
from streamdepth.pixels import Rectangle
from streamdepth.sinks.depth.fitting import Fitting

RAMP = np.tile(np.linspace(1, 5, 32, dtype=np.float32), (24, 1))


def entry(values=RAMP, inner=None):
    return Entry(values, 0, Fraction(0), (64, 48), "", inner)


def test_in_the_size_of_the_network_nothing_is_touched():
    made = Fitting(DepthMeaning.METRES, to_source=False, canvas=(32, 24))(
        entry(inner=Rectangle(0, 0, 32, 24))
    )
    assert np.array_equal(made.values, RAMP)
    assert made.place is None


def test_in_the_size_of_the_picture_values_stay_within_their_range():
    made = Fitting(DepthMeaning.METRES, to_source=True)(entry())
    assert made.values.shape == (48, 64)
    assert (made.values.min(), made.values.max()) == (1, 5)


@pytest.mark.parametrize(("meaning", "far"), [(DepthMeaning.INVERSE_RELATIVE, 1), (DepthMeaning.METRES, 5)])
def test_bars_are_as_far_as_the_farthest(meaning, far):
    fit = Fitting(meaning, to_source=True)
    made = fit(entry(inner=Rectangle(16, 12, 32, 24)))
    assert np.array_equal(made.content, RAMP)
    assert (made.values[:12] == far).all()
    assert fit.head(entry(inner=Rectangle(16, 12, 32, 24))).place == made.place


def test_a_map_of_another_shape_stands_in_the_middle_of_those_of_one_file():
    made = Fitting(DepthMeaning.INVERSE, to_source=False, canvas=(32, 24))(entry(RAMP[:12]))
    assert made.values.shape == (24, 32)
    assert made.place == Rectangle(0, 6, 32, 12)
    assert np.array_equal(made.content, RAMP[:12])
