"""How long a movie says that it lasts, in the boxes of ISO/IEC 14496-12."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import pytest

from streamdepth.sinks.movie.mp4_index import correct_duration

MOVIE_TICKS, MEDIA_TICKS = 1000, 12_800


def box(kind: bytes, *contents: bytes) -> bytes:
    content = b"".join(contents)
    return (8 + len(content)).to_bytes(4) + kind + content


@dataclass(frozen=True)
class Boxes:
    """The boxes of an index, with times of four bytes (version 0) or eight (version 1)."""

    version: int

    def _time(self, ticks: int) -> bytes:
        return ticks.to_bytes(4 + 4 * self.version)

    def _full(self, kind: bytes, *contents: bytes) -> bytes:
        return box(kind, bytes([self.version, 0, 0, 7]), *contents)

    def _timed(self, kind: bytes, ticks: int, duration: int) -> bytes:
        """`mvhd` or `mdhd`: made, changed, ticks a second, duration, and what follows."""
        times = (self._time(11), self._time(12), ticks.to_bytes(4), self._time(duration))
        return self._full(kind, *times, b"rest")

    def track(self, handler: bytes, duration: int, *, edits: tuple[tuple[int, int], ...] = ()) -> bytes:
        head = (self._time(11), self._time(12), (1).to_bytes(4), bytes(4), self._time(duration))
        rows = (
            self._time(lasts) + begin.to_bytes(len(self._time(0)), signed=True) + b"\0\1\0\0"
            for lasts, begin in edits
        )
        elst = self._full(b"elst", len(edits).to_bytes(4), *rows)
        return box(
            b"trak",
            self._full(b"tkhd", *head, b"rest"),
            box(b"edts", elst) if edits else b"",
            box(
                b"mdia",
                self._timed(b"mdhd", MEDIA_TICKS, duration * MEDIA_TICKS // MOVIE_TICKS),
                self._full(b"hdlr", bytes(4), handler, bytes(12), b"name\0"),
            ),
        )

    def movie(self, duration: int, *tracks: bytes) -> bytearray:
        head = self._timed(b"mvhd", MOVIE_TICKS, duration)
        return bytearray(box(b"moov", head, *tracks, box(b"udta", b"title")))


BOTH = pytest.mark.parametrize("boxes", [Boxes(0), Boxes(1)], ids=["four bytes", "eight bytes"])


@BOTH
def test_the_picture_is_shown_as_long_as_it_is_told(boxes: Boxes) -> None:
    index = boxes.movie(40, boxes.track(b"vide", 40))
    correct_duration(index, Fraction(5, 2))
    assert index == boxes.movie(2500, boxes.track(b"vide", 2500))


@BOTH
def test_sound_keeps_its_own_length_wherever_its_track_stands(boxes: Boxes) -> None:
    sound = boxes.track(b"soun", 3000, edits=((3000, 1024),))
    index = boxes.movie(3000, sound, boxes.track(b"vide", 40), sound)
    correct_duration(index, Fraction(2))
    assert index == boxes.movie(3000, sound, boxes.track(b"vide", 2000), sound)


@BOTH
def test_the_movie_lasts_as_long_as_its_longest_track(boxes: Boxes) -> None:
    sound = boxes.track(b"soun", 1500)
    index = boxes.movie(1500, boxes.track(b"vide", 40), sound)
    correct_duration(index, Fraction(4))
    assert index == boxes.movie(4000, boxes.track(b"vide", 4000), sound)


@BOTH
def test_a_picture_that_begins_late_is_shown_as_long_all_the_same(boxes: Boxes) -> None:
    """An edit with no media (begin -1) is the wait; the track lasts as long as both edits."""
    index = boxes.movie(540, boxes.track(b"vide", 540, edits=((500, -1), (40, 1024))))
    correct_duration(index, Fraction(2))
    track = boxes.track(b"vide", 2500, edits=((500, -1), (2000, 1024)))
    # The media itself has no wait in it.
    wanted = track.replace((2500 * MEDIA_TICKS // MOVIE_TICKS).to_bytes(4), (2 * MEDIA_TICKS).to_bytes(4))
    assert index == boxes.movie(2500, wanted)


@BOTH
def test_seconds_are_rounded_to_the_ticks_of_each_box(boxes: Boxes) -> None:
    index = boxes.movie(40, boxes.track(b"vide", 40))
    correct_duration(index, Fraction(1001, 30_000) * 7)
    assert (234).to_bytes(4) in index  # 233.57 of the movie
    assert (2990).to_bytes(4) in index  # 2989.65 of the media


def test_times_of_eight_bytes_hold_more_than_four_could() -> None:
    boxes = Boxes(1)
    index = boxes.movie(40, boxes.track(b"vide", 40))
    correct_duration(index, Fraction(60 * 24 * 3600))
    assert index == boxes.movie(5_184_000_000, boxes.track(b"vide", 5_184_000_000))
