from __future__ import annotations

import pytest

from streamdepth.errors import StageStuck
from streamdepth.threads.watchdog import Watch


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def checked(watch, clock, until):
    """Look several times a second, as the pipeline does."""
    while clock.now < until:
        clock.now = min(clock.now + 0.25, until)
        watch.check()


def test_a_watch_raises_only_while_a_call_outlives_its_limit():
    clock = Clock()
    watch = Watch("inference", 5.0, clock)
    watch.check()
    with watch:
        watch.check()
        checked(watch, clock, 4.9)
        with pytest.raises(StageStuck, match="inference"):
            checked(watch, clock, 5.1)
    watch.check()


def test_each_call_has_the_whole_limit():
    clock = Clock()
    watch = Watch("capture", 1.0, clock)
    for until in (0.9, 1.8, 2.7):
        with watch:
            checked(watch, clock, until)


def test_a_process_that_was_stopped_waits_on_and_still_notices_a_call_that_hangs():
    clock = Clock()
    watch = Watch("capture", 7.0, clock)
    with watch:
        checked(watch, clock, 2.0)
        clock.now += 90.0  # Ctrl-Z and fg, a container that was paused, a laptop that slept
        checked(watch, clock, 96.0)
        with pytest.raises(StageStuck):
            checked(watch, clock, 100.0)


def test_a_call_counts_from_its_beginning_and_not_from_the_first_look():
    clock = Clock()
    watch = Watch("capture", 0.5, clock)
    with watch:
        clock.now = 0.75
        with pytest.raises(StageStuck):
            watch.check()
