"""Each input that cannot be read is one sentence with its cure."""

from __future__ import annotations

import dataclasses
import errno
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import av.error
import numpy as np
import pytest
from films import greys, served, write_film

from streamdepth.errors import SourceError, SourceMissing
from streamdepth.ffmpeg import lost
from streamdepth.sources.video import source as video
from streamdepth.sources.video.media import open_media
from streamdepth.sources.video.source import VideoSource


def clip(path: Path, count: int = 10) -> Path:
    return write_film(path, greys(range(0, 5 * count, 5)))


def sound(path: Path) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        silence.sample_rate = 8000
        out.mux(stream.encode(silence))
        out.mux(stream.encode(None))
    return path


def failure(path: Path | str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        VideoSource(path)
    error = caught.value
    assert error.cure
    assert "\n" not in str(error)
    assert "errno" not in str(error).lower()
    assert Path(str(path)).name in str(error)
    return error


def test_a_missing_file(tmp_path: Path) -> None:
    error = failure(tmp_path / "none.mp4")
    assert isinstance(error, SourceMissing)
    assert "there is no file" in error.what
    assert "check the path" in error.cure


def test_a_folder(tmp_path: Path) -> None:
    assert "is a folder" in failure(tmp_path).what


def test_a_pipe_or_device(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(tmp_path / "pipe")
    assert "is a pipe" in failure(tmp_path / "pipe").what


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    assert "is empty" in failure(tmp_path / "empty.mp4").what


@pytest.mark.parametrize("name", ["words.mp4", "words.txt", "words.mkv"])
def test_a_text_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("not a video, only words\n" * 500)
    what = failure(tmp_path / name).what
    assert "is not a video" in what or "holds no video" in what


def test_a_name_that_no_file_can_have() -> None:
    assert "cannot be read" in failure("a\0b.mp4").what


@pytest.mark.parametrize("beyond", [-100, 200])
def test_an_mp4_cut_before_or_in_its_index(tmp_path: Path, beyond: int) -> None:
    path = clip(tmp_path / "cut.mp4")
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"moov") + beyond])
    error = failure(path)
    assert "the index (moov) is missing" in error.what


def test_a_matroska_file_cut_before_its_first_picture(tmp_path: Path) -> None:
    path = clip(tmp_path / "cut.mkv")
    path.write_bytes(path.read_bytes()[:100])
    assert "was cut off before its first picture" in failure(path).what


@pytest.mark.parametrize("name", ["empty.mkv", "empty.avi", "empty.flv"])
def test_a_film_that_was_begun_and_has_no_picture(tmp_path: Path, name: str) -> None:
    with av.open(str(tmp_path / name), "w") as out:
        out.add_stream("libx264", rate=25)
        out.start_encoding()
    assert failure(tmp_path / name).what.endswith(
        "holds no picture that can be decoded: it is empty or damaged"
    )


def test_a_playlist_of_dash(tmp_path: Path) -> None:
    path = tmp_path / "live.MPD"
    path.write_text('<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"></MPD>')
    assert ".m3u8" in failure(path).cure
    with served(tmp_path) as address:
        assert "is a DASH playlist" in failure(f"{address}/live.MPD").what


def test_an_address_that_this_ffmpeg_leaves_out() -> None:
    """`amqp` is in hardly any build; where SRT is left out, too, as in PyAV's wheels, it is the same."""
    error = failure("amqp://localhost:9/a")
    assert error.what == "the address amqp://localhost:9/a is of a kind that cannot be read here"
    assert "media server" in error.cure


def test_a_file_with_sound_alone(tmp_path: Path) -> None:
    error = failure(sound(tmp_path / "voice.wav"))
    assert "sound but no video" in error.what
    assert error.cure == "use one with a video track"  # a job names no file, it is one


def test_a_codec_without_a_decoder(tmp_path: Path) -> None:
    path = clip(tmp_path / "exotic.mp4")
    path.write_bytes(path.read_bytes().replace(b"avc1", b"qqqq"))
    error = failure(path)
    assert "no decoder" in error.what
    assert "convert it" in error.cure


def test_a_file_in_which_nothing_can_be_decoded(tmp_path: Path) -> None:
    path = tmp_path / "broken.avi"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mjpeg", rate=25, options={"strict": "unofficial"})
        stream.width, stream.height, stream.pix_fmt = 16, 16, "yuv420p"
        (packet,) = stream.encode(av.VideoFrame(16, 16, "yuv420p"))
        picture = bytes(packet)
        out.mux(packet)
    path.write_bytes(path.read_bytes().replace(picture, b"\xff" * len(picture)))
    assert "holds no picture that can be decoded" in failure(path).what


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = clip(tmp_path / "private.mp4")

    def refuse(file: str, **_: object) -> None:
        raise av.error.PermissionError(errno.EACCES, "Permission denied", file)

    monkeypatch.setattr(av, "open", refuse)
    error = failure(path)
    assert "permission denied" in error.what
    assert "permissions" in error.cure


class FailingContainer:
    """A container whose disk fails after some packets."""

    def __init__(self, container: av.container.InputContainer, packets: int) -> None:
        self._container = container
        self._packets = packets

    def __getattr__(self, name: str) -> object:
        return getattr(self._container, name)

    def demux(self) -> Iterator[av.Packet]:
        yield from itertools.islice(self._container.demux(), self._packets)
        raise av.error.OSError(errno.EIO, "Input/output error", "a.mkv")


def test_a_disk_that_fails_midway_is_no_end_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_failing(*arguments: object) -> object:
        media = open_media(*arguments)
        return dataclasses.replace(media, container=FailingContainer(media.container, 10))

    monkeypatch.setattr(video, "open_media", open_failing)
    source = VideoSource(clip(tmp_path / "a.mkv", 30))
    for _ in range(10):  # those that the decoder held back are among them
        assert source.read() is not None
    with pytest.raises(
        SourceError, match=r"a\.mkv cannot be read to its end: input/output error \(check the disk"
    ):
        source.read()
    source.close()


def test_a_disk_that_fails_is_seen_where_a_format_takes_that_for_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As FFmpeg does in a transport stream."""
    source = VideoSource(clip(tmp_path / "a.ts", 30))
    monkeypatch.setattr(lost.OpenFile, "failure", lambda _: OSError(errno.EIO, "Input/output error"))
    with pytest.raises(SourceError, match=r"a\.ts cannot be read to its end: input/output error"):
        list(iter(source.read, None))
    source.close()


def test_ffmpeg_prints_nothing_of_its_own(tmp_path: Path) -> None:
    path = clip(tmp_path / "cut.ts", 30)
    data = bytearray(path.read_bytes()[: path.stat().st_size * 3 // 4])
    middle = len(data) // 2
    data[middle : middle + 900] = b"\x55" * 900
    path.write_bytes(data)
    script = (
        "import sys; from streamdepth.sources.video.source import VideoSource; s = VideoSource(sys.argv[1])\n"
        "while s.read(): pass\n"
        "s.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, timeout=60, check=True, text=True
    )
    assert done.stdout == ""
    assert done.stderr == ""
