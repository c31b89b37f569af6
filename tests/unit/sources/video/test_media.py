"""How the decoder of a video is set up."""

import pytest

from streamdepth.sources.options import SourceOptions
from streamdepth.sources.video import media
from streamdepth.sources.video.media import VideoOptions, threads_of_file
from streamdepth.sources.video.open import open_video


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
