from __future__ import annotations

import av
import pytest
from pictures import encoded, picture

from streamdepth.errors import SourceError, Trouble
from streamdepth.server.jobs.films import ENOUGH, check_length, suffix_of


@pytest.mark.parametrize(
    ("start", "suffix"),
    [
        (b"\0\0\0\x18ftypisom", ".mp4"),
        (b"\0\0\0\x2cftypavis\0\0\0\0avisavifmif1", ".mp4"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", ".mov"),
        (b"\x1a\x45\xdf\xa3\x01", ".mkv"),
        (b"RIFF\0\0\0\0AVI LIST", ".avi"),
        ((b"G" + bytes(187)) * 3, ".ts"),
    ],
)
def test_a_film_is_known_by_its_first_bytes(start, suffix):
    assert suffix_of(start) == suffix


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"#EXTM3U\nhttp://127.0.0.1/secret",
        b"ffconcat version 1.0\nfile /etc/passwd",
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1",
        b"<?xml version='1.0'?><MPD/>",
        *(b"\0\0\0\x18ftyp" + brand for brand in (b"avif", b"heic", b"heix", b"heim", b"miaf", b"mif1")),
        b"\x89PNG\r\n\x1a\n",
        b"G" + bytes(600),
        b"RIFF\0\0\0\0WEBP",
    ],
)
def test_what_is_no_film_or_names_other_files_is_refused(start):
    with pytest.raises(SourceError, match="not a supported film") as refused:
        suffix_of(start)
    assert refused.value.trouble is Trouble.CODEC


def test_a_picture_of_a_kind_that_is_not_read_is_told_which_it_is():
    with pytest.raises(SourceError, match=r"the upload holds what a camera's sensor saw.*\(save it as PNG"):
        suffix_of(b"\0\0\0\x18ftypcrx \0\0\0\1crx isom")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tiff"])
def test_a_picture_is_told_where_it_goes(suffix):
    with pytest.raises(
        SourceError, match=r"is a picture, not a supported film \(send it to /v1/depth"
    ) as refused:
        suffix_of(encoded(suffix, picture(40, 30))[:ENOUGH])
    assert refused.value.trouble is Trouble.CODEC


def film(path, suffix, **options):
    """Two seconds of black."""
    path = path / f"film{suffix}"
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height = 64, 48
        for number in range(20):
            frame = av.VideoFrame(64, 48, "yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".mp4", {}),
        (".mp4", {"movflags": "frag_every_frame+empty_moov"}),
        (".mkv", {}),
        (".mkv", {"live": "1"}),
        (".avi", {}),
        (".ts", {}),
    ],
)
def test_a_film_lasts_as_long_as_it_does_whatever_its_head_says(tmp_path, suffix, options):
    path = film(tmp_path, suffix, **options)
    check_length(path, 2.2)
    with pytest.raises(
        SourceError, match=r"the film lasts longer than 1.5 seconds \(send it in parts\)"
    ) as long:
        check_length(path, 1.5)
    assert long.value.trouble is Trouble.TOO_LARGE


def test_a_head_that_says_less_than_there_is_helps_nobody(tmp_path):
    path = film(tmp_path, ".mp4")
    data = bytearray(path.read_bytes())
    for box in (b"mvhd", b"tkhd", b"mdhd"):
        at = data.index(box) + {b"tkhd": 24, b"mdhd": 20, b"mvhd": 20}[box]
        assert int.from_bytes(data[at : at + 4], "big") >= 2000
        data[at : at + 4] = (1).to_bytes(4, "big")
    path.write_bytes(data)
    with av.open(str(path)) as container:
        assert container.duration < 0.1 * av.time_base
    with pytest.raises(SourceError, match="lasts longer"):
        check_length(path, 1.5)


def test_pictures_whose_times_are_too_close_for_any_camera_are_counted(tmp_path):
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=1000)
        stream.width, stream.height = 64, 48
        for _ in range(500):
            container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(stream.encode(None))
    check_length(path, 2.2)
    with pytest.raises(SourceError, match="lasts longer"):
        check_length(path, 1.5)  # it says that it lasts half a second


def test_what_cannot_be_read_is_left_to_who_renders_it(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom" + bytes(3000))
    check_length(path, 1.0)
