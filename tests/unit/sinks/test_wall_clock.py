import time

from streamdepth.sinks.wall_clock import wall_clock


def test_a_moment_ago_is_as_long_ago_by_the_clock_of_the_day():
    assert abs(wall_clock(time.monotonic() - 60) - (time.time() - 60)) < 5
