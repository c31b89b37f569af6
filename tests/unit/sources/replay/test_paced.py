"""Inputs that could wait, played as if they were live."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from streamdepth.frames import Frame, SourceInfo
from streamdepth.pixels import Picture
from streamdepth.sources.replay.paced import HeldPicture, PacedSource


class Recording:
    """Frames at given times; each takes `cost` seconds of the clock to decode."""

    def __init__(
        self, times: list[Fraction], rate: Fraction | None = Fraction(10), cost: float = 0.0
    ) -> None:
        self.info = SourceInfo(4, 2, rate, live=False, read_timeout=3.0, frame_count=len(times))
        self.times, self.cost = times, cost
        self.now = 70.0
        self.waits: list[float] = []
        self.closed = 0
        self._next = 0

    def clock(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def read(self) -> Frame | None:
        if self._next == len(self.times):
            return None
        self.now += self.cost
        index, self._next = self._next, self._next + 1
        picture = Picture.of_bgr(np.full((2, 4, 3), index, np.uint8))
        return Frame(index, self.times[index], self.now, picture, name=f"{index}.png")

    def close(self) -> None:
        self.closed += 1


def tenths(*numbers: int) -> list[Fraction]:
    return [Fraction(number, 10) for number in numbers]


def play(recording: Recording) -> list[Frame]:
    return list(iter(PacedSource(recording, recording.clock, recording.wait).read, None))


def test_it_is_live_and_otherwise_like_its_file() -> None:
    recording = Recording(tenths(0))
    info = PacedSource(recording).info
    assert info.live
    assert (info.width, info.height, info.rate, info.frame_count) == (4, 2, Fraction(10), 1)
    assert info.read_timeout > recording.info.read_timeout


def test_each_frame_comes_when_its_timestamp_is_due() -> None:
    frames = play(Recording(tenths(0, 1, 2, 5)))
    assert [frame.captured_at for frame in frames] == pytest.approx([70.0, 70.1, 70.2, 70.5])


def test_the_first_frame_comes_at_once_whatever_its_timestamp() -> None:
    frames = play(Recording(tenths(50, 51)))
    assert [frame.captured_at for frame in frames] == pytest.approx([70.0, 70.1])
    assert [frame.pts for frame in frames] == tenths(50, 51)


def test_decoding_is_part_of_the_wait() -> None:
    recording = Recording(tenths(0, 1, 2), cost=0.06)
    frames = play(recording)
    assert [frame.captured_at for frame in frames] == pytest.approx([70.06, 70.16, 70.26])
    assert recording.waits == pytest.approx([0.04, 0.04])


def test_a_slow_decoder_loses_no_frame_and_never_waits() -> None:
    recording = Recording(tenths(0, 1, 2, 3), cost=0.25)
    frames = play(recording)
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    assert recording.waits == []


def test_a_long_gap_is_shortened_and_what_follows_keeps_its_speed() -> None:
    frames = play(Recording(tenths(0, 36_000, 36_001)))
    assert [frame.captured_at for frame in frames] == pytest.approx([70.0, 72.0, 72.1])


def test_no_wait_is_longer_than_the_read_timeout_allows() -> None:
    recording = Recording([Fraction(0), Fraction(20), Fraction(400)], rate=Fraction(1, 20))
    source = PacedSource(recording, recording.clock, recording.wait)
    frames = list(iter(source.read, None))
    assert frames[1].captured_at == pytest.approx(90.0)
    assert max(recording.waits) < source.info.read_timeout - recording.info.read_timeout


def test_timestamps_that_jump_back_do_not_stop_it() -> None:
    frames = play(Recording(tenths(30, 0, 1)))
    assert [frame.index for frame in frames] == [0, 1, 2]


def test_frames_keep_their_name_picture_and_timestamp() -> None:
    frame = play(Recording(tenths(0, 1)))[1]
    assert (frame.name, frame.pts, frame.bgr[0, 0, 0]) == ("1.png", Fraction(1, 10), 1)


def test_closing_closes_the_file() -> None:
    recording = Recording(tenths(0))
    PacedSource(recording).close()
    HeldPicture(recording).close()
    assert recording.closed == 2


def test_the_warnings_of_the_file_are_passed_on() -> None:
    recording = Recording(tenths(0))
    assert PacedSource(recording).warnings == []
    recording.warnings = ["a picture was skipped"]  # type: ignore[attr-defined]
    assert PacedSource(recording).warnings == HeldPicture(recording).warnings == ["a picture was skipped"]


def test_a_held_picture_comes_again_and_again_at_a_low_rate() -> None:
    recording = Recording([Fraction(0)], rate=None)
    source = HeldPicture(recording, recording.clock, recording.wait)
    frames = [source.read() for _ in range(4)]
    assert all(frame is not None and frame.name == "0.png" for frame in frames)
    assert [frame.index for frame in frames if frame] == [0, 1, 2, 3]
    assert [frame.captured_at for frame in frames if frame] == pytest.approx([70.0, 70.2, 70.4, 70.6])
    assert [frame.pts for frame in frames if frame] == [Fraction(i, 5) for i in range(4)]
    assert (source.info.live, source.info.frame_count, source.info.rate) == (True, None, Fraction(5))


def test_holding_nothing_ends_at_once() -> None:
    assert HeldPicture(Recording([])).read() is None
