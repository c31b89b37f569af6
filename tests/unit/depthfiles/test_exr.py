"""Depth in OpenEXR: files of FFmpeg's encoder, and heads by hand."""

import struct
import zlib
from fractions import Fraction

import av
import numpy as np
import pytest

from streamdepth.depthfiles.exr import read_exr, write_exr
from streamdepth.depthfiles.read import read_depth
from streamdepth.depthfiles.sixteen_bits import Scale
from streamdepth.depthfiles.values import Plane
from streamdepth.errors import SourceError

HEIGHT, WIDTH = 37, 40
STEPS = np.repeat(np.arange(1, HEIGHT + 1, dtype=np.float32)[:, None], WIDTH, axis=1)
"""Metres that get smaller when they are packed, in more lines than one block has."""


def by_ffmpeg(path, values, pixels, compression, precision="float"):
    encoder = av.CodecContext.create("exr", "w")
    encoder.width, encoder.height, encoder.pix_fmt = values.shape[1], values.shape[0], pixels
    encoder.time_base, encoder.options = Fraction(1), {"compression": compression, "format": precision}
    image = values if pixels.startswith("gray") else np.dstack([values, values * 2, values * 3])
    (packet,) = encoder.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(image), pixels))
    path.write_bytes(bytes(packet))
    return path


def attribute(name, kind, content):
    return name + b"\0" + kind + b"\0" + struct.pack("<I", len(content)) + content


def by_hand(path, channels, *, compression=0, window=(0, 0, 1, 1), flags=0, rows=None):
    """A file with `rows`, the bytes of each line, or with none."""
    listed = b"".join(name + b"\0" + struct.pack("<I4xII", kind, 1, 1) for name, kind in channels)
    head = struct.pack("<II", 20000630, 2 | flags)
    head += attribute(b"channels", b"chlist", listed + b"\0")
    head += attribute(b"compression", b"compression", bytes([compression]))
    head += attribute(b"dataWindow", b"box2i", struct.pack("<4i", *window)) + b"\0"
    body, places = b"", []
    for number, row in enumerate(rows or ()):
        places.append(len(head) + 8 * len(rows) + len(body))
        body += struct.pack("<iI", window[1] + number, len(row)) + row
    path.write_bytes(head + struct.pack(f"<{len(places)}Q", *places) + body)
    return path


@pytest.mark.parametrize("pixels", ["grayf32le", "gbrpf32le"])
@pytest.mark.parametrize("compression", ["none", "rle", "zip1", "zip16"])
@pytest.mark.parametrize("precision", ["float", "half"])
def test_what_another_program_wrote_is_read(tmp_path, pixels, compression, precision):
    path = by_ffmpeg(tmp_path / "depth0001.exr", STEPS, pixels, compression, precision)
    np.testing.assert_array_equal(read_depth(path), STEPS)


@pytest.mark.parametrize(
    "channels",
    [
        [(b"Z", 2)],
        [(b"A", 1), (b"B", 1), (b"G", 1), (b"R", 1), (b"Z", 2)],
        [(b"ViewLayer.Combined.A", 2), (b"ViewLayer.Depth.Z", 2), (b"ViewLayer.Mist.Z2", 1)],
        [(b"Depth.V", 2), (b"Image.A", 1)],
    ],
)
def test_the_channel_of_depth_is_found_among_those_of_a_render(tmp_path, channels):
    rows = []
    for line in range(2):
        row = b""
        for name, kind in channels:
            is_depth = name.endswith((b".Z", b".V")) or name == b"Z"
            values = np.array([line + 1, 1e10], np.float32) if is_depth else np.array([77, 77], np.float32)
            row += values.astype({1: "<f2", 2: "<f4"}[kind]).tobytes()
        rows.append(row)
    path = by_hand(tmp_path / "a.exr", channels, window=(-5, -3, -4, -2), rows=rows)
    np.testing.assert_array_equal(read_depth(path), [[1, 0], [2, 0]])  # 1e10: Blender sees nothing there


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"compression": 4}, "is compressed with PIZ"),
        ({"compression": 8}, "is compressed with DWAA"),
        ({"flags": 0x200}, "in tiles or several parts"),
        ({"flags": 0x1000}, "in tiles or several parts"),
        ({"channels": [(b"A", 2), (b"X", 2)]}, "no channel of depth: it has A, X"),
        ({}, "cut short or damaged"),
    ],
)
def test_what_is_not_read_is_named(tmp_path, settings, what):
    path = by_hand(tmp_path / "a.exr", **{"channels": [(b"Z", 2)], **settings})
    with pytest.raises(SourceError, match=what) as caught:
        read_depth(path)
    assert caught.value.cure


@pytest.mark.parametrize("data", [b"", b"v/1\x01", b"no picture at all"])
def test_what_is_no_exr_is_an_error(tmp_path, data):
    (tmp_path / "a.exr").write_bytes(data)
    with pytest.raises(SourceError, match=r"a\.exr"):
        read_depth(tmp_path / "a.exr")


def test_a_block_that_is_damaged_is_an_error(tmp_path):
    path = by_ffmpeg(tmp_path / "a.exr", STEPS, "grayf32le", "zip16")
    data = bytearray(path.read_bytes())
    place = data.index(zlib.compress(b"")[:1], len(data) // 2)
    data[place:] = b"\0" * (len(data) - place)
    path.write_bytes(data)
    with pytest.raises(SourceError, match="cut short or damaged"):
        read_depth(path)


@pytest.mark.parametrize(("nearer", "first"), [("larger", 0.0), ("smaller", 1.0)])
@pytest.mark.parametrize("height", [1, 16, 37])
def test_what_is_written_comes_back_and_another_program_shows_near_as_white(tmp_path, height, nearer, first):
    values = np.random.default_rng(1).normal(5, 2, (height, 41)).astype(np.float32)
    values[0, 0] = values.min() - 1
    data = write_exr(Plane(values, Scale.of(values), {"nearer": nearer}))
    assert np.array_equal(read_exr(tmp_path / "d.exr", data), values)
    (tmp_path / "d.exr").write_bytes(data)
    with av.open(str(tmp_path / "d.exr")) as picture:
        (frame,) = picture.decode(video=0)
    shown = frame.to_ndarray(format="gbrpf32le")
    assert shown.shape[:2] == (height, 41)
    assert (shown.min(), shown.max()) == pytest.approx((0.0, 1.0), abs=1e-3)
    assert np.abs(shown[0, 0] - first).max() < 1e-3


@pytest.mark.parametrize("rows", [[b"\0" * 8, b""], [b"\0" * 8, b"\0" * 4]])
def test_lines_that_are_missing_are_not_taken_for_places_where_nothing_is_seen(tmp_path, rows):
    path = by_hand(tmp_path / "a.exr", [(b"Z", 2)], rows=rows)
    with pytest.raises(SourceError, match="cut short or damaged"):
        read_exr(path, path.read_bytes())


def test_a_block_that_another_stands_in_place_of_is_missed(tmp_path):
    path = by_hand(tmp_path / "a.exr", [(b"Z", 2)], rows=[b"\0" * 8, b"\0" * 8])
    data = bytearray(path.read_bytes())
    table = len(data) - 2 * 16 - 2 * 8
    data[table + 8 : table + 16] = data[table : table + 8]
    with pytest.raises(SourceError, match="cut short or damaged"):
        read_exr(path, bytes(data))
