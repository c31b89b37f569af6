"""What int8 is calibrated on and judged by."""

import numpy as np

from streamdepth.engine.int8.calibration import Calibration, batches, identity_of
from streamdepth.models.pictures import calibration_pictures, judging_pictures
from streamdepth.models.registry import NANO


def own(*shades):
    return Calibration("mine", [np.full((96, 128, 3), shade, np.uint8) for shade in shades])


def test_pictures_of_the_package_are_for_one_or_the_other():
    calibration, judging = batches(NANO, 64, None)
    assert (len(calibration), len(judging)) == (len(calibration_pictures()), len(judging_pictures()))
    assert {batch.dtype for batch in calibration} == {np.dtype(np.float32)}


def test_every_third_of_the_users_own_is_judged_by_and_never_calibrated_on():
    calibration, judging = batches(NANO, 64, own(0, 50, 100, 150, 200))
    assert len(calibration) == len(calibration_pictures()) + 4
    assert len(judging) == len(judging_pictures()) + 1
    assert judging[-1].max() < min(batch.max() for batch in calibration[-2:])


def test_what_it_was_calibrated_on_has_a_name_that_changes_with_the_pictures():
    assert identity_of(None) == "pictures of the package"
    assert identity_of(own(1)).startswith("mine:")
    assert identity_of(own(1)) == identity_of(own(1)) != identity_of(own(2))
