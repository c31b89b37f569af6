from __future__ import annotations

import numpy as np
import pytest

from streamdepth.depthfiles.units import DepthKind, DepthUnit
from streamdepth.errors import UsageError

METRES = np.array([[0, 1.5, 2.25], [4, 0.5, 10]], np.float32)


def test_a_scale_divides_what_is_stored():
    kitti = DepthUnit(DepthKind.METRES, 256)
    np.testing.assert_allclose(kitti.metres(np.array([256, 128], np.uint16)), [1, 0.5])
    assert DepthUnit(DepthKind.MILLIMETRES, 2).metres(np.array([5000])) == pytest.approx(2.5)


def test_inverse_depth_is_turned_around():
    unit = DepthUnit(DepthKind.INVERSE, 100)
    np.testing.assert_allclose(unit.metres(np.array([25, 200, 0])), [4, 0.5, 0])


def test_what_is_no_reading_is_zero():
    values = np.array([0, -1, np.nan, np.inf, -np.inf, 2])
    for kind in (DepthKind.METRES, DepthKind.INVERSE):
        np.testing.assert_array_equal(DepthUnit(kind).metres(values) > 0, [0, 0, 0, 0, 0, 1])


@pytest.mark.parametrize("scale", [0, -1, np.nan, np.inf])
def test_a_scale_that_is_no_scale_is_wrong_usage(scale):
    with pytest.raises(UsageError, match="depth scale"):
        DepthUnit(DepthKind.METRES, scale)
