"""What a viewer gets is kept as it came, from the first picture of which anything is known."""

from __future__ import annotations

import pytest
from depth_streams import packets, shown

import streamdepth
from streamdepth.client.stream_recording import Recording
from streamdepth.errors import SinkError
from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.sources.browser.sent_video import SentPicture

WIDE = (160, 96)
SENT = [
    (SentPicture(VideoCodec.H264, bytes(one.packet), number, 0.0), one.moment, one.depth)
    for number, one in enumerate(packets([shown(number, size=WIDE) for number in range(5)]))
]


def test_pictures_wait_for_the_word_of_their_depth_and_losses_are_told(tmp_path):
    recording = Recording(tmp_path / "street.mkv")
    for sent, at, told in SENT:
        if sent.number != 3:
            recording.add(sent, at, None if sent.number < 2 else told)
    recording.close()
    source = streamdepth.open_source(tmp_path / "street.mkv")
    assert [frame.index for frame in iter(source.read, None)] == [0, 1, 2, 3]
    assert source.warnings == ["pictures that the recording lacks: 1"]
    source.close()


def test_a_name_that_is_taken_gets_a_number_and_nothing_is_lost(tmp_path):
    (tmp_path / "street.mkv").write_bytes(b"before")
    recording = Recording(tmp_path / "street.mkv")
    recording.add(*SENT[0])
    recording.close()
    assert recording.path != tmp_path / "street.mkv"
    assert len(streamdepth.open_depth(recording.path)) == 1
    assert (tmp_path / "street.mkv").read_bytes() == b"before"


def test_a_disk_that_is_full_is_told(tmp_path, monkeypatch):
    recording = Recording(tmp_path / "street.mkv")

    def full(_data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(recording._raw, "write", full)
    with pytest.raises(SinkError, match="full"):
        fill(recording)
    recording.close()


def fill(recording):
    recording.add(*SENT[0])
    recording.close()


def test_a_place_that_is_none_is_told_at_once(tmp_path):
    with pytest.raises(SinkError):
        Recording(tmp_path / "none" / "street.mkv")
