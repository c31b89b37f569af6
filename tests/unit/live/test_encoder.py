from __future__ import annotations

import itertools
import threading
import time
from fractions import Fraction

import av
import numpy as np
import pytest

from streamdepth.errors import SinkError
from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.frames import DepthMap, Estimate, Frame, Rendered, SourceInfo
from streamdepth.live.codec_stream import KEYFRAME_GAP, CodecStream, Shown
from streamdepth.live.encoder import LiveEncoder
from streamdepth.pixels import I420, ColourMatrix, Picture

INFO = SourceInfo(64, 48, Fraction(30), True, 1.0)
KINDS = list(VideoCodec)
BLUE, RED = (200, 30, 30), (30, 30, 200)


def coloured(bgr, width=64, height=48):
    return np.full((height, width, 3), bgr, np.uint8)


def shown(image, *, at=None):
    picture = image if isinstance(image, Picture) else Picture.of_bgr(image)
    frame = Frame(0, Fraction(0), time.monotonic() if at is None else at, picture)
    return Rendered(Estimate(frame, DepthMap(np.zeros((2, 2), np.float32)), 0.01), picture)


class Viewer:
    """Takes packets and decodes them."""

    def __init__(self, encoder, kind=VideoCodec.H264):
        self.encoder = encoder
        self.subscription = encoder.subscribe(kind)
        self.came = threading.Event()
        encoder.listen(self.came.set)
        self.decoder = av.CodecContext.create("h264" if kind is VideoCodec.H264 else "vp8", "r")
        self.packets = []
        self.take()

    def take(self):
        while (packet := self.subscription.take()) is not None:
            self.packets.append(packet)

    def sees(self, *rendered):
        """The last packet once each picture has become one, decoded."""
        for one in rendered:
            before = len(self.packets)
            self.encoder.write(one)
            self.wait_for(before + 1)
        return self.decoded()

    def wait_for(self, count):
        end = time.monotonic() + 30
        while len(self.packets) < count:
            assert time.monotonic() < end
            self.came.wait(0.05)
            self.came.clear()
            self.take()

    def decoded(self):
        frames = [f for p in self.packets for f in self.decoder.decode(av.Packet(bytes(p.packet)))]
        return frames[-1]


class SlowClock:
    """A millisecond passes whenever it is read, and no more, however long a test is kept waiting."""

    def __init__(self):
        self.readings = itertools.count()
        self.skipped = 0.0

    def __call__(self):
        return next(self.readings) / 1000 + self.skipped


@pytest.fixture
def encoder():
    encoder = LiveEncoder(INFO)
    yield encoder
    encoder.close()


@pytest.fixture
def clock():
    return SlowClock()


@pytest.fixture
def slow_encoder(clock):
    encoder = LiveEncoder(INFO, clock=clock)
    yield encoder
    encoder.close()


