"""A run that is recorded waits for nobody, and what it lacks is told."""

from __future__ import annotations

import errno
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sessions import (
    ABOUT,
    Clock,
    depth_of,
    feed,
    noise,
    raw_frames,
    record,
    same_picture,
    sent_frames,
    without_end,
)

from streamdepth.errors import DiskFull, SinkError
from streamdepth.ffmpeg.matroska import PlainFile
from streamdepth.frames import Condition, Estimate, Outages, SentPacket, SourceState
from streamdepth.protocols import STOPPED
from streamdepth.sessions import recorder as recorder_module
from streamdepth.sessions.file import SessionFile
from streamdepth.sessions.lines import Came, Ended, Inferred, Left, Told, Turned
from streamdepth.sessions.read import SessionReader
from streamdepth.sessions.recorder import Recorder
from streamdepth.sources.replay.session import ReplayOptions, SessionSource
from streamdepth.threads.worker import Flag

BOUND = 20.0


def pieces_of(path):
    reader = SessionReader(path)
    try:
        return list(reader.pieces())
    finally:
        reader.close()


def pictures_of(path):
    source = SessionSource(path, ReplayOptions())
    try:
        return list(iter(source.read, None))
    finally:
        source.close()


def drained(recorder):
    """Wait until nothing waits."""
    give_up_at = time.monotonic() + BOUND
    while recorder._waiting:
        assert time.monotonic() < give_up_at
        time.sleep(0.005)


@pytest.mark.parametrize(
    "frames",
    [
        raw_frames(6),
        raw_frames(4, size=(63, 47)),
        [replace(frame, picture=noise(seed=frame.index, full_range=True)) for frame in raw_frames(4)],
        [replace(f, picture=type(f.picture).of_bgr(f.picture.bgr)) for f in raw_frames(3, size=(33, 21))],
        sent_frames(12),
    ],
    ids=["planes", "odd", "full range", "bgr", "h264"],
)
def test_pictures_come_back_to_the_bit_in_their_order_and_time(tmp_path, frames):
    path = tmp_path / "s.mkv"
    assert record(path, frames) == []
    back = pictures_of(path)
    assert [(f.index, f.pts, f.connection) for f in back] == [(f.index, f.pts, f.connection) for f in frames]
    for one, other in zip(back, frames, strict=True):
        assert same_picture(one.picture, other.picture)


def test_what_came_encoded_is_kept_as_it_came(tmp_path):
    frames = sent_frames(7)
    record(tmp_path / "s.mkv", frames)
    reader = SessionReader(tmp_path / "s.mkv")
    assert reader.pictures.codec_context.codec.canonical_name == "h264"
    kept = sum(packet.size for piece in reader.pieces() for packet in piece.packets)
    reader.close()
    sent = sum(len(one.data) for frame in frames for one in frame.sent.packets)
    assert abs(kept - sent) < 10 * len(frames)  # start codes became lengths


def test_a_file_that_is_there_stays(tmp_path):
    (tmp_path / "s.mkv").write_bytes(b"mine")
    record(tmp_path / "s.mkv", raw_frames(2))
    assert (tmp_path / "s.mkv").read_bytes() == b"mine"
    assert len(pictures_of(tmp_path / "s-2.mkv")) == 2


def test_pictures_of_another_size_go_on_in_another_file(tmp_path):
    later = [replace(f, index=f.index + 3) for f in raw_frames(2, size=(32, 24))]
    said = record(tmp_path / "s.mkv", [*raw_frames(3), *later])
    assert [(f.index, f.picture.width) for f in pictures_of(tmp_path / "s.mkv")] == [
        (0, 64),
        (1, 64),
        (2, 64),
    ]
    assert [(f.index, f.picture.width) for f in pictures_of(tmp_path / "s-2.mkv")] == [(3, 32), (4, 32)]
    assert said == [f"the format of the pictures changed: the recording continues in {tmp_path / 's-2.mkv'}"]
    for name in ("s.mkv", "s-2.mkv"):
        source = SessionSource(tmp_path / name, ReplayOptions())
        assert list(iter(source.read, None))
        assert source.warnings == []  # neither was cut short
        source.close()


