"""Films in HDR10, with the screen that they were made on and the light that they have."""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from streamdepth.ffmpeg.mastering import mastering_of
from streamdepth.ffmpeg.planes import words_of
from streamdepth.pixels import Mastering

SAID = Mastering((34000, 16000, 13250, 34500, 7500, 3000, 15635, 16450, 1, 10_000_000), (1000, 400))
_X265 = (
    "log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:max-cll=1000,400:"
    "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
)


def film_in_hdr10(
    path: Path,
    count: int,
    *,
    x265: str = _X265,
    tags: tuple[int, int, int, int] = (9, 16, 9, 1),
    before: bytes = b"",
    behind: bytes = b"",
) -> Path:
    """Noise, 160x120, five pictures a second, which says `SAID`; units stand before and behind each picture."""
    with av.open(str(path), "w") as out:
        # With pictures to reorder, x265 makes up the times at which the first two of so few are decoded.
        options = {"preset": "ultrafast", "x265-params": f"bframes=0:{x265}"}
        stream = out.add_stream("libx265", rate=5, options=options)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p10le"
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = tags
        context.time_base = Fraction(1, 5)
        for packet in _encoded(stream, count):
            made = Packet(before + bytes(packet) + behind)
            made.pts, made.dts, made.time_base = packet.pts, packet.dts, packet.time_base
            made.is_keyframe, made.stream = packet.is_keyframe, stream
            out.mux(made)
    return path


def _encoded(stream: VideoStream, count: int) -> Iterator[Packet[VideoStream]]:
    for index in range(count):
        frame = VideoFrame(160, 120, "yuv420p10le")
        for plane in frame.planes:
            words = words_of(plane)
            words[:] = np.random.default_rng(index).integers(300, 700, words.shape)
        frame.pts = index
        yield from stream.encode(frame)
    yield from stream.encode(None)


def film_in_hdr10_plus(path: Path, count: int) -> Path:
    """The same with what HDR10+ says of each scene."""
    bits = (
        _number(8, 0xB5) + _number(16, 0x3C) + _number(16, 1) + _number(8, 4) + _number(8, 1)
    )  # whose words follow
    bits += _number(2, 1) + _number(27, 400) + "0"  # one window; brightness of the screen that is aimed at
    bits += "".join(_number(17, value) for value in (10000, 9000, 8000, 3000))  # most red, green, blue; mean
    bits += _number(4, 0) + _number(10, 0) + "000"
    said = _packed(bits)
    return film_in_hdr10(path, count, before=_unit(39, bytes([4, len(said)]) + said + b"\x80"))


def film_in_dolby_vision(path: Path, count: int, *, profile: int) -> Path:
    """Of profile 5, whose colours are its own and untagged, or 8, over HDR10; nothing is done to the pictures."""
    bits = _number(6, 2) + _number(11, 18) + _number(4, int(profile == 8)) + _number(4, 6) + "1"
    bits += "0" + _number(2, 0) + _golomb(23) + _number(2, 1) + str(int(profile == 5))
    bits += _golomb(2) + _golomb(2) + _golomb(4) + "0" + _number(3, 0) + "01"  # 10, 10 and 12 bits
    bits += "00" + _golomb(0) * 3
    bits += (_golomb(0) + _number(10, 0) + _number(10, 1023)) * 3 + _golomb(0) * 2
    bits += (_golomb(0) * 2 + "0" + _golomb(0) + _number(23, 0) + _golomb(1) + _number(23, 0)) * 3  # y = x
    said = _packed(bits)
    unit = _unit(62, b"\x19" + said + _check_sum(said) + b"\x80")
    tags = (2, 2, 2, 2) if profile == 5 else (9, 16, 9, 1)
    return film_in_hdr10(path, count, x265="log-level=error", tags=tags, behind=unit)


def _number(bits: int, value: int) -> str:
    return format(value, f"0{bits}b")


def _golomb(value: int) -> str:
    coded = format(value + 1, "b")
    return "0" * (len(coded) - 1) + coded


def _packed(bits: str) -> bytes:
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _check_sum(data: bytes) -> bytes:
    """That of MPEG: zlib's with the bits of each byte the other way round, not inverted at the end."""
    turned = bytes(int(f"{byte:08b}"[::-1], 2) for byte in data)
    return _packed(f"{binascii.crc32(turned) ^ 0xFFFFFFFF:032b}"[::-1])


def _unit(kind: int, contents: bytes) -> bytes:
    """A unit of H.265 with its start code."""
    safe, zeros = bytearray(), 0
    for byte in contents:
        if zeros >= 2 and byte <= 3:
            safe.append(3)
            zeros = 0
        safe.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return b"\0\0\0\1" + bytes([kind << 1, 1]) + bytes(safe)


def said_by(path: Path) -> list[Mastering | None]:
    """What each picture of a film says, in its stream or in the film's header."""
    with av.open(str(path)) as container:
        return [mastering_of(frame) for frame in container.decode(video=0)]