def colour(frame):
    return frame.to_ndarray(format="bgr24")[frame.height // 2, frame.width // 2].astype(int)


@pytest.mark.parametrize("kind", KINDS)
def test_a_viewer_sees_the_picture_in_its_colours(encoder, kind):
    viewer = Viewer(encoder, kind)
    frame = viewer.sees(shown(coloured(BLUE)), shown(coloured(BLUE)))
    assert np.abs(colour(frame) - BLUE).max() < 20
    assert [p.is_keyframe for p in viewer.packets] == [True, False]


def test_a_picture_larger_than_decoders_take_is_sent_smaller_and_in_its_shape(encoder):
    image = np.full((1440, 3000, 3), RED, np.uint8)
    image[:, :1500] = BLUE
    frame = Viewer(encoder).sees(shown(image))
    assert frame.width * frame.height <= 1920 * 1080
    assert frame.width / frame.height == pytest.approx(3000 / 1440, rel=0.005)
    seen = frame.to_ndarray(format="bgr24")[frame.height // 2].astype(int)
    assert np.abs(seen[frame.width // 2 - 20] - BLUE).max() < 20
    assert np.abs(seen[frame.width // 2 + 20] - RED).max() < 20


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("matrix", list(ColourMatrix))
def test_planes_of_any_matrix_and_range_keep_their_colours(encoder, kind, matrix, full_range):
    y = np.full((48, 64), 120, np.uint8)
    u, v = np.full((24, 32), 90, np.uint8), np.full((24, 32), 170, np.uint8)
    picture = Picture.of_i420(I420(y, u, v, matrix, full_range))
    frame = Viewer(encoder, kind).sees(shown(picture))
    if kind is VideoCodec.VP8:
        frame.colorspace = 6
    assert frame.color_range != 2
    seen = Picture.of_i420(planes_of(frame))
    assert np.abs(seen.bgr[24, 32].astype(int) - picture.bgr[24, 32].astype(int)).max() < 14


def planes_of(frame):
    matrices = {1: ColourMatrix.BT709, 9: ColourMatrix.BT2020}
    arrays = [
        np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        for plane in frame.planes
    ]
    return I420(*arrays, matrices.get(int(frame.colorspace), ColourMatrix.BT601), False)


def test_odd_sizes_are_sent_even(encoder):
    frame = Viewer(encoder).sees(shown(coloured(BLUE, 63, 47)))
    assert (frame.width, frame.height) == (64, 48)


def test_another_size_goes_on_with_a_keyframe(encoder):
    viewer = Viewer(encoder)
    frame = viewer.sees(shown(coloured(BLUE)), shown(coloured(RED, 96, 80)))
    assert (frame.width, frame.height) == (96, 80)
    assert viewer.packets[-1].is_keyframe


def test_nothing_is_encoded_while_nobody_watches(encoder):
    for _ in range(5):
        encoder.write(shown(coloured(BLUE)))
    assert encoder.figures() == ()
    assert encoder.newest is not None


def test_nothing_is_encoded_for_who_only_connects(encoder):
    connecting = encoder.subscribe(VideoCodec.VP8)
    Viewer(encoder).sees(shown(coloured(BLUE)))
    assert {stream.codec: stream.pictures for stream in encoder.figures()} == {"VP8": 0, "H264": 1}
    assert not connecting.has_begun


def test_all_viewers_get_the_same_packets(encoder):
    one, two = Viewer(encoder), Viewer(encoder)
    one.sees(shown(coloured(BLUE)), shown(coloured(RED)))
    two.wait_for(2)
    assert [p.packet for p in one.packets] == [p.packet for p in two.packets]
    (stream,) = encoder.figures()
    assert (stream.viewers, stream.pictures, stream.keyframes) == (2, 2, 1)


def test_who_comes_later_begins_with_a_keyframe_though_no_picture_comes(encoder):
    one = Viewer(encoder)
    one.sees(shown(coloured(BLUE)))
    two = Viewer(encoder)
    two.wait_for(1)
    assert two.packets[0].is_keyframe
    assert np.abs(colour(two.decoded()) - BLUE).max() < 12


def test_who_comes_soon_after_a_keyframe_begins_with_that_one_and_sees_the_newest_picture(slow_encoder):
    one = Viewer(slow_encoder)
    one.sees(*(shown(coloured(BLUE)) for _ in range(3)), shown(coloured(RED)))
    two = Viewer(slow_encoder)
    assert [p.is_keyframe for p in two.packets] == [True, False, False, False]
    assert np.abs(colour(two.decoded()) - RED).max() < 20
    last = one.packets[-1].packet.pts
    assert [p.packet.pts for p in two.packets] == [last + 1, last + 2, last + 3, last + 4]
    two.sees(shown(coloured(BLUE)))
    one.wait_for(5)
    assert two.packets[-1].packet is one.packets[-1].packet
    assert slow_encoder.figures()[0].keyframes == 1


def test_who_lost_its_beginning_begins_again_at_once_and_costs_the_others_nothing(slow_encoder):
    one = Viewer(slow_encoder)
    one.sees(shown(coloured(BLUE)))
    two = Viewer(slow_encoder)
    two.sees(shown(coloured(RED)))
    lost = len(two.packets)
    two.subscription.request_keyframe()
    two.take()
    again = two.packets[lost:]
    assert [p.is_keyframe for p in again] == [True, False]
    assert again[0].packet.pts > two.packets[lost - 1].packet.pts
    two.decoder = av.CodecContext.create("h264", "r")
    two.packets = again
    assert np.abs(colour(two.decoded()) - RED).max() < 20
    one.sees(shown(coloured(BLUE)))
    one.wait_for(3)
    assert slow_encoder.figures()[0].keyframes == 1


def test_a_second_complaint_about_the_same_beginning_wishes_for_a_keyframe(slow_encoder, clock):
    one = Viewer(slow_encoder)
    one.sees(shown(coloured(BLUE)))
    for _ in range(2):
        one.subscription.request_keyframe()
    one.sees(shown(coloured(BLUE)))
    one.wait_for(3)
    clock.skipped += KEYFRAME_GAP
    one.wait_for(4)
    assert [p.is_keyframe for p in one.packets] == [True, True, False, True]


class ByHand:
    """A stream without a thread, at moments that the test makes."""

    def __init__(self):
        self.now = 0.0
        self.stream = CodecStream(VideoCodec.H264, lambda: self.now)

    def run(self, seconds, rate, *, wish=False, capacities=()):
        """The moments of keyframes."""
        moments = []
        for _ in range(round(seconds * rate)):
            if wish:
                self.stream.want_keyframe()
            one = Shown(shown(coloured(BLUE, 320, 240), at=self.now), self.now)
            if self.stream.encode(one, self.now, rate, capacities).is_keyframe:
                moments.append(round(self.now, 3))
            self.now += 1 / rate
        return moments


def test_wishes_for_keyframes_are_granted_twice_a_second():
    assert ByHand().run(2, 32, wish=True) == [0.0, 0.5, 1.0, 1.5]


def test_without_wishes_a_keyframe_comes_after_the_seconds_that_are_set():
    stream = ByHand()
    stream.stream.keyframe_seconds = 10.0
    assert stream.run(21, 8) == [0.0, 10.0, 20.0]
    stream.stream.keyframe_seconds = 2.0
    assert stream.run(4, 8) == [22.0, 24.0]


def test_the_bit_rate_falls_and_rises_without_a_keyframe():
    stream = ByHand()
    stream.run(1, 30)
    first = stream.stream.figures(viewers=1).bit_rate
    assert stream.run(1, 30, capacities=[1]) == []
    assert stream.stream.figures(viewers=1).bit_rate < first
    stream.run(8, 30)
    assert stream.stream.figures(viewers=1).keyframes == 1
    assert stream.stream.figures(viewers=1).bit_rate == first


def test_what_is_kept_for_newcomers_is_no_longer_than_the_gap_between_keyframes():
    stream = ByHand()
    lengths = []
    for _ in range(60):
        one = Shown(shown(coloured(BLUE, 320, 240), at=stream.now), stream.now)
        stream.stream.keep(stream.stream.encode(one, stream.now, 30, ()))
        lengths.append(len(stream.stream.beginning(stream.now)))
        stream.now += 1 / 30
    assert lengths[:14] == list(range(1, 15))
    assert set(lengths[16:]) == {0}


def test_another_rate_is_declared_anew_with_a_keyframe_once_it_lasts():
    stream = ByHand()
    stream.run(3.5, 30)
    assert stream.run(1, 25) == []  # near enough
    assert len(stream.run(2, 10)) == 1


def test_timestamps_are_those_of_capture_and_always_rise(encoder):
    viewer = Viewer(encoder)
    viewer.sees(*(shown(coloured(BLUE), at=100 + moment) for moment in (0, 0.1, 0.1, 0.05, 0.5)))
    assert [p.packet.pts for p in viewer.packets] == [0, 9000, 9064, 9128, 45000]
    assert viewer.packets[0].packet.time_base == Fraction(1, 90000)


def test_who_cannot_ask_for_keyframes_gets_them_as_often_as_it_needs(encoder):
    viewer = Viewer(encoder)
    viewer.sees(shown(coloured(BLUE)), shown(coloured(RED)))
    other = encoder.subscribe(VideoCodec.H264, keyframe_seconds=0.0)
    viewer.sees(shown(coloured(BLUE)))  # it only connects
    other.take()
    viewer.sees(shown(coloured(RED)), shown(coloured(BLUE)))
    other.close()
    viewer.sees(shown(coloured(RED)))
    assert [p.is_keyframe for p in viewer.packets] == [True, False, False, True, True, False]


def test_a_lane_ends_with_its_last_viewer(encoder):
    one, two = Viewer(encoder), Viewer(encoder, VideoCodec.VP8)
    one.sees(shown(coloured(BLUE)))
    assert len(encoder.figures()) == 2
    two.subscription.close()
    two.subscription.close()
    assert [stream.codec for stream in encoder.figures()] == ["H264"]


def test_an_encoder_that_fails_ends_the_run(encoder, monkeypatch):
    def fail(*_):
        raise ValueError("no such codec")

    monkeypatch.setattr(CodecStream, "encode", fail)
    Viewer(encoder)
    with pytest.raises(SinkError, match="the live encoder failed: no such codec"):
        write_for_ten_seconds(encoder, shown(coloured(BLUE)))


def write_for_ten_seconds(encoder, rendered):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        encoder.write(rendered)


def test_the_thread_ends_when_it_is_closed():
    encoder = LiveEncoder(INFO)
    Viewer(encoder).sees(shown(coloured(BLUE)))
    encoder.close()
    assert "streamdepth-live-encoder" not in {t.name for t in threading.enumerate()}
