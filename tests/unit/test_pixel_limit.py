"""Pictures that are too large are refused before they are decoded, whoever claims them."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from engine_loading import load_engine

from streamdepth.cli.app import _exit_status
from streamdepth.errors import SourceError, Trouble, UsageError
from streamdepth.pixel_limit import MOST_OF_PHOTO, MOST_OF_VIDEO, PixelLimit, available_memory
from streamdepth.sources import SourceOptions, open_source
from streamdepth.sources.browser.source import BrowserSource

SMALL = 64 * 48
LIMITED = SourceOptions(max_pixels=SMALL)


def film(path, *sizes, codec="libx264", form=None):
    """Pictures of each size in turn; a raw stream may change it in the middle."""
    with path.open("wb") as file:
        for width, height in sizes:
            part = path.with_name(f"part-{width}-{path.name}")
            with av.open(str(part), "w", format=form) as container:
                stream = container.add_stream(codec, rate=25)
                stream.width, stream.height = width, height
                stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
                for light in range(4):
                    image = np.full((height, width, 3), 40 * light, np.uint8)
                    container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
                container.mux(stream.encode(None))
            file.write(part.read_bytes())
            part.unlink()
    return path


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "libx264"),
        ("a.ts", "libx264"),
        ("a.avi", "mjpeg"),
        ("a.mkv", "ffv1"),
        ("a.mkv", "libvpx-vp9"),
    ],
)
def test_a_video_is_refused_by_its_head(tmp_path, name, codec):
    path = film(tmp_path / name, (80, 64), codec=codec)
    with pytest.raises(SourceError, match=r"a\.\w+ has pictures of .*\(.*--max-pixels") as caught:
        open_source(path, LIMITED)
    assert caught.value.trouble is Trouble.TOO_LARGE
    open_source(path).close()
    open_source(path, SourceOptions(max_pixels=80 * 64)).close()


def test_a_video_that_grows_in_its_middle_is_read_up_to_there(tmp_path):
    path = film(tmp_path / "a.h264", (64, 48), (160, 96), form="h264")
    source = open_source(path, LIMITED)
    for _ in range(4):
        assert source.read() is not None
    with pytest.raises(SourceError, match="has pictures of 160x96"):
        list(iter(source.read, None))
    source.close()


def test_a_video_that_grows_beyond_measure_in_its_middle_is_not_decoded(tmp_path):
    path = film(tmp_path / "a.h264", (64, 48), (1600, 1200), form="h264")
    source = open_source(path, LIMITED)
    with pytest.raises(SourceError, match=r"more than 0\.003072 million pixels, or of no valid size"):
        list(iter(source.read, None))
    source.close()


def test_a_video_that_changes_within_the_limit_is_read_whole(tmp_path):
    source = open_source(film(tmp_path / "a.h264", (64, 48), (32, 32), form="h264"), LIMITED)
    assert sum(1 for _ in iter(source.read, None)) == 8
    source.close()


def huge_png(side):
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    whole = b"\x89PNG\r\n\x1a\n"
    for kind, content in chunks:
        whole += (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )
    return whole


def patched(suffix, place, form, side):
    """A small picture whose head claims to be `side` pixels wide and high."""
    done, data = cv2.imencode(suffix, np.zeros((8, 8, 3), np.uint8))
    assert done
    content = bytearray(data.tobytes())
    at = content.index(place) + len(place) if isinstance(place, bytes) else place
    struct.pack_into(form, content, at, side, side)
    return bytes(content)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.png", huge_png(100_000)),
        ("a.jpg", patched(".jpg", b"\xff\xc0\x00\x11\x08", ">HH", 65_000)),
        ("a.bmp", patched(".bmp", 18, "<ii", 100_000)),
        ("a.ppm", b"P6\n100000 100000\n255\n" + b"\0" * 100),
        ("a.gif", b"GIF89a" + struct.pack("<HH", 65_000, 65_000) + b"\0\0\0,\0\0\0\0" + b"\0" * 40),
    ],
)
def test_a_picture_is_refused_by_its_head_and_takes_no_memory(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    tracemalloc.start()
    with pytest.raises(
        SourceError, match=r"is a picture of \d+x\d+, which would take about [\d.]+ GB of memory \("
    ):
        open_source(path)
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tif", ".webp", ".ppm", ".jp2"])
def test_every_kind_of_photo_is_bounded(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    cv2.imwrite(str(path), np.zeros((64, 80, 3), np.uint8))
    with pytest.raises(SourceError, match="is a picture of 80x64"):
        open_source(path, LIMITED)
    assert open_source(path).info.width == 80


def test_in_a_folder_a_photo_that_is_too_large_costs_itself_alone(tmp_path):
    for name, side in (("a.png", 32), ("b.png", 80)):
        cv2.imwrite(str(tmp_path / name), np.zeros((side, side, 3), np.uint8))
    source = open_source(tmp_path, LIMITED)
    assert sum(1 for _ in iter(source.read, None)) == 1
    assert "b.png is a picture of 80x80" in source.warnings[0]


@pytest.mark.parametrize(("suffix", "codec"), [("gif", "gif"), ("apng", "apng"), ("webp", "libwebp_anim")])
def test_animations_are_bounded(tmp_path, suffix, codec):
    path = tmp_path / f"a.{suffix}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height = 80, 64
        stream.pix_fmt = {"gif": "rgb8", "apng": "rgb24", "webp": "yuv420p"}[suffix]
        for light in (0, 200):
            image = np.full((64, 80, 3), light, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
    with pytest.raises(SourceError, match="has pictures of"):
        open_source(path, LIMITED)
    source = open_source(path)
    assert sum(1 for _ in iter(source.read, None)) == 2
    source.close()


def test_what_is_asked_of_the_demo_the_browser_and_a_camera_is_bounded():
    huge = SourceOptions(size=(60_000, 60_000))
    for spec in ("demo", "browser", 0):
        with pytest.raises(UsageError, match=r"60000x60000 would take about 396 GB.*3600M"):
            open_source(spec, huge)


def test_a_browser_s_camera_that_is_too_large_is_told_once():
    from streamdepth.errors import NoFrameYet
    from streamdepth.ffmpeg.codecs import VideoCodec
    from streamdepth.sources.browser.sent_video import SentPicture

    said, asked = [], []
    source = BrowserSource(max_pixels=SMALL, notify=said.append)
    sending = source.begin(lambda: asked.append(1))
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = 160, 96, "yuv420p"
    context.time_base, context.options = Fraction(1, 30), {"tune": "zerolatency"}
    frame = av.VideoFrame(160, 96, "yuv420p")
    data = b"".join(bytes(packet) for packet in context.encode(frame))
    for number in range(3):
        sending.put(SentPicture(VideoCodec.H264, data, number, arrived_at=0.0))
        with pytest.raises(NoFrameYet):
            source.read()
    source.close()
    assert len(said) == 1
    assert "more than 0.003072 million pixels (send smaller ones, or use --max-pixels)" in said[0]
    assert asked


def test_8k_and_photos_of_a_hundred_million_pixels_are_let_in_by_default():
    PixelLimit().check_video("8K", 8192, 4320)
    PixelLimit().check_photo("photo", 11_648, 8736)
    assert MOST_OF_VIDEO < 8192 * 8192
    assert MOST_OF_PHOTO > 8192 * 8192


def test_the_network_s_own_size_is_bounded():
    with pytest.raises(UsageError, match="use 2048 or less"):
        load_engine(model="nano", size=100_000)


@pytest.mark.parametrize(("words", "status"), [("80x64", 0), ("1M", 0), ("3072", 1), ("many", 2), ("0", 2)])
def test_the_option_takes_a_count_millions_or_a_size(tmp_path, capfd, words, status):
    path = film(tmp_path / "a.mp4", (80, 64))
    out = str(tmp_path / "o.mp4")
    given = ["--input", str(path), "--output", out, "--max-pixels", words, "--model", "nano"]
    assert _exit_status(given) == status
    if status == 1:
        assert "(--max-pixels 1M allows it)" in capfd.readouterr().err


def test_memory_that_is_left_is_the_machines_or_its_containers_where_that_is_less(tmp_path):
    meminfo, group = tmp_path / "meminfo", tmp_path / "group"
    assert available_memory(meminfo, group) is None
    meminfo.write_text("MemTotal:       9000000 kB\nMemAvailable:   8000000 kB\nHugePages_Total:       0\n")
    group.mkdir()
    assert available_memory(meminfo, group) == 8_000_000 * 1024
    (group / "memory.current").write_text("1500000000\n")
    (group / "memory.stat").write_text("anon 400000000\ninactive_file 1000000000\n")
    (group / "memory.max").write_text("2000000000\n")
    assert available_memory(meminfo, group) == 1_500_000_000
    (group / "memory.max").write_text("1000000\n")
    assert available_memory(meminfo, group) == 0
    (group / "memory.max").write_text("max\n")
    assert available_memory(meminfo, group) == 8_000_000 * 1024
