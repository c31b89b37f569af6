import numpy as np
import pytest

from streamdepth.engine.agreement import Agreement, agreeing_pixels, agreement
from streamdepth.errors import UsageError


def ramp():
    """0 to 100 in 101 steps: the 2nd percentile is 2, the 98th is 98, so a pixel may be off by 0.02 * 96 = 1.92."""
    return np.arange(101, dtype=np.float32).reshape(1, 101)


def test_a_map_agrees_with_itself_at_any_scale_and_shift():
    assert agreement([(ramp(), 3 * ramp() - 7)]) == Agreement(1.0, 1.0, 1)


# Two pixels opposite each other about the middle, moved towards each other or apart by the same amount, leave the
# fitted shift at 0; moving pixels 50 +- 1 by d changes the fitted scale by about 2 d / 85850, less than 1e-4.
@pytest.mark.parametrize(("off", "agreeing"), [(1.91, 101), (1.93, 99)])
def test_a_pixel_may_be_off_by_two_percent_of_the_inner_range(off, agreeing):
    candidate = ramp()
    candidate[0, 49] -= off
    candidate[0, 51] += off
    assert agreeing_pixels(ramp(), candidate) == agreeing


def test_by_hand_the_fit_of_four_pixels():
    # About their means -1.5 -0.5 0.5 1.5 and -2 -1 0 3: the fitted scale is (3 + 0.5 + 0 + 4.5) / 14 = 4/7, so the
    # aligned candidate is 1.5 + 4/7 * (-2, -1, 0, 3) = 0.36 0.93 1.5 3.21; the inner range is 2.94 - 0.06 = 2.88,
    # a pixel may be off by 0.0576 (and rounding), and only the second one, off by 0.071, would come near it.
    reference = np.array([[0, 1, 2, 3]], np.float32)
    assert agreeing_pixels(reference, np.array([[-2, -1, 0, 3]], np.float32)) == 0
    # (-2, -0.8, 0.8, 2) about 0: scale (3 + 0.4 + 0.4 + 3) / 9.28 = 0.7328, aligned 0.034 0.914 2.086 2.966.
    assert agreeing_pixels(reference, np.array([[-2, -0.8, 0.8, 2]], np.float32)) == 2


def test_frames_are_aligned_one_by_one_and_the_worst_is_named():
    spoiled = ramp()
    spoiled[0, 49] -= 5
    spoiled[0, 51] += 5
    found = agreement([(ramp(), 2 * ramp()), (ramp(), spoiled + 30)])
    assert found.share == pytest.approx(200 / 202)
    assert found.worst == pytest.approx(99 / 101)
    assert found.frames == 2
    assert found.within_budget


def test_large_frames_count_for_more():
    upside_down = ramp()[:, ::-1].copy()
    found = agreement([(np.tile(ramp(), (99, 1)), np.tile(ramp(), (99, 1))), (ramp(), upside_down)])
    assert found.share == pytest.approx((99 * 101 + 3) / (100 * 101))


def test_depth_turned_inside_out_does_not_agree():
    # Only what is near the mean: 50 and the pixels within 1.92 of it.
    assert agreeing_pixels(ramp(), -ramp()) == 3


def test_a_flat_candidate_agrees_only_with_a_flat_reference():
    flat = np.full((4, 5), 7.25, np.float32)
    assert agreeing_pixels(flat, flat * 3) == 20
    assert agreeing_pixels(ramp(), np.zeros_like(ramp())) == 3


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_no_number_spoils_its_frame(value):
    candidate = ramp()
    candidate[0, 3] = value
    assert agreeing_pixels(ramp(), candidate) == 0


def test_the_budget_is_ninety_nine_percent_and_what_misses_it_does_not_read_as_if_it_had_not():
    assert Agreement(0.99, 0.9, 1).within_budget
    missed = Agreement(0.98999, 0.9, 1)
    assert not missed.within_budget
    assert str(missed) == "98.9 % of pixels"


def test_maps_of_different_sizes_and_no_maps_at_all_are_wrong_usage():
    with pytest.raises(UsageError, match=r"maps of \(1, 101\) and \(101, 1\) cannot be compared"):
        agreement([(ramp(), ramp().T)])
    with pytest.raises(UsageError, match="no frame to compare"):
        agreement([])
