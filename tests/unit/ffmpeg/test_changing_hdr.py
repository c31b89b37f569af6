"""What HDR says anew of each scene."""

from __future__ import annotations

import av
import pytest
from av.video.frame import VideoFrame
from hdr_films import film_in_dolby_vision, film_in_hdr10, film_in_hdr10_plus

from streamdepth.ffmpeg import changing_hdr as module
from streamdepth.ffmpeg.changing_hdr import changing_hdr, is_in_dolby_colours


def first_of(path):
    with av.open(str(path)) as container:
        return next(container.decode(video=0))


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_each_kind_is_known_by_its_frames(tmp_path, suffix):
    plain = first_of(film_in_hdr10(tmp_path / f"plain{suffix}", 2))
    plus = first_of(film_in_hdr10_plus(tmp_path / f"plus{suffix}", 2))
    five = first_of(film_in_dolby_vision(tmp_path / f"five{suffix}", 2, profile=5))
    eight = first_of(film_in_dolby_vision(tmp_path / f"eight{suffix}", 2, profile=8))
    said = [changing_hdr(frame) for frame in (plain, plus, five, eight)]
    assert said == [[], ["HDR10+"], ["Dolby Vision"], ["Dolby Vision"]]
    assert [is_in_dolby_colours(frame) for frame in (plain, plus, five, eight)] == [False, False, True, False]


@pytest.mark.parametrize("data", [None, b"", bytes(7), b"\x30" + bytes(7), b"\x30" + bytes(55)])
def test_a_short_note_is_none(monkeypatch, data):
    monkeypatch.setattr(module, "side_data_of", lambda *_: data)
    assert not is_in_dolby_colours(VideoFrame(16, 16, "yuv420p10le"))
