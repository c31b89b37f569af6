from __future__ import annotations

import io

import pytest
from rich.console import Console

from streamdepth.frames import Condition, Rendered, SourceState
from streamdepth.reporting.logs import set_up_logs
from streamdepth.reporting.progress import ProgressSink, download_bar

PICTURE = Rendered(None, None)  # nothing is looked at but its condition


@pytest.fixture(autouse=True)
def _logs():
    set_up_logs()


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def told(total, frames, *, seconds_each, terminal=False):
    output, clock = io.StringIO(), Clock()
    sink = ProgressSink(Console(file=output, force_terminal=terminal, width=80), total, clock)
    for _ in range(frames):
        sink.write(PICTURE)
        clock.now += seconds_each
    sink.close()
    return output.getvalue()


def test_elsewhere_than_on_a_terminal_a_line_tells_rate_and_time_left_now_and_then():
    lines = told(100, 50, seconds_each=0.5).splitlines()
    assert lines == ["21 of 100 frames, 2.1 frames/s, 38 s left", "41 of 100 frames, 2.0 frames/s, 29 s left"]


def test_a_picture_that_stands_in_for_a_source_that_is_away_is_not_counted():
    output = io.StringIO()
    sink = ProgressSink(Console(file=output, width=80), 10, lambda: 100.0)
    sink.write(Rendered(None, None, Condition(SourceState.AWAY)))
    sink.write(PICTURE)
    sink.close()
    assert sink._count == 1


def test_without_a_known_total_it_counts():
    assert told(None, 25, seconds_each=0.5).splitlines() == ["21 frames, 2.1 frames/s"]


def test_a_short_run_says_nothing():
    assert told(10, 10, seconds_each=0.1) == ""


def test_on_a_terminal_there_is_a_bar():
    assert "frames/s" in told(10, 10, seconds_each=0.1, terminal=True)


def test_a_sink_that_never_saw_a_frame_closes_quietly():
    assert told(10, 0, seconds_each=1) == ""


@pytest.mark.parametrize(("terminal", "is_shown"), [(True, True), (False, False)])
def test_a_download_has_a_bar_on_a_terminal_only(terminal, is_shown):
    output = io.StringIO()
    with download_bar(Console(file=output, force_terminal=terminal, width=80)) as progress:
        progress(10, None)
        progress(20, 100)
    assert bool(output.getvalue().strip()) is is_shown
