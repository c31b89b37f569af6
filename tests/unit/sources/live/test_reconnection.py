"""The states of a connection that comes back, its delays and what it tells, without a clock or a network."""

from __future__ import annotations

from itertools import pairwise

import pytest

from streamdepth.frames import Condition, Outages, SourceState
from streamdepth.sources.live.reconnection import BACKOFF, GOOD_AFTER, MOVES, LinkState, Reconnection


def without_jitter() -> float:
    return 0.5


def connected(at: float = 0.0) -> Reconnection:
    reconnection = Reconnection(without_jitter)
    assert reconnection.picture(at)
    return reconnection


def pauses(reconnection: Reconnection, count: int, now: float = 0.0) -> list[float]:
    found = []
    for _ in range(count):
        found.append(reconnection.lost(now, "connection refused"))
        reconnection.retry()
    return found


def test_it_is_tried_quickly_at_first_then_ever_more_seldom_and_for_ever() -> None:
    expected = [1.0] * 5 + [5.0] * 5 + [10.0] * 10 + [60.0] * 30
    assert pauses(connected(), 50) == expected


def test_the_first_connection_is_tried_by_the_same_delays() -> None:
    assert pauses(Reconnection(without_jitter), 7) == [1.0] * 5 + [5.0] * 2


def test_jitter_is_a_fifth_up_or_down() -> None:
    assert BACKOFF.delay(0, 0.0) == pytest.approx(0.8)
    assert BACKOFF.delay(0, 1.0) == pytest.approx(1.2)
    assert BACKOFF.delay(1000, 1.0) == pytest.approx(72.0)


def test_the_next_try_is_due_when_its_delay_is_over() -> None:
    reconnection = connected()
    reconnection.lost(10.0, "connection refused")
    assert [reconnection.wait_left(now) for now in (10.0, 10.75, 11.0, 12.0)] == [1.0, 0.25, 0.0, 0.0]


def test_pictures_that_were_good_for_a_while_start_the_delays_anew() -> None:
    reconnection = connected()
    pauses(reconnection, 12)
    reconnection.picture(100.0)
    reconnection.picture(100.0 + GOOD_AFTER)
    assert pauses(reconnection, 6) == [1.0] * 5 + [5.0]


def test_pictures_that_were_there_for_a_moment_do_not() -> None:
    reconnection = connected()
    pauses(reconnection, 12)
    reconnection.picture(100.0)
    reconnection.picture(100.0 + GOOD_AFTER - 0.1)
    assert pauses(reconnection, 1) == [10.0]


def test_it_is_live_until_lost_and_again_once_a_picture_comes() -> None:
    reconnection = connected(3.0)
    reconnection.picture(4.0)
    assert reconnection.condition == Condition(SourceState.LIVE)
    reconnection.lost(9.0, "no more pictures")
    away = Condition(SourceState.AWAY, "no more pictures", since=4.0)
    assert reconnection.condition == away
    reconnection.retry()
    assert reconnection.condition == away
    assert reconnection.picture(12.0)
    assert reconnection.condition == Condition(SourceState.LIVE)
    assert not reconnection.picture(12.1)


def test_outages_count_from_the_last_picture_to_the_next() -> None:
    reconnection = connected(0.0)
    assert reconnection.outages(5.0) == Outages(0, 0.0)
    reconnection.lost(6.0, "connection broke off")
    assert reconnection.outages(7.0) == Outages(0, 7.0)
    reconnection.retry()
    reconnection.picture(10.0)
    assert reconnection.outages(20.0) == Outages(1, 10.0)


def test_an_outage_ends_with_the_run() -> None:
    reconnection = connected(0.0)
    reconnection.lost(1.0, "connection refused")
    reconnection.close(4.0)
    assert reconnection.outages(100.0) == Outages(0, 4.0)
    reconnection.close(200.0)
    assert reconnection.outages(200.0) == Outages(0, 4.0)


def test_a_source_that_was_never_there_is_not_away() -> None:
    reconnection = Reconnection(without_jitter)
    reconnection.lost(1.0, "connection refused")
    assert reconnection.condition == Condition(SourceState.LIVE)
    assert reconnection.outages(9.0) == Outages(0, 0.0)


def test_every_move_that_is_not_in_the_table_is_refused() -> None:
    reconnection = Reconnection(without_jitter)
    with pytest.raises(RuntimeError, match="connecting cannot become connecting"):
        reconnection.retry()
    reconnection.lost(0.0, "no answer")
    with pytest.raises(RuntimeError, match="waiting cannot become up"):
        reconnection.picture(0.0)
    reconnection.close(0.0)
    with pytest.raises(RuntimeError, match="closed cannot become waiting"):
        reconnection.lost(0.0, "no answer")


def test_closed_is_the_only_end_and_can_be_reached_from_everywhere() -> None:
    assert set(MOVES) == set(LinkState)
    assert [state for state in LinkState if not MOVES[state]] == [LinkState.CLOSED]
    assert all(LinkState.CLOSED in MOVES[state] for state in LinkState if state is not LinkState.CLOSED)


def test_delays_never_become_shorter() -> None:
    assert all(
        first <= second for first, second in pairwise(BACKOFF.delay(count, 0.5) for count in range(40))
    )


def test_a_camera_that_refuses_the_password_is_asked_seldom_lest_it_locks_the_account() -> None:
    link = Reconnection(lambda: 0.5)
    pauses = []
    for _ in range(8):
        pauses.append(link.lost(0.0, "user name or password refused"))
        link.retry()
    assert pauses == [5.0, *[60.0] * 5, 300.0, 300.0]
    assert link.lost(0.0, "no answer") < 60.0, "and anything else as ever"
