from __future__ import annotations

import numpy as np
import pytest

from streamdepth.imaging.small_luma import small_luma
from streamdepth.pixels import Picture


@pytest.mark.parametrize("size", [(128, 64), (160, 90), (40, 200)])
def test_small_luma_has_the_size_asked_for_and_the_mean_of_the_picture(size):
    ramp = np.tile(np.linspace(0, 255, 640).astype(np.uint8)[:, None], (360, 1, 3))
    small = small_luma(Picture.of_bgr(ramp), size)
    assert small.shape == (size[1], size[0])
    assert small.mean() == pytest.approx(ramp.mean(), abs=3)


@pytest.mark.parametrize("shape", [(272, 640), (720, 1280), (1080, 1920), (2160, 3840)])
def test_all_parts_of_a_picture_count_about_the_same(shape):
    stripes = np.zeros((*shape, 3), np.uint8)
    stripes[:, ::2] = 200
    small = small_luma(Picture.of_bgr(np.roll(stripes, 1, axis=1)), (128, 54))
    if shape[1] < 2000:  # larger ones are looked at here and there
        assert np.abs(small.astype(int) - 100).max() <= 1
    assert small.shape == (54, 128)
