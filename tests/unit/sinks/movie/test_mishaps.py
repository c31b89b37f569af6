"""The MP4 sink when things go wrong: killed, no disk left, no folder, no permission; and live recordings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from streamdepth.errors import DiskFull, SinkError
from streamdepth.files import Taken
from streamdepth.frames import DepthMap, Estimate, Frame, Rendered, SourceInfo
from streamdepth.pixels import Picture
from streamdepth.sinks.movie.sink import MovieOptions, MovieSink


def noise(index: int, width: int = 160, height: int = 120) -> Picture:
    generator = np.random.default_rng(index)
    return Picture.of_bgr(generator.integers(0, 256, (height, width, 3), np.uint8))


def shown(index: int, time: Fraction) -> Rendered:
    picture = noise(index)
    return Rendered(
        Estimate(Frame(index, time, 0.0, picture), DepthMap(np.zeros((2, 2), np.float32)), 0.0), picture
    )


def info(*, live: bool = False, rate: Fraction | None = Fraction(25)) -> SourceInfo:
    return SourceInfo(160, 120, rate, live, 1.0)


def pts_of(path: Path) -> list[Fraction]:
    """What a player gets to show; it stops at a frame that was cut off."""
    times = []
    with av.open(str(path)) as container, suppress(av.error.InvalidDataError):
        for frame in container.decode(video=0):
            times.append(frame.pts * frame.time_base)
    return times


def test_a_live_recording_keeps_the_gaps_of_the_capture_clock(tmp_path: Path) -> None:
    clock = [Fraction(n, 90_000) for n in (111_111, 114_111, 120_000, 390_000, 393_003, 393_500, 1_011_111)]
    sink = MovieSink(tmp_path / "live.mp4", info(live=True, rate=None))
    for index, time in enumerate(clock):
        sink.write(shown(index, time))
    sink.close()
    assert pts_of(tmp_path / "live.mp4") == [time - clock[0] for time in clock]


def test_a_live_recording_has_its_final_name_at_once_and_after_an_early_end(tmp_path: Path) -> None:
    sink = MovieSink(tmp_path / "live.mp4", info(live=True))
    assert [(path.name, path.stat().st_size) for path in tmp_path.iterdir()] == [("live.mp4", 0)]
    for index in range(10):
        sink.write(shown(index, Fraction(index, 25)))
    assert [path.name for path in tmp_path.iterdir()] == ["live.mp4"]
    sink.close(complete=False)
    assert sink.kept is None
    assert len(pts_of(tmp_path / "live.mp4")) == 10


def test_one_can_seek_in_a_live_recording_by_two_seconds(tmp_path: Path) -> None:
    sink = MovieSink(tmp_path / "live.mp4", info(live=True))
    for index in range(60):
        sink.write(shown(0, Fraction(index, 8)))
    sink.close()
    with av.open(str(tmp_path / "live.mp4")) as container:
        keys = [p.pts * p.time_base for p in container.demux(video=0) if p.size and p.is_keyframe]
    assert keys == [0, 2, 4, 6]


WRITER = """
import sys
from fractions import Fraction
from pathlib import Path
import numpy as np
from streamdepth.files import Taken
from streamdepth.frames import DepthMap, Estimate, Frame, Rendered, SourceInfo
from streamdepth.pixels import Picture
from streamdepth.sinks.movie.sink import MovieSink

sink = MovieSink(Path(sys.argv[1]), SourceInfo(160, 120, Fraction(10), True, 1.0))
for index in range(50):
    picture = Picture.of_bgr(np.full((120, 160, 3), index * 5, np.uint8))
    frame = Frame(index, 1000 + Fraction(index, 10), 0.0, picture)
    sink.write(Rendered(Estimate(frame, DepthMap(np.zeros((2, 2), np.float32)), 0.0), picture))
