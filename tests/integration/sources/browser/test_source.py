"""The camera that somebody sends: it comes, goes and comes back, made by hand."""

from __future__ import annotations

import time
from contextlib import closing
from fractions import Fraction

import av
import numpy as np
import pytest
from sessions import ABOUT, feed, same_picture, sent_frames

from streamdepth.errors import NoFrameYet, Trouble
from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.frames import SourceState
from streamdepth.protocols import Watched
from streamdepth.sessions.recorder import Recorder
from streamdepth.sources import SourceOptions, open_source
from streamdepth.sources.browser.source import MOST_WAITING, BrowserSource, SentPicture
from streamdepth.sources.replay.session import ReplayOptions, SessionSource

ABOUT_BROWSER = {**ABOUT, "source": {**ABOUT["source"], "kind": "browser"}}


def keyframe(light=90, size=(96, 64)):
    """An encoded picture that stands for itself."""
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height = size
    context.pix_fmt, context.time_base = "yuv420p", Fraction(1, 30)
    context.options = {"tune": "zerolatency"}
    frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), light, np.uint8), "bgr24")
    return b"".join(bytes(packet) for packet in context.encode(frame.reformat(format="yuv420p")))


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def told():
    return []


@pytest.fixture
def source(clock, told):
    with closing(BrowserSource(notify=told.append, clock=clock)) as source:
        yield source


class Sender:
    def __init__(self, source):
        self.asked = 0
        self.sending = source.begin(self._ask)
        self._number = 0

    def _ask(self):
        self.asked += 1

    def send(self, data, at):
        self.sending.put(SentPicture(VideoCodec.H264, data, self._number, at))
        self._number += 1


def read(source):
    """The next frame, or None where there is none yet."""
    try:
        return source.read()
    except NoFrameYet:
        return None


def test_it_is_opened_by_its_name_and_knows_what_it_asks_for():
    with closing(open_source("browser", SourceOptions(size=(640, 480), rate=Fraction(15)))) as source:
        assert isinstance(source, BrowserSource)
        info = source.info
    assert (info.width, info.height, info.rate, info.live, info.kind) == (640, 480, 15, True, "browser")


def test_while_nobody_sends_there_is_no_frame_and_it_is_away(source):
    began = time.monotonic()
    assert read(source) is None
    assert time.monotonic() - began < source.info.read_timeout
    assert isinstance(source, Watched)
    assert source.condition.state is SourceState.AWAY
    assert source.condition.reason == "no camera is being sent yet"
    assert source.outages.seconds == 0


def test_what_is_sent_is_read_in_its_own_size_with_the_time_of_its_arrival(source, told):
    sender = Sender(source)
    sender.send(keyframe(), at=101.0)
    sender.send(keyframe(), at=101.5)
    first, second = read(source), read(source)
    assert (first.picture.width, first.picture.height) == (96, 64)
    assert (first.captured_at, second.captured_at) == (101.0, 101.5)
    assert (first.pts, second.pts) == (0, Fraction(1, 2))
    assert (first.index, second.index) == (0, 1)
    assert abs(int(first.bgr.mean()) - 90) < 3
    assert source.condition.state is SourceState.LIVE
    assert told == ["a camera sends 96x64 H264"]


def test_a_camera_that_leaves_is_away_for_its_reason_and_another_is_another_connection(source, clock, told):
    first = Sender(source)
    first.send(keyframe(), at=101.0)
    assert read(source).connection == 0
    clock.now = 102.0
    first.sending.end(Trouble.SILENT)
    first.sending.end(Trouble.ENDED)
    assert source.condition.state is SourceState.AWAY
    assert (source.condition.reason, source.condition.since) == ("no more pictures", 101.0)
    second = Sender(source)
    second.send(keyframe(), at=105.0)
    assert read(source).connection == 1
    assert source.condition.state is SourceState.LIVE
    assert (source.outages.reconnects, source.outages.seconds) == (1, 4.0)
    assert told[1] == "the camera is away: no more pictures; another may be sent"