def test_pictures_that_change_before_there_is_depth_go_on_in_the_form_that_has_it(tmp_path):
    later = [replace(f, index=f.index + 3) for f in raw_frames(4, size=(32, 24))]
    for number, early in enumerate((raw_frames(3), sent_frames(3))):
        path = tmp_path / f"s{number}.mkv"
        assert record(path, [*early, *later], dropped={0, 1, 2})[1:] == []
        assert [(f.index, f.picture.width) for f in pictures_of(path)] == [(n, 32) for n in (3, 4, 5, 6)]
        came = [piece.line for piece in pieces_of(path) if isinstance(piece.line, Came)]
        assert [line.index for line in came if not line.is_kept] == [0, 1, 2]
    assert len(list(tmp_path.iterdir())) == 2


def test_what_cannot_be_begun_leaves_no_file(tmp_path):
    broken = SentPacket(b"\0\0\0\1\x65\x88\x84", is_key=True)  # no decoder knows its size
    frames = [replace(f, sent=replace(f.sent, packets=(broken,))) for f in sent_frames(2)]
    with pytest.raises(SinkError, match="cannot be written"):
        record(tmp_path / "s.mkv", frames)
    assert list(tmp_path.iterdir()) == []


def test_maps_of_a_network_that_changes_its_size_are_kept_in_one_track(tmp_path):
    clock, frames = Clock(), raw_frames(9)
    recorder = Recorder(tmp_path / "s.mkv", lambda: ABOUT, notify=[].append, largest=16, clock=clock)
    sizes = [(12, 8), (16, 10), (6, 4)]
    for size, part in zip(sizes, (frames[:3], frames[3:6], frames[6:]), strict=True):
        feed(recorder, clock, part, depth_size=size)
    recorder.close()
    assert [path.name for path in tmp_path.iterdir()] == ["s.mkv"]
    back = pictures_of(tmp_path / "s.mkv")
    assert [frame.depth.values.shape[::-1] for frame in back] == [size for size in sizes for _ in range(3)]
    for frame, size in zip(back, [size for size in sizes for _ in range(3)], strict=True):
        assert np.abs(frame.depth.values - depth_of(frame, size).values).max() < 0.001


def test_maps_that_wait_for_a_file_find_room_in_it_whatever_the_size_of_the_last(tmp_path):
    clock, lies, stands = Clock(), raw_frames(2), raw_frames(3, size=(24, 32))[2]
    recorder = Recorder(tmp_path / "s.mkv", lambda: ABOUT, notify=[].append, clock=clock)
    for frame, size in zip((*lies, stands), ((12, 8), (16, 4), (8, 12)), strict=True):
        feed(recorder, clock, [frame], depth_size=size)
    recorder.close()
    (back,) = pictures_of(tmp_path / "s-2.mkv")
    assert same_picture(back.picture, stands.picture)
    assert np.abs(back.depth.values - depth_of(stands, (8, 12)).values).max() < 0.001


def test_depth_that_was_taken_once_more_is_kept_once(tmp_path):
    clock, frames = Clock(), raw_frames(4)
    recorder = Recorder(tmp_path / "s.mkv", lambda: ABOUT, notify=[].append, clock=clock)
    depth = depth_of(frames[0])
    for frame in frames:
        recorder.captured(frame, 0.0)
        recorder.inferred(Estimate(frame, depth, 0.0))
    recorder.close()
    lines = [piece.line for piece in pieces_of(tmp_path / "s.mkv") if isinstance(piece.line, Inferred)]
    assert [line.is_reused for line in lines] == [False, True, True, True]
    back = pictures_of(tmp_path / "s.mkv")
    assert len(back) == 4
    assert all((frame.depth.values == back[0].depth.values).all() for frame in back)


def test_a_run_without_any_depth_leaves_no_file(tmp_path):
    record(tmp_path / "s.mkv", raw_frames(5), dropped=range(5))
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_too_slow_costs_pictures_and_not_the_run(tmp_path, monkeypatch):
    frames, may_write, reached = sent_frames(20, every=4), Flag(), Flag()
    monkeypatch.setattr(recorder_module, "MOST_WAITING", 8_000)
    written = PlainFile.write

    def slow(self, data):
        reached.set()
        assert may_write.wait(BOUND)
        return written(self, data)

    monkeypatch.setattr(PlainFile, "write", slow)
    clock, said = Clock(), []
    recorder = Recorder(tmp_path / "s.mkv", lambda: ABOUT, notify=said.append, clock=clock)
    feed(recorder, clock, frames[:2])
    assert reached.wait(BOUND)
    feed(recorder, clock, frames[2:18])  # returns although nothing is written
    may_write.set()
    drained(recorder)
    feed(recorder, clock, frames[18:])
    recorder.close()
    came = [piece.line for piece in pieces_of(tmp_path / "s.mkv") if isinstance(piece.line, Came)]
    assert [line.index for line in came] == list(range(20))
    lost = [line.index for line in came if not line.is_kept]
    assert lost
    assert len(said) == 1
    assert f"lacks {len(lost)} of 20 pictures" in recorder.warnings[0]
    for frame in pictures_of(tmp_path / "s.mkv"):  # none leans on one that is lost
        assert same_picture(frame.picture, frames[frame.index].picture)


