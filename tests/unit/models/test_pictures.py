import numpy as np
import pytest

from streamdepth.errors import ModelError
from streamdepth.models import pictures
from streamdepth.models.pictures import batch_of, calibration_pictures, judging_pictures
from streamdepth.models.registry import NANO


def test_pictures_for_judging_are_others_than_those_for_calibration():
    seen, unseen = calibration_pictures(), judging_pictures()
    assert (len(seen), len(unseen)) == (40, 24)
    assert len({picture.tobytes() for picture in (*seen, *unseen)}) == 64
    for picture in (*seen, *unseen):
        assert (picture.shape, picture.dtype) == ((192, 256, 3), np.uint8)
        assert picture.std() > 2


def test_the_middle_of_a_picture_is_cut_to_the_shape_of_the_input():
    picture = np.zeros((192, 256, 3), np.uint8)
    picture[64:128] = 255  # what a strip of 256x64 in the middle shows
    strip = batch_of(picture, NANO, (128, 32))
    assert strip.shape == (1, 3, 32, 128)
    np.testing.assert_allclose(strip[0, 0], (1 - NANO.mean[0]) / NANO.std[0], rtol=1e-5)


def test_an_installation_without_them_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(pictures, "SHEET", tmp_path / "pictures.jpg")
    with pytest.raises(ModelError, match=r"pictures\.jpg is not in this installation"):
        pictures._pictures.__wrapped__()
