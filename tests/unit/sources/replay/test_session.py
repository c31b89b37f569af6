"""A session gives the pictures that were worked on, when they came, and tells what became of the others."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from films import greys, write_film
from sessions import ABOUT, Clock, depth_of, feed, raw_frames, record, same_picture, sent_frames, without_end

from streamdepth.errors import NoFrameYet, SourceError, SourceMissing
from streamdepth.frames import Condition, Estimate, Outages, SourceState
from streamdepth.sessions import file as file_module
from streamdepth.sessions.lines import Came, Inferred, Left, Turned, Written
from streamdepth.sessions.recorder import Recorder
from streamdepth.sources.replay.session import LOOK, NOT_RECORDED, ReplayOptions, SessionSource


def opened(path, **options):
    """The session, with a clock that goes on where somebody waits."""
    clock, waits = Clock(1000.0), []

    def wait(seconds):
        waits.append(seconds)
        clock.now += seconds

    source = SessionSource(path, ReplayOptions(**options), clock=clock, wait=wait)
    return source, clock, waits


def read_all(source):
    frames = []
    while True:
        try:
            frame = source.read()
        except NoFrameYet:
            continue
        if frame is None:
            source.close()
            return frames
        frames.append(frame)


def all_told(source):
    """Of a source that was read to its end."""
    return [*source.lines_until(10**9), *source.lines_at_end()]


def test_what_was_dropped_is_not_given_and_is_told(tmp_path):
    record(tmp_path / "s.mkv", raw_frames(8), dropped={2, 3, 6})
    source, _, waits = opened(tmp_path / "s.mkv")
    frames = read_all(source)
    assert [frame.index for frame in frames] == [0, 1, 4, 5, 7]
    assert waits == []
    told = Counter(type(line) for line in all_told(source))
    assert (told[Came], told[Left], told[Written]) == (8, 3, 5)
    assert source.warnings == []
    assert source.info.retold
    assert not source.info.live
    assert (source.info.kind, source.info.rate) == ("camera", 25)


@pytest.mark.parametrize(("goes_on", "given"), [(False, [0, 1, 2]), (True, [0, 1, 2, 3])])
def test_depth_that_came_as_the_run_ended_and_was_not_shown_is_no_picture_of_it(tmp_path, goes_on, given):
    clock, (*shown, last) = Clock(), raw_frames(4)
    recorder = Recorder(tmp_path / "s.mkv", lambda: ABOUT, notify=[].append, clock=clock)
    feed(recorder, clock, shown)
    recorder.captured(last, 0.002)
    recorder.inferred(Estimate(last, depth_of(last), 0.008))
    if goes_on:  # in another file, where it may have been shown
        feed(recorder, clock, [replace(frame, index=frame.index + 4) for frame in raw_frames(2, (32, 24))])
    recorder.close()
    source, _, _ = opened(tmp_path / "s.mkv")
    assert [frame.index for frame in read_all(source)] == given
    assert sum(isinstance(line, Inferred) for line in all_told(source)) == 4


def test_each_picture_brings_its_depth_to_half_a_step_of_16_bits(tmp_path):
    frames = sent_frames(6)
    record(tmp_path / "s.mkv", frames, dropped={1})
    for frame in read_all(opened(tmp_path / "s.mkv")[0]):
        true = depth_of(frame).values
        step = float(np.ptp(true)) / 65535
        assert np.abs(frame.depth.values - true).max() <= 0.51 * step + 1e-6
    again = [read_all(opened(tmp_path / "s.mkv")[0]) for _ in range(2)]
    for one, other in zip(*again, strict=True):
        assert (one.depth.values == other.depth.values).all()
        assert same_picture(one.picture, other.picture)


def test_each_picture_says_which_input_was_shown_in_place_of_the_first(tmp_path):
    frames = [replace(one, switched_to="yard" if one.index in (2, 3) else "") for one in raw_frames(5)]
    record(tmp_path / "s.mkv", frames)
    told = [frame.switched_to for frame in read_all(opened(tmp_path / "s.mkv")[0])]
    assert told == ["", "", "yard", "yard", ""]


def test_without_its_depth_a_network_gets_the_same_pictures(tmp_path):
    frames = sent_frames(6)
    record(tmp_path / "s.mkv", frames)
    back = read_all(opened(tmp_path / "s.mkv", with_depth=False)[0])
    assert [frame.depth for frame in back] == [None] * 6
    assert all(same_picture(a.picture, b.picture) for a, b in zip(back, frames, strict=True))


def test_at_its_own_speed_pictures_come_when_they_came(tmp_path):
    frames = raw_frames(6)
    frames[3:] = [replace(frame, captured_at=frame.captured_at + 1.5) for frame in frames[3:]]
    record(tmp_path / "s.mkv", frames)
    source, clock, _ = opened(tmp_path / "s.mkv", at_speed=True)
    assert source.info.live
    at, asked = [], 0
    while len(at) < 6:
        asked += 1
        try:
            frame = source.read()
        except NoFrameYet:
            continue
        at.append(round(clock.now - 1000.0, 3))
        assert frame.captured_at == pytest.approx(clock.now)
    assert at == [0.0, 0.04, 0.08, 1.62, 1.66, 1.7]
    assert asked >= 6 + int(1.5 / LOOK)  # who asks may end the run meanwhile


class Camera:
    condition, outages = Condition(), Outages()


def test_at_its_own_speed_the_source_is_away_when_it_was(tmp_path):
    clock, camera = Clock(), Camera()
    recorder = Recorder(tmp_path / "s.mkv", lambda: ABOUT, notify=[].append, clock=clock)
    recorder.watch(camera)
    frames = raw_frames(4)
    feed(recorder, clock, frames[:2])
    clock.now += 0.5
    camera.condition = Condition(SourceState.AWAY, "silent", clock.now - 0.5)
    recorder.poll()
    camera.condition, camera.outages = Condition(), Outages(1, 3.0)
    feed(recorder, clock, [replace(f, captured_at=f.captured_at + 3, connection=1) for f in frames[2:]])
    recorder.close()
    source, played, _ = opened(tmp_path / "s.mkv", at_speed=True)
    assert [source.read().index for _ in range(2)] == [0, 1]
    states = {}
    while True:
        try:
            frame = source.read()
            break
        except NoFrameYet:
            states[round(played.now - 1000.0, 1)] = source.condition.state
    assert (frame.index, frame.connection) == (2, 1)
    assert {state for at, state in states.items() if at < 0.5} == {SourceState.LIVE}
    assert {state for at, state in states.items() if at > 0.8} == {SourceState.AWAY}
    assert (source.condition.state, source.outages) == (SourceState.LIVE, Outages(1, 3.0))
    read_all(source)
    assert [line.state for line in all_told(source) if isinstance(line, Turned)] == [
        SourceState.AWAY,
        SourceState.LIVE,
    ]


def test_what_is_told_of_a_picture_is_there_once_it_is_shown(tmp_path):
    record(tmp_path / "s.mkv", raw_frames(6), dropped={1})
    source, _, _ = opened(tmp_path / "s.mkv")
    for _ in range(4):
        source.read()
    assert list(source.lines_at_end()) == []
    told = list(source.lines_until(index=2))
    assert [line.index for line in told if isinstance(line, Written)] == [0, 2]
    assert [line.index for line in told if isinstance(line, Left)] == [1]
    source.close()


def test_a_session_that_was_cut_short_is_replayed_up_to_there(tmp_path):
    record(tmp_path / "s.mkv", sent_frames(40))
    size = (tmp_path / "s.mkv").stat().st_size
    source, _, _ = opened(without_end(tmp_path / "s.mkv", size // 2))
    frames = read_all(source)
    assert 5 < len(frames) < 40
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert source.warnings == ["the session was cut short; what is there was replayed"]


def test_a_picture_whose_fate_is_not_there_counts_as_not_recorded(tmp_path, monkeypatch):
    add_line = file_module.SessionFile.add_line
    monkeypatch.setattr(
        file_module.SessionFile,
        "add_line",
        lambda self, line: None if isinstance(line, Left) else add_line(self, line),
    )
    record(tmp_path / "s.mkv", raw_frames(5), dropped={1, 2})
    source, _, _ = opened(tmp_path / "s.mkv")
    assert [frame.index for frame in read_all(source)] == [0, 3, 4]
    left = [(line.index, line.cause) for line in all_told(source) if isinstance(line, Left)]
    assert left == [(1, NOT_RECORDED), (2, NOT_RECORDED)]


def test_a_picture_that_is_decoded_to_another_is_told(tmp_path, monkeypatch):
    frames = sent_frames(3)
    frames[0] = replace(frames[0], picture=raw_frames(1)[0].picture)
    record(tmp_path / "s.mkv", frames)
    source, _, _ = opened(tmp_path / "s.mkv")
    read_all(source)
    assert "decoded to others than they were live" in source.warnings[0]


def test_an_ordinary_film_is_refused_with_the_cure(tmp_path):
    film = write_film(tmp_path / "film.mkv", greys([50, 100, 150]))
    with pytest.raises(SourceError, match=re.escape("is not a session of --record")) as refused:
        opened(Path(film))
    assert "leave --replay out; --live plays a film" in refused.value.cure


def test_what_is_not_there_or_no_film_is_refused(tmp_path):
    with pytest.raises(SourceMissing):
        opened(tmp_path / "none.mkv")
    (tmp_path / "text.mkv").write_text("nothing")
    with pytest.raises(SourceError):
        opened(tmp_path / "text.mkv")


def test_a_session_of_a_newer_release_is_refused_and_one_of_this_form_is_taken(tmp_path, monkeypatch):
    monkeypatch.setattr(file_module, "VERSION", 2)
    record(tmp_path / "s.mkv", raw_frames(2))
    with pytest.raises(SourceError, match="recorded by a newer streamdepth"):
        opened(tmp_path / "s.mkv")
    monkeypatch.undo()
    record(tmp_path / "t.mkv", raw_frames(2), about={**ABOUT, "streamdepth": "9.9", "mood": "good"})
    assert len(read_all(opened(tmp_path / "t.mkv")[0])) == 2


@pytest.mark.parametrize("about", [{}, {"source": {"width": "wide"}}, {**ABOUT, "planes": {"size": 3}}])
def test_a_session_that_says_nonsense_of_itself_is_damaged(tmp_path, about):
    frames = sent_frames(2) if "planes" not in about else raw_frames(2)
    record(tmp_path / "s.mkv", frames, about=about)
    if "planes" in about:  # the recorder says it itself
        return
    with pytest.raises(SourceError, match="damaged"):
        opened(tmp_path / "s.mkv")


@pytest.mark.parametrize("damage", [(b'"source"', b'"sour"e"'), (b'"source"', b'"sour\xffe"')])
def test_a_session_whose_words_of_itself_are_damaged_is_told(tmp_path, damage):
    record(tmp_path / "s.mkv", raw_frames(2))
    data = (tmp_path / "s.mkv").read_bytes()
    assert damage[0] in data
    (tmp_path / "s.mkv").write_bytes(data.replace(*damage, 1))
    with pytest.raises(SourceError, match="damaged in its description"):
        opened(tmp_path / "s.mkv")


def test_any_player_sees_a_film_with_one_track_that_plays_by_itself(tmp_path):
    record(tmp_path / "s.mkv", sent_frames(10))
    with av.open(str(tmp_path / "s.mkv")) as film:
        default = [stream.index for stream in film.streams if stream.disposition & 1]
        assert default == [film.streams.best("video").index] == [0]
        times = [float(frame.pts * frame.time_base) for frame in film.decode(video=0)]
    assert times == pytest.approx([n / 25 for n in range(10)], abs=0.002)
