from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamdepth.zones.presence import MOVES, Phase, Presence, Watched, step, transition, unseen
from streamdepth.zones.zone import Trigger

TRIGGER = Trigger(share=0.2, leave_share=0.1, seconds=1.0, leave_seconds=2.0)
TENTH = Fraction(1, 10)


def fed(shares, trigger=TRIGGER):
    """The phases of `shares`, a tenth of a second each: (number of the picture, phase)."""
    watched, news = Watched(), []
    for number, share in enumerate(shares):
        after = watched if share is None else step(watched, trigger, share, share, number * TENTH)
        after = unseen(watched) if share is None else after
        if (phase := transition(watched, after)) is not None:
            news.append((number, phase))
        watched = after
    return news, watched


def test_it_begins_with_the_first_picture_after_its_least_time_and_ends_likewise():
    news, watched = fed([0.0] * 5 + [0.3] * 20 + [0.0] * 30)
    assert news == [(15, Phase.BEGAN), (45, Phase.ENDED)]
    assert (watched.since, watched.until) == (5 * TENTH, 25 * TENTH)


def test_what_is_there_for_too_short_is_not_told():
    assert fed([0.0] * 5 + [0.3] * 10 + [0.0] * 30)[0] == []


def test_what_is_gone_for_a_moment_is_still_there():
    assert fed([0.3] * 20 + [0.0] * 19 + [0.3] * 20)[0] == [(10, Phase.BEGAN)]


def test_between_both_shares_nothing_changes():
    assert fed([0.15] * 50)[0] == []
    assert fed([0.3] * 20 + [0.15] * 50)[0] == [(10, Phase.BEGAN)]


def test_without_least_times_it_is_told_at_once():
    at_once = replace(TRIGGER, seconds=0.0, leave_seconds=0.0)
    assert fed([0.0, 0.3, 0.0], at_once)[0] == [(1, Phase.BEGAN), (2, Phase.ENDED)]


def test_pictures_that_say_nothing_end_nothing_and_begin_nothing():
    assert fed([0.3] * 9 + [None] + [0.3] * 10)[0] == []
    assert fed([0.3] * 20 + [0.0] * 10 + [None] * 50 + [0.0] * 19)[0] == [(10, Phase.BEGAN)]


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=60))
def test_whatever_comes_beginnings_and_ends_take_turns(shares):
    phases = [phase for _, phase in fed(shares)[0]]
    assert all(phase is (Phase.BEGAN, Phase.ENDED)[number % 2] for number, phase in enumerate(phases))


@pytest.mark.parametrize(
    ("there", "then"), [pair for pair in product(Presence, Presence) if pair[1] not in MOVES[pair[0]]]
)
def test_a_move_that_there_is_not_is_a_fault(there, then):
    with pytest.raises(AssertionError, match="to"):
        Watched(there).moved(then)
