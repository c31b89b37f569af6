from __future__ import annotations

import io

import pytest
from rich.console import Console

from streamdepth.reporting.console import ErrorConsole
from streamdepth.reporting.logs import set_up_logs
from streamdepth.reporting.overall import Overall
from streamdepth.reporting.progress import Progress, download_bar


@pytest.fixture(autouse=True)
def _logs():
    set_up_logs()


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def told(total, frames, *, seconds_each, terminal=False):
    output, clock = io.StringIO(), Clock()
    progress = Progress(ErrorConsole(Console(file=output, force_terminal=terminal, width=80)), total, clock)
    for _ in range(frames):
        progress.advance()
        clock.now += seconds_each
    progress.close()
    return output.getvalue()


def test_elsewhere_than_on_a_terminal_a_line_tells_rate_and_time_left_now_and_then():
    lines = told(100, 50, seconds_each=0.5).splitlines()
    assert lines == ["21 of 100 frames, 2.0 frames/s, 40 s left", "41 of 100 frames, 2.0 frames/s, 30 s left"]


def test_without_a_known_total_it_counts():
    assert told(None, 25, seconds_each=0.5).splitlines() == ["21 frames, 2.0 frames/s"]


def test_a_short_run_says_nothing():
    assert told(10, 10, seconds_each=0.1) == ""


def test_on_a_terminal_there_is_a_bar_with_a_rate_from_the_second_frame_on():
    first = told(10, 1, seconds_each=0.1, terminal=True)
    assert "1/10" in first
    assert "frames/s" not in first
    assert "frames/s" in told(10, 10, seconds_each=0.1, terminal=True)


def test_a_name_that_looks_like_markup_is_shown_as_it_is():
    output = io.StringIO()
    overall = Overall(1, 2, "a[/b].mp4\n", 0.0, 0.5, 0.0)
    progress = Progress(
        ErrorConsole(Console(file=output, force_terminal=True, width=120)), 2, Clock(), overall
    )
    progress.advance()
    progress.close()
    assert r"a[/b].mp4\n" in output.getvalue()


def test_without_a_frame_it_closes_quietly():
    assert told(10, 0, seconds_each=1) == ""


@pytest.mark.parametrize(("terminal", "is_shown"), [(True, True), (False, False)])
def test_a_download_has_a_bar_on_a_terminal_only(terminal, is_shown):
    output = io.StringIO()
    with download_bar(ErrorConsole(Console(file=output, force_terminal=terminal, width=80))) as progress:
        progress(10, None)
        progress(20, 100)
    assert bool(output.getvalue().strip()) is is_shown


def test_a_network_that_needs_no_download_leaves_the_terminal_alone():
    output = io.StringIO()
    with download_bar(ErrorConsole(Console(file=output, force_terminal=True, width=80))):
        assert output.getvalue() == ""
    assert output.getvalue() == ""


def test_the_time_left_of_all_waits_for_a_pace_where_it_is_all_there_is():
    output, clock = io.StringIO(), Clock()
    progress = Progress(
        ErrorConsole(Console(file=output, force_terminal=False, width=80)),
        100,
        clock,
        Overall(1, 4, "a.mp4", 0.0, 0.25, 0.0),
    )
    clock.now = 5.0  # the network is loaded
    for _ in range(21):
        progress.advance()
        clock.now += 0.5
    assert output.getvalue() == "21 of 100 frames, 2.0 frames/s, 40 s left, file 1 of 4 (4:31 left of all)\n"


def test_a_bar_ends_where_a_film_turns_out_to_end():
    output = io.StringIO()
    progress = Progress(ErrorConsole(Console(file=output, force_terminal=True, width=80)), 15_000, Clock())
    progress.advance()
    progress.advance(100)
    progress.close()
    assert "2/100" in output.getvalue()