def test_a_processor_that_is_too_slow_costs_pictures_that_were_not_worked_on_first(tmp_path, monkeypatch):
    may_write, reached, written = Flag(), Flag(), PlainFile.write
    monkeypatch.setattr(recorder_module, "MUCH_WAITING", 10 * 64 * 48 * 3 // 2)

    def slow(self, data):
        reached.set()
        assert may_write.wait(BOUND)
        return written(self, data)

    monkeypatch.setattr(PlainFile, "write", slow)
    clock, frames = Clock(), raw_frames(60)
    recorder = Recorder(tmp_path / "s.mkv", lambda: ABOUT, notify=[].append, clock=clock)
    feed(recorder, clock, frames[:1])
    assert reached.wait(BOUND)
    dropped = {frame.index for frame in frames if frame.index % 6}
    feed(recorder, clock, frames[1:], dropped)
    may_write.set()
    drained(recorder)
    recorder.close()
    came = [piece.line for piece in pieces_of(tmp_path / "s.mkv") if isinstance(piece.line, Came)]
    lost = {line.index for line in came if not line.is_kept}
    assert 20 < len(lost) < len(dropped)  # once little waits, all are kept again
    assert lost <= dropped
    assert [frame.index for frame in pictures_of(tmp_path / "s.mkv")] == list(range(0, 60, 6))
    assert recorder._not_worked_on == {}


def test_at_the_end_what_waits_is_written_without_pictures_rather_than_not_at_all(tmp_path, monkeypatch):
    may_write, reached, add_picture = Flag(), Flag(), SessionFile.add_picture

    def slow(self, at, picture):
        reached.set()
        may_write.wait(0.3)
        add_picture(self, at, picture)

    monkeypatch.setattr(SessionFile, "add_picture", slow)
    monkeypatch.setattr(recorder_module, "CLOSE_PATIENCE", 1.0)
    monkeypatch.setattr(recorder_module, "HURRY_PATIENCE", BOUND)
    clock, frames, said = Clock(), raw_frames(30), []
    recorder = Recorder(tmp_path / "s.mkv", lambda: ABOUT, notify=said.append, clock=clock)
    feed(recorder, clock, frames, dropped={1, 3, 5, 7})
    assert reached.wait(BOUND)
    recorder.close()
    lines = [piece.line for piece in pieces_of(tmp_path / "s.mkv")]
    kept = [line.index for line in lines if isinstance(line, Came) and line.is_kept]
    assert kept == sorted(set(range(30)) - {1, 3, 5, 7})[: len(kept)]  # those that were worked on come first
    assert 0 < len(kept) < 26
    assert len([line for line in lines if isinstance(line, Inferred)]) == 26
    assert isinstance(lines[-1], Ended)
    assert f"lacks {30 - len(kept)} of 30" in recorder.warnings[0]


def test_a_picture_that_was_read_while_the_run_ended_is_not_missed(tmp_path, monkeypatch):
    may_write, reached, add_picture = Flag(), Flag(), SessionFile.add_picture

    def slow(self, at, picture):
        reached.set()
        assert may_write.wait(BOUND)
        add_picture(self, at, picture)

    monkeypatch.setattr(SessionFile, "add_picture", slow)
    clock, frames, said = Clock(), raw_frames(5), []
    recorder = Recorder(tmp_path / "s.mkv", lambda: ABOUT, notify=said.append, clock=clock)
    feed(recorder, clock, frames[:3])
    assert reached.wait(BOUND)  # so all that follows is written once the run is over
    feed(recorder, clock, frames[3:4], dropped={3})
    recorder.captured(frames[4], 0.002)
    recorder.dropped(frames[4], STOPPED)
    recorder._is_over = True
    may_write.set()
    recorder.close()
    came = [piece.line for piece in pieces_of(tmp_path / "s.mkv") if isinstance(piece.line, Came)]
    assert [line.index for line in came if not line.is_kept] == [3, 4]
    assert [warning.split(",")[0] for warning in recorder.warnings] == ["the session lacks 1 of 4 pictures"]
    assert said == []


def fill_disk(monkeypatch, size):
    written, room = PlainFile.write, [size]

    def full(self, data):
        room[0] -= len(data)
        if room[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return written(self, data)

    monkeypatch.setattr(PlainFile, "write", full)


@pytest.mark.parametrize("size", [0, 100, 1200, 4000])
def test_on_a_disk_that_takes_no_picture_there_is_no_file(size, tmp_path, monkeypatch):
    fill_disk(monkeypatch, size)
    clock, said = Clock(), []
    recorder = Recorder(tmp_path / "s.mkv", lambda: ABOUT, notify=said.append, clock=clock)
    feed(recorder, clock, raw_frames(60))
    assert not recorder._worker.is_running(BOUND)
    with pytest.raises(DiskFull, match="is full"):
        recorder.close()
    assert len(said) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["s.mkv", "take:1.mkv"])
def test_on_a_full_disk_the_recording_ends_with_one_line_and_what_is_there_plays(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fill_disk(monkeypatch, 60_000)
    clock, said = Clock(), []
    recorder = Recorder(Path(name), lambda: ABOUT, notify=said.append, clock=clock)
    feed(recorder, clock, raw_frames(60))
    assert not recorder._worker.is_running(BOUND)
    feed(recorder, clock, raw_frames(3), dropped={1})
    assert recorder._not_worked_on == {}  # which would grow for as long as the run goes on
    with pytest.raises(DiskFull, match="is full"):
        recorder.close()
    assert len(said) == 1
    assert "everything else continues: the disk of" in said[0]
    assert 0 < len(pictures_of(tmp_path / name)) < 60


def test_a_fault_of_its_own_is_told_and_raised_at_the_end(tmp_path):
    def fails():
        raise KeyError("about")

    said, clock = [], Clock()
    recorder = Recorder(tmp_path / "s.mkv", fails, notify=said.append, clock=clock)
    feed(recorder, clock, raw_frames(2))
    with pytest.raises(SinkError, match="KeyError"):
        recorder.close()
    assert len(said) == 1


def test_a_killed_process_leaves_what_can_be_replayed(tmp_path):
    path = tmp_path / "s.mkv"
    record(path, raw_frames(50))
    back = pictures_of(without_end(path, path.stat().st_size * 6 // 10))
    assert 10 < len(back) < 50
    assert [frame.index for frame in back] == list(range(len(back)))


def test_what_became_of_each_picture_is_in_it(tmp_path):
    record(tmp_path / "s.mkv", raw_frames(6), dropped={1, 4})
    pieces = pieces_of(tmp_path / "s.mkv")
    left = [piece.line for piece in pieces if isinstance(piece.line, Left)]
    assert [(line.index, line.cause) for line in left] == [(1, "superseded"), (4, "superseded")]
    inferred = [piece for piece in pieces if isinstance(piece.line, Inferred)]
    assert [piece.line.index for piece in inferred] == [0, 2, 3, 5]
    assert all(piece.depth is not None for piece in inferred)
    assert isinstance(pieces[-1].line, Ended)


class Camera:
    condition, outages = Condition(), Outages()


def test_what_is_said_and_how_the_source_is_are_kept_without_secrets(tmp_path):
    clock, camera = Clock(), Camera()
    recorder = Recorder(tmp_path / "s.mkv", lambda: ABOUT, notify=[].append, clock=clock)
    recorder.watch(camera)
    frames = raw_frames(4)
    feed(recorder, clock, frames[:2])
    recorder.said("rtsp://me:geheim@cam/1 sends no more pictures", is_warning=True)
    camera.condition = Condition(SourceState.AWAY, "silent", clock.now)
    recorder.poll()
    recorder.poll()
    camera.condition, camera.outages = Condition(), Outages(1, 2.5)
    feed(recorder, clock, frames[2:])
    recorder.close()
    lines = [piece.line for piece in pieces_of(tmp_path / "s.mkv")]
    turns = [(line.state, line.reconnects) for line in lines if isinstance(line, Turned)]
    assert turns == [(SourceState.AWAY, 0), (SourceState.LIVE, 1)]
    (told,) = [line for line in lines if isinstance(line, Told)]
    assert told.is_warning
    assert "rtsp://***@cam/1" in told.line
    assert b"geheim" not in (tmp_path / "s.mkv").read_bytes()
