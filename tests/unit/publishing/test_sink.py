from __future__ import annotations

import re

import pytest

from streamdepth.errors import SinkError
from streamdepth.publishing.sink import NotPublished, Publishing, Standing

REFUSED = NotPublished("connection refused", "check the host")
GONE = NotPublished("ended by the other side")


class Run:
    """A standing by hand, at moments that the test makes."""

    def __init__(self, chance=1.0):
        self.now, self.lines = 100.0, []
        self.standing = Standing(
            "rtsp://h/x",
            lambda line, trouble: self.lines.append((trouble, line)),
            clock=lambda: self.now,
            chance=lambda: chance,
        )

    def figures(self, *names):
        figures = self.standing.figures()
        return tuple(figures[name] for name in names)


def test_it_is_tried_again_soon_and_then_every_two_seconds_for_ever():
    run = Run()
    assert [run.standing.lost(REFUSED) for _ in range(6)] == [0.5, 1.0, 2.0, 2.0, 2.0, 2.0]


def test_a_delay_is_up_to_a_quarter_shorter():
    assert Run(chance=0.0).standing.lost(REFUSED) == 0.375


def test_a_connection_that_lasted_starts_the_delays_anew_and_a_short_one_does_not():
    run = Run()
    for _ in range(3):
        run.standing.lost(REFUSED)
    run.standing.connected()
    run.now += 1
    assert run.standing.lost(GONE) == 2.0
    run.standing.connected()
    run.now += 60
    assert [run.standing.lost(GONE), run.standing.lost(REFUSED)] == [0.5, 1.0]


def test_the_figures_are_those_of_all_connections():
    run = Run()
    assert run.figures("state", "connected_seconds", "reconnects") == ("trying", 0.0, 0)
    run.standing.connected()
    run.now += 3
    run.standing.sent()
    run.standing.left_out(2)
    assert run.figures("state", "connected_seconds", "packets", "dropped") == ("connected", 3.0, 1, 2)
    run.standing.lost(GONE)
    assert run.figures("state", "reason") == ("trying", "ended by the other side")
    run.now += 5
    run.standing.left_out(7)  # not yet connected
    run.standing.connected(left_out=7)
    run.now += 2
    run.standing.left_out(8)
    assert run.figures("reason", "connected_seconds", "reconnects", "dropped") == (None, 5.0, 1, 3)
    run.standing.ended()
    run.now += 9
    assert run.figures("state", "connected_seconds", "dropped") == ("ended", 5.0, 3)


def test_each_change_is_told_and_the_same_one_not_again_within_a_minute():
    run = Run()
    run.standing.lost(REFUSED)
    run.standing.lost(REFUSED)
    run.standing.connected()
    run.standing.lost(GONE)
    run.standing.connected()
    assert run.lines == [
        (True, "cannot publish to rtsp://h/x: connection refused; trying again (check the host)"),
        (False, "publishing to rtsp://h/x"),
        (True, "publishing to rtsp://h/x broke off: ended by the other side; trying again"),
        (False, "publishing to rtsp://h/x again"),
    ]
    for _ in range(1000):
        run.standing.lost(GONE)
        run.standing.connected()
        run.now += 0.05
    assert len(run.lines) == 4
    run.now += 60
    run.standing.lost(GONE)
    assert len(run.lines) == 5


class Publisher:
    """Ends when it is told, or only when it is cut off, or never."""

    def __init__(self, ends_at="stop", failure=None):
        self.ends_at, self.failure, self.heard = ends_at, failure, []
        self.standing = Run().standing

    def stop(self):
        self.heard.append("stop")

    def abort(self):
        self.heard.append("abort")

    def is_running(self, patience):
        return self.ends_at not in self.heard


def test_at_the_end_all_are_told_and_only_those_that_hang_are_cut_off():
    publishers = [Publisher(), Publisher("abort"), Publisher("never")]
    Publishing(publishers).close(complete=False)
    assert [publisher.heard for publisher in publishers] == [["stop"], ["stop", "abort"], ["stop", "abort"]]


def test_a_fault_of_our_own_ends_the_run_and_nothing_else_does():
    Publishing([Publisher()]).write(None)
    with pytest.raises(SinkError, match="publishing failed: ZeroDivisionError"):
        Publishing([Publisher(), Publisher(failure=ZeroDivisionError("x"))]).write(None)


def test_a_server_that_got_nothing_at_all_is_told_at_the_end_with_what_to_do():
    served, refused, silent, ready = (Publisher() for _ in range(4))
    served.standing.sent()
    served.standing.lost(GONE)
    refused.standing.lost(REFUSED)
    Publishing([served]).check_sent()
    with pytest.raises(
        SinkError, match=r"^nothing was published to rtsp://h/x: connection refused \(check the host\)$"
    ):
        Publishing([served, refused]).check_sent()
    with pytest.raises(SinkError, match="it did not answer before the end"):
        Publishing([silent]).check_sent()
    both = (
        "nothing was published to rtsp://h/x: connection refused, nor to rtsp://h/x: it did not answer before the end "
        "(check the host; check that it takes streams there)"
    )
    with pytest.raises(SinkError, match=f"^{re.escape(both)}$"):
        Publishing([refused, served, silent]).check_sent()
    ready.standing.connected()
    with pytest.raises(SinkError, match="the run ended before it had the first picture"):
        Publishing([ready]).check_sent()
