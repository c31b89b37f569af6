import numpy as np

from streamdepth.sinks.depth.ranges import FrameScale, RunningScale


def test_each_map_has_its_own_range():
    scale = FrameScale()
    assert scale(np.float32([[1, 3]])).offset == 1
    assert scale(np.float32([[5, 6]])).high == 6


def test_the_running_range_stays_while_values_stay_within_it_and_never_cuts_any_off():
    scale = RunningScale()
    first = scale(np.float32([[0, 4]]))
    assert (first.offset, first.high) == (0, 5)
    assert scale(np.float32([[0.5, 4.9]])) is first
    wider = scale(np.float32([[2, 9]]))
    assert wider.offset <= 0 < 9 < wider.high
    assert scale(np.float32([[0, 4]])) is wider


def test_below_0_there_is_room_only_once_a_value_was_there():
    scale = RunningScale()
    scale(np.float32([[1, 4]]))
    assert scale(np.float32([[-1, 4]])).offset < -1
