from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

from streamdepth.sinks.events.event import Event
from streamdepth.zones.presence import Phase
from streamdepth.zones.watch import Change
from streamdepth.zones.zone import Kind, Unit

BEGAN = Change("Tür", Kind.NEAR, Phase.BEGAN, Fraction(1, 3), Fraction(0), None, 0.25, 1.0, Unit.METRES)


def test_a_line_tells_what_is_known_and_nothing_else():
    assert json.loads(Event("run-1", "hall", 10, None, BEGAN).line) == {
        "id": "run-1",
        "camera": "hall",
        "zone": "Tür",
        "what": "near",
        "phase": "began",
        "frame": 10,
        "pts": 0.333333,
        "since": 0.0,
        "share": 0.25,
        "nearest": 1.0,
        "unit": "metres",
    }


def test_a_distance_is_told_with_how_far_to_trust_it():
    assert Event("run-1", "hall", 10, None, replace(BEGAN, within=0.0714)).table["within"] == 0.071


def test_a_live_event_has_its_time_and_one_that_ended_its_end():
    ended = replace(
        BEGAN, phase=Phase.ENDED, until=Fraction(3, 2), nearest=None, reason="the zone was changed"
    )
    table = Event("run-2", "hall", 40, 1.5, ended).table
    assert (table["time"], table["until"]) == ("1970-01-01T00:00:01.500Z", 1.5)
    assert table["reason"] == "the zone was changed"
    assert "nearest" not in table
