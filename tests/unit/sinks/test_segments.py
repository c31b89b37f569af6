from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

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


@pytest.mark.parametrize("jump", [timedelta(days=10), timedelta(days=-10)])
def test_what_a_run_recorded_itself_is_kept_as_long_whatever_becomes_of_the_clock(
    tmp_path: Path, jump: timedelta
) -> None:
    now, elapsed, told = START, 0.0, []
    options = SegmentOptions(2.0, keep=5.0)
    sink = SegmentSink(
        tmp_path / "day.mp4", INFO, options, notify=told.append, now=lambda: now, clock=lambda: elapsed
    )
    for index in range(100):
        elapsed = index / 10
        now = START + timedelta(seconds=elapsed) + (jump if index > 30 else timedelta())
        sink.write(shown(index))
        if index == 45:
            assert told == []
    sink.close()
    first, second = (tmp_path / f"day-20250131-2359{second}.mp4" for second in (50, 52))
    assert told == [f"{one} is older than --keep allows and was deleted" for one in (first, second)]
    assert len(list(tmp_path.iterdir())) == 3


def test_a_piece_never_replaces_one_of_the_same_second(tmp_path: Path) -> None:
    for _ in range(2):
        sink = SegmentSink(tmp_path / "day.mp4", INFO, SegmentOptions(2.0), now=lambda: START)
        sink.write(shown(0))
        sink.close()
    names = ["day-20250131-235950-2.mp4", "day-20250131-235950.mp4"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where clocks are put forward at 2:00 and back at 3:00."""
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("now", "name"),
    [
        (datetime(2025, 3, 30, 3, 1), "day-20250330-015000.mp4"),  # eleven minutes ago
        (datetime(2025, 10, 26, 2, 30, fold=1), "day-20251026-022000.mp4"),  # ten
        (datetime(2025, 10, 26, 3, 1), "day-20251026-025500.mp4"),  # six, or an hour more: nobody knows
    ],
)
@pytest.mark.usefixtures("berlin")
def test_a_piece_is_as_old_as_it_is_where_summer_time_begins_and_ends(
    tmp_path: Path, now: datetime, name: str
) -> None:
    (tmp_path / name).write_bytes(b"film")
    SegmentSink(
        tmp_path / "day.mp4", INFO, SegmentOptions(2.0, keep=1800.0), now=lambda: now, notify=fail
    ).close()
    assert (tmp_path / name).exists()


def fail(line: str) -> None:
    raise AssertionError(line)


@pytest.mark.parametrize("stamp", ["20250230-000000", "99999999-999999"])
def test_a_file_whose_name_is_no_time_is_no_piece(tmp_path: Path, stamp: str) -> None:
    other = tmp_path / f"day-{stamp}.mp4"
    other.write_bytes(b"film")
    SegmentSink(tmp_path / "day.mp4", INFO, SegmentOptions(2.0, keep=3600.0), now=lambda: START).close()
    assert other.exists()