sys.stdout.write("five seconds are written\\n")
sys.stdout.flush()
sys.stdin.read()
"""


def test_a_killed_live_recording_plays_but_for_its_last_second(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "live.mp4")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"five seconds are written\n"
        process.kill()
    times = pts_of(tmp_path / "live.mp4")
    assert times == [Fraction(n, 10) for n in range(len(times))]
    assert max(times) >= 4


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk takes more rights than these")
    yield disk
    # Lazily: PyAV keeps a file open whose header could not be written.
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def write_until_full(sink: MovieSink, frames: int = 200) -> None:
    for index in range(frames):
        sink.write(shown(index, Fraction(index, 25)))
    sink.close()


def test_a_full_disk_is_reported_once_and_leaves_nothing(small_disk: Path) -> None:
    sink = MovieSink(small_disk / "depth.mp4", info())
    with pytest.raises(DiskFull, match="free some space"):
        write_until_full(sink)
    assert list(small_disk.iterdir()) == []
    sink.close(complete=False)
    assert sink.kept is None


def test_a_full_disk_spares_the_older_result(small_disk: Path) -> None:
    (small_disk / "depth.mp4").write_bytes(b"older")
    sink = MovieSink(small_disk / "depth.mp4", info())
    with pytest.raises(DiskFull):
        write_until_full(sink)
    assert [path.read_bytes() for path in small_disk.iterdir()] == [b"older"]


def test_a_live_recording_on_a_full_disk_plays_as_far_as_it_got(small_disk: Path) -> None:
    sink = MovieSink(small_disk / "live.mp4", info(live=True), options=MovieOptions(crf=35))
    with pytest.raises(DiskFull):
        write_until_full(sink)
    sink.close(complete=False)
    assert len(pts_of(small_disk / "live.mp4")) > 10


def test_a_disk_that_fills_up_at_the_very_end_leaves_nothing(small_disk: Path) -> None:
    sink = MovieSink(small_disk / "depth.mp4", info())
    sink.write(shown(0, Fraction(0)))
    filler = small_disk / "filler"
    with suppress(OSError):
        filler.write_bytes(bytes(1_000_000))
    with pytest.raises(DiskFull):
        sink.close()
    assert list(small_disk.iterdir()) == [filler]
    sink.close()


@pytest.mark.parametrize("live", [False, True])
def test_a_disk_that_is_full_already_leaves_nothing(live: bool, small_disk: Path) -> None:
    filler = small_disk / "filler"
    with suppress(OSError):
        filler.write_bytes(bytes(1_000_000))
    sink = MovieSink(small_disk / "depth.mp4", info(live=live))
    with pytest.raises(DiskFull, match="is full"):
        sink.write(shown(0, Fraction(0)))
    assert list(small_disk.iterdir()) == [filler]
    sink.close(complete=False)


def test_a_live_recording_never_replaces_an_earlier_one(tmp_path: Path) -> None:
    for content in (b"first", b"second"):
        sink = MovieSink(tmp_path / "live.mp4", info(live=True))
        sink.write(shown(0, Fraction(0)))
        sink.close()
        sink.path.write_bytes(content)
    assert sorted((path.name, path.read_bytes()) for path in tmp_path.iterdir()) == [
        ("live-2.mp4", b"second"),
        ("live.mp4", b"first"),
    ]


def test_a_second_run_with_the_same_output_is_refused(tmp_path: Path) -> None:
    first = MovieSink(tmp_path / "depth.mp4", info())
    first.write(shown(0, Fraction(0)))
    with pytest.raises(Taken, match=r"another run is writing .*depth\.mp4"):
        MovieSink(tmp_path / "depth.mp4", info())
    first.close()
    assert pts_of(tmp_path / "depth.mp4") == [0]


def test_an_output_that_is_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "depth.mp4").symlink_to(tmp_path / "disk" / "far.mp4")
    sink = MovieSink(tmp_path / "depth.mp4", info())
    sink.write(shown(0, Fraction(0)))
    sink.close()
    assert (tmp_path / "depth.mp4").is_symlink()
    assert pts_of(tmp_path / "disk" / "far.mp4") == [0]


def test_a_missing_folder_is_named_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match=r"no folder .*nowhere .*create it first"):
        MovieSink(tmp_path / "nowhere" / "depth.mp4", info())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_output(tmp_path: Path) -> None:
    (tmp_path / "depth.mp4").mkdir()
    with pytest.raises(SinkError, match="is a folder"):
        MovieSink(tmp_path / "depth.mp4", info())


def test_a_folder_without_write_permission_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(SinkError, match=r"not writable .*permissions"):
        MovieSink(tmp_path / "depth.mp4", info())


def test_a_final_name_that_became_a_folder_meanwhile_leaves_the_part(tmp_path: Path) -> None:
    sink = MovieSink(tmp_path / "depth.mp4", info())
    sink.write(shown(0, Fraction(0)))
    (tmp_path / "depth.mp4").mkdir()
    with pytest.raises(SinkError):
        sink.close()
    assert sink.kept == tmp_path / "depth.part.mp4"
    assert pts_of(sink.kept) == [0]
