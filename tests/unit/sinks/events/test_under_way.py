from __future__ import annotations

from fractions import Fraction

import pytest

from streamdepth.delivery.standing import Standing
from streamdepth.sinks.events.event import Event
from streamdepth.sinks.events.under_way import UnderWay
from streamdepth.zones.presence import Phase
from streamdepth.zones.watch import Change
from streamdepth.zones.zone import Kind, Unit

CHANGE = Change("door", Kind.NEAR, Phase.BEGAN, Fraction(1), Fraction(0), None, 0.25, 1.0, Unit.METRES)
FIRST, SECOND = (Event(f"r-{number}", "hall", number, None, CHANGE) for number in (1, 2))


@pytest.fixture
def under_way():
    """Both events, of three messages each."""
    under_way = UnderWay(Standing("there", lambda *_: None))
    under_way.add(FIRST, [1, 2, 3])
    under_way.add(SECOND, [4, 5, 6])
    return under_way


def test_an_event_is_settled_when_the_last_of_its_messages_is_however_they_come(under_way):
    assert under_way.settled({1: "", 4: ""}) == []
    assert under_way.settled({3: "", 5: ""}) == []
    assert under_way.settled({2: ""}) == [FIRST]
    assert under_way.settled({6: ""}) == [SECOND]
    assert under_way._standing.delivered == 2


def test_what_is_under_way_is_not_published_again(under_way):
    third = Event("r-3", "hall", 3, None, CHANGE)
    assert under_way.new([FIRST, SECOND, third]) == [third]
    under_way.settled({1: "", 2: "", 3: ""})
    assert under_way.new([FIRST]) == [FIRST]


def test_one_that_the_broker_refuses_is_settled_and_counted_as_refused(under_way):
    assert under_way.settled({2: "not authorized"}) == [FIRST]
    assert (under_way._standing.refused, under_way._standing.delivered) == (1, 0)
