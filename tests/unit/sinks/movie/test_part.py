"""What of a recording's packets is part of the movie."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
import pytest

from streamdepth.frames import Recording
from streamdepth.sinks.movie.part import Part, read_from


def packet(pts: int, duration: int) -> Any:
    made = av.Packet(b"x")
    made.pts = made.dts = pts
    made.duration, made.time_base = duration, Fraction(1, 1000)
    return made


CUT = Part(Fraction(5), is_cut=True, lasts=Fraction(2))


@pytest.mark.parametrize(
    ("pts", "duration", "fitted"),
    [
        (100, 500, (100, 500)),
        (-300, 500, (0, 200)),
        (-500, 500, None),
        (1800, 500, (1800, 200)),
        (-10, 5000, (0, 2000)),
        (2000, 500, None),
    ],
)
def test_a_line_begins_and_ends_with_the_part(
    pts: int, duration: int, fitted: tuple[int, int] | None
) -> None:
    line = packet(pts, duration)
    assert CUT.fit_line(line) is (fitted is not None)
    if fitted is not None:
        assert (line.pts, line.dts, line.duration) == (fitted[0], fitted[0], fitted[1])


def test_of_all_of_a_recording_nothing_is_changed() -> None:
    line = packet(-300, 100)
    assert Part().fit_line(line)
    assert (line.pts, line.duration) == (-300, 100)
    assert not Part().leaves_out(packet(-900, 20))


def test_of_sound_before_the_part_one_packet_is_kept_for_the_decoder() -> None:
    assert [CUT.leaves_out(packet(pts, 20)) for pts in (-60, -40, -20, -5, 0)] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_recording_is_read_from_half_a_minute_before_the_part() -> None:
    def taken(skipped: int) -> Recording:
        return Recording("file:a", "a", 0, start=Fraction(skipped + 3), skipped=Fraction(skipped))

    assert [read_from(taken(skipped)) for skipped in (0, 30, 100)] == [None, None, 73]
    assert Part.of(taken(0)) == Part(Fraction(3))
    assert Part.of(taken(4)) == Part(Fraction(7), is_cut=True)