def test_who_left_or_was_replaced_shows_nothing_any_more(source):
    first, second = Sender(source), Sender(source)
    first.send(keyframe(), at=101.0)
    assert read(source) is None
    first.sending.end(Trouble.ENDED)
    second.send(keyframe(), at=102.0)
    assert read(source).captured_at == 102.0
    second.sending.end(Trouble.ENDED)
    second.send(keyframe(), at=103.0)
    assert read(source) is None
    assert source.condition.state is SourceState.AWAY


def test_one_who_left_before_a_picture_changes_nothing(source, told):
    Sender(source).sending.end(Trouble.TIMEOUT)
    assert source.condition.reason == "no camera is being sent yet"
    assert told == []


def test_pictures_are_shown_in_each_size_in_which_they_come(source):
    sender = Sender(source)
    sizes = [(96, 64), (64, 96), (48, 32)]
    for at, size in enumerate(sizes):
        sender.send(keyframe(size=size), at=101.0 + at)
    assert [(f.picture.width, f.picture.height) for f in (read(source) for _ in sizes)] == sizes


def test_for_outputs_of_one_size_pictures_are_fitted_into_the_first():
    with closing(BrowserSource(same_size=True)) as source:
        sender = Sender(source)
        sender.send(keyframe(size=(96, 64)), at=101.0)
        sender.send(keyframe(light=200, size=(64, 96)), at=102.0)
        read(source)
        fitted = read(source)
    assert (fitted.picture.width, fitted.picture.height) == (96, 64)
    assert fitted.bgr[:, :20].max() < 10
    assert fitted.bgr[:, 40:56].min() > 190


def test_what_waits_is_bounded_and_what_was_left_out_is_a_loss(source):
    sender = Sender(source)
    for at in range(3 * MOST_WAITING):
        sender.send(keyframe() if at == 0 else b"\x00\x00\x00\x01\x41\xe0\x00\x00", at=101.0 + at)
    seen = [read(source) for _ in range(MOST_WAITING + 1)]
    assert seen == [None] * (MOST_WAITING + 1)
    assert sender.asked == MOST_WAITING
    sender.send(keyframe(), at=200.0)
    assert read(source).captured_at == 200.0


def test_once_it_is_closed_there_is_an_end_and_senders_are_not_heard(source):
    sender = Sender(source)
    source.close()
    sender.send(keyframe(), at=101.0)
    sender.sending.end(Trouble.ENDED)
    assert source.read() is None


def test_what_a_sender_sent_is_recorded_as_it_came_and_decodes_to_the_same_pictures(tmp_path, source, clock):
    """Also what came behind a loss and after another sender, whose phone is turned."""
    sent = [*sent_frames(9, every=3), *sent_frames(4, size=(48, 64))]
    sender, shown = Sender(source), []
    recorder = Recorder(tmp_path / "s.mkv", lambda: ABOUT_BROWSER, notify=[].append, clock=clock)
    for number, frame in enumerate(sent):
        if number == 4:
            sender._number += 1  # one is lost: nothing is shown until the next key frame
        if number == 9:
            sender = Sender(source)
        clock.now += 0.04
        sender.send(b"".join(one.data for one in frame.sent.packets), clock.now)
        if (came := read(source)) is not None:
            shown.append(came)
            feed(recorder, clock, [came])
    recorder.close()
    assert [(frame.picture.width, frame.connection) for frame in shown] == [(64, 0)] * 7 + [(48, 1)] * 4
    with closing(SessionSource(tmp_path / "s.mkv", ReplayOptions())) as session:
        back = list(iter(session.read, None))
        assert session.warnings == []
    assert len(back) == len(shown)
    assert all(same_picture(a.picture, b.picture) for a, b in zip(back, shown, strict=True))
