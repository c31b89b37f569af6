"""Lines are read as they were written, and what is not known is passed over."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from streamdepth.frames import DepthMeaning, SourceState
from streamdepth.pixels import Rectangle
from streamdepth.sessions.lines import (
    Began,
    Came,
    Continued,
    Ended,
    Happened,
    Inferred,
    Left,
    Told,
    Turned,
    Written,
    read_line,
    text_of,
)

CAME = Came(
    1.25, 7, Fraction(112501, 90000), 2, 0.001, (64, 48), Rectangle(0, 4, 64, 40), Fraction(4, 3), sum=9
)
LINES = [
    Began(0.5),
    CAME,
    Came(1.25, 7, Fraction(1), 0, 0.0, (64, 48), is_kept=False, is_fresh=True, packets=3),
    Left(1.0, 3, "superseded"),
    Inferred(1.0, 4, 0.1, DepthMeaning.METRES, 0.25, -1.0),
    Inferred(1.0, 5, 0.0, DepthMeaning.INVERSE, size=(4, 3), is_reused=True, is_kept=False),
    Written(1.0, 4, 0.001, 0.002),
    Turned(2.0, SourceState.AWAY, "no answer", 1.5, 2, 0.5),
    Told(2.0, "the camera is back: größer", is_warning=True),
    Happened(3.0, {"zone": "door", "phase": "begin"}),
    Continued(3.5),
    Ended(4.0, {"frames": {"captured": 3}}),
]


@pytest.mark.parametrize("line", LINES, ids=lambda line: type(line).__name__)
def test_a_line_is_read_as_it_was_written(line):
    assert read_line(text_of(line)) == line


def test_what_a_newer_release_adds_is_passed_over():
    told = json.loads(text_of(CAME))
    assert read_line(json.dumps(told | {"weather": "fine"}).encode()) == CAME
    assert read_line(json.dumps({"what": "sneezed", "at": 1}).encode()) is None


@pytest.mark.parametrize(
    "change", [{"at": "late"}, {"pts": "1/0"}, {"size": [1]}, {"index": None}, {"inner": [1, 2]}]
)
def test_a_line_that_is_damaged_is_none(change):
    assert read_line(json.dumps(json.loads(text_of(CAME)) | change).encode()) is None
    assert read_line(text_of(CAME)[:-4]) is None
    assert read_line(b"[1]") is None
