"""How the decoder of a video is set up."""

from types import SimpleNamespace

import pytest

from streamdepth.sources.options import SourceOptions
from streamdepth.sources.video import media
from streamdepth.sources.video.media import VideoOptions, threads_of_file
from streamdepth.sources.video.open import open_video
from streamdepth.sources.video.suffixes import may_be_flv


@pytest.mark.parametrize(
    ("size", "cores", "threads"),
    [
        ((9, 9), 8, 1),
        ((640, 272), 8, 1),
        ((1280, 720), 8, 1),
        ((1920, 1080), 8, 3),
        ((1920, 1080), 2, 2),
        ((3840, 2160), 8, 4),
        ((3840, 2160), 1, 1),
    ],
)
def test_a_large_picture_is_decoded_by_several_threads_of_which_each_holds_one(size, cores, threads):
    assert threads_of_file(*size, cores) == threads


@pytest.mark.parametrize("patience", [10.0, 25.0])
def test_by_udp_there_is_always_time_left_to_turn_to_tcp(monkeypatch, patience):
    asked = []

    def refuse(_url, timeout, options):
        asked.append((timeout[0], int(options["timeout"]) / 1e6))
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(media, "open_container", refuse)
    slow = SourceOptions(video=VideoOptions(rtsp_transport="udp"))
    with pytest.raises(ConnectionRefusedError):
        open_video("rtsp://127.0.0.1/stream", slow, patience)
    assert asked == [(patience, patience / 2)]


class Opened:
    """As far as it is asked how long it is."""

    def __init__(self, duration, size, videos):
        self.format, self.streams = SimpleNamespace(name="flv"), SimpleNamespace(video=videos)
        self.duration, self.size = duration, size
        self.is_closed = False

    def close(self):
        self.is_closed = True


@pytest.mark.parametrize(
    ("address", "duration", "size", "videos", "looked_at_for"),
    [
        ("rtmp://host/live/key", None, -38, ["h264"], ["1000000"]),
        ("rtmp://host/live/key", None, -38, [], ["1000000", None]),
        ("http://host/flv?port=1935", None, -38, ["h264"], ["1000000"]),
        ("http://host/day.flv", 60_000_000, 9_000_000, ["h264"], ["1000000", None]),
        ("http://host/live.ts", None, -38, ["h264"], [None]),
        ("rtsp://host/camera", None, -38, ["h264"], ["500000"]),
    ],
)
def test_sound_that_flv_or_a_camera_announces_is_not_waited_for(
    monkeypatch, address, duration, size, videos, looked_at_for
):
    opened, asked = [], []

    def open_it(_url, _timeout, options):
        asked.append(options.get("analyzeduration"))
        opened.append(Opened(duration, size, videos))
        return opened[-1]

    monkeypatch.setattr(media, "open_container", open_it)
    assert media._open_address(address, address, VideoOptions(), lambda: 0.0) is opened[-1]
    assert asked == looked_at_for
    assert [one.is_closed for one in opened] == [True] * (len(opened) - 1) + [False]


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("rtmps://host/app/key", True),
        ("https://host/live/street.FLV?token=a.mp4", True),
        ("http://host/flv/street.mp4", False),
        ("rtsp://host/flv", False),
    ],
)
def test_where_flv_lies_is_known_by_its_address(address, is_one):
    assert may_be_flv(address) is is_one
