from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from streamdepth.frames import DepthMap, Estimate, Frame, Rendered, SourceInfo
from streamdepth.pixels import Picture
from streamdepth.sinks.segments import SegmentOptions, SegmentSink

START = datetime(2025, 1, 31, 23, 59, 50)
INFO = SourceInfo(64, 48, Fraction(25), True, 1.0)


def shown(index: int) -> Rendered:
    picture = Picture.of_bgr(np.full((48, 64, 3), index % 256, np.uint8))
    frame = Frame(index, 1000 + Fraction(index, 10), 0.0, picture)
    return Rendered(Estimate(frame, DepthMap(np.zeros((2, 2), np.float32)), 0.0), picture)


def pts_of(path: Path) -> list[Fraction]:
    with av.open(str(path)) as container:
        return [frame.pts * frame.time_base for frame in container.decode(video=0)]


def test_a_recording_in_pieces_loses_no_picture_between_them(tmp_path: Path) -> None:
    now = START
    sink = SegmentSink(tmp_path / "day.mp4", INFO, SegmentOptions(2.0), now=lambda: now)
    for index in range(50):
        now = START + timedelta(seconds=index / 10)
        sink.write(shown(index))
    sink.close()
    names = ["day-20250131-235950.mp4", "day-20250131-235952.mp4", "day-20250131-235954.mp4"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    for name, count in zip(names, (20, 20, 10), strict=True):
        assert pts_of(tmp_path / name) == [Fraction(n, 10) for n in range(count)]


def test_only_older_pieces_of_the_same_recording_are_deleted(tmp_path: Path) -> None:
    old = ["day-20250130-000000.mp4", "day-20250130-000000-2.mp4"]
    others = [
        "day.mp4", "day-2.mp4", "day-20250131-235900.mp4", "day-20250130-000000.txt", "night-20250130-000000.mp4",
        "day-20250130-000000-cut.mp4", "my-day-20250130-000000.mp4",
    ]  # fmt: skip
    for name in (*old, *others):
        (tmp_path / name).write_bytes(b"film")
    told: list[str] = []
    options = SegmentOptions(2.0, keep=3600.0)
    SegmentSink(tmp_path / "day.mp4", INFO, options, notify=told.append, now=lambda: START).close()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(others)
    assert len(told) == 2


def test_a_piece_never_replaces_one_of_the_same_second(tmp_path: Path) -> None:
    for _ in range(2):
        sink = SegmentSink(tmp_path / "day.mp4", INFO, SegmentOptions(2.0), now=lambda: START)
        sink.write(shown(0))
        sink.close()
    names = ["day-20250131-235950-2.mp4", "day-20250131-235950.mp4"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
