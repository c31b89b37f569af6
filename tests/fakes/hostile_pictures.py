"""Uploads that are odd, broken or hostile, made from a seed, and what may become of each.

of(seed)         one of them; every kind comes in turn
KINDS            the makers by name
"""

from __future__ import annotations

import gzip
import io
import random
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from pictures import encoded, exif, png_with
from PIL import Image

ANSWERED, REFUSED = (200,), (413, 415, 422)
RAW = {"Content_Type": "application/octet-stream"}
BOUNDARY = "a-boundary"


@dataclass(frozen=True)
class Sent:
    """One upload."""

    body: bytes
    statuses: tuple[int, ...]
    """That are right answers to it."""
    shown: np.ndarray | None = None
    """(H, W, 3) uint8 BGR: what it shows, upright, where there is no doubt about that."""
    headers: Mapping[str, str] = field(default_factory=lambda: RAW)


def of(seed: int) -> tuple[str, Sent]:
    """The name of its kind, and the upload."""
    name = [*KINDS][seed % len(KINDS)]
    return name, KINDS[name](random.Random(seed))


def drawn(chance: random.Random, width: int = 0, height: int = 0) -> np.ndarray:
    """Smooth, and unlike itself however it is turned."""
    width, height = width or chance.randrange(40, 120), height or chance.randrange(40, 120)
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    planes = [across**2, 0.7 * down + 0.3 * across, 1 - down * across]
    chance.shuffle(planes)
    image = (255 * np.stack(planes, axis=-1)).astype(np.uint8)
    image.reshape(-1, 3)[[0, -1]] = (0, 0, 0), (255, 255, 255)  # all levels are in use
    return image


def as_stored(data: bytes) -> np.ndarray:
    """What Pillow reads, not turned."""
    return np.ascontiguousarray(np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))[..., ::-1])


def by_pillow(kind: str, image: np.ndarray, mode: str = "RGB", **settings: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image[..., ::-1]).convert(mode).save(file, kind, **settings)
    return file.getvalue()


# -- odd, and right ---------------------------------------------------------------------------------------------


def one_pixel(chance: random.Random) -> Sent:
    image = drawn(chance, 1, 1)
    return Sent(encoded(chance.choice([".png", ".jpg", ".bmp", ".webp"]), image), ANSWERED, image)


def a_line(chance: random.Random) -> Sent:
    image = drawn(chance, *chance.choice([(1, 20_000), (20_000, 1)]))
    return Sent(encoded(chance.choice([".png", ".jpg", ".tiff"]), image), ANSWERED, image)


def for_print(chance: random.Random) -> Sent:
    image = drawn(chance)
    return Sent(
        by_pillow(chance.choice(["JPEG", "TIFF"]), image, "CMYK", **_quality(chance)), ANSWERED, image
    )


def _quality(chance: random.Random) -> dict[str, int]:
    return {"quality": chance.choice([90, 95])}


def sixteen_bits(chance: random.Random) -> Sent:
    image = drawn(chance)
    if chance.random() < 0.5:
        image = np.repeat(image[..., :1], 3, axis=2)
        return Sent(
            encoded(chance.choice([".png", ".tiff"]), image[..., 0] * np.uint16(257)), ANSWERED, image
        )
    return Sent(encoded(chance.choice([".png", ".tiff"]), image * np.uint16(257)), ANSWERED, image)


def animated(chance: random.Random) -> Sent:
    first, others = drawn(chance), [Image.new("RGB", (30, 30), "red")] * chance.randrange(1, 20)
    kind = chance.choice(["GIF", "WEBP", "PNG"])
    others = [one.resize(first.shape[1::-1]) for one in others]
    settings = {"lossless": True} if kind == "WEBP" else {}
    data = by_pillow(kind, first, save_all=True, append_images=others, duration=40, **settings)
    return Sent(data, ANSWERED, as_stored(data) if kind == "GIF" else first)  # which has few colours


TURNS: Mapping[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda stored: stored,
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.transpose(1, 0, 2),
    6: lambda stored: stored.transpose(1, 0, 2)[:, ::-1],
    7: lambda stored: stored.transpose(1, 0, 2)[::-1, ::-1],
    8: lambda stored: stored.transpose(1, 0, 2)[::-1],
}
"""From what is stored to what is shown (Exif 2.32, tag 0x112)."""


def turned(chance: random.Random) -> Sent:
    stored, orientation = drawn(chance), chance.randrange(1, 9)
    kind = chance.choice(["JPEG", "PNG", "WEBP"])
    settings = {"quality": 95} if kind != "PNG" else {}
    data = by_pillow(kind, stored, exif=b"Exif\0\0" + exif(orientation), **settings)
    return Sent(data, ANSWERED, np.ascontiguousarray(TURNS[orientation](as_stored(data))))


def few_bits(chance: random.Random) -> Sent:
    image = drawn(chance)
    mode = chance.choice(["1", "L", "P"])
    data = by_pillow(chance.choice(["PNG", "BMP", "TIFF"]), image, mode)
    return Sent(data, ANSWERED, as_stored(data))


def with_more_behind(chance: random.Random) -> Sent:
    image = drawn(chance)
    more = chance.choice([b"\0" * 100_000, b"<script>alert(1)</script>", chance.randbytes(5000)])
    return Sent(encoded(chance.choice([".png", ".jpg", ".bmp"]), image) + more, ANSWERED, image)


def progressive(chance: random.Random) -> Sent:
    image = drawn(chance)
    return Sent(by_pillow("JPEG", image, progressive=True, quality=95), ANSWERED, image)


# -- broken -----------------------------------------------------------------------------------------------------


def good(chance: random.Random) -> bytes:
    image = np.random.default_rng(chance.randrange(1000)).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    kind = chance.choice(
        [".jpg", ".png", ".webp", ".bmp", ".tiff", ".jp2", ".ppm", "gif", "avif", "16", "scans"]
    )
    if kind == "16":
        return encoded(".png", image * np.uint16(257))
    if kind == "scans":
        return by_pillow("JPEG", image, progressive=True)
    return encoded(kind, image) if kind.startswith(".") else by_pillow(kind.upper(), image)


def cut(chance: random.Random) -> Sent:
    data = good(chance)
    return Sent(data[: chance.randrange(1, len(data))], ANSWERED + REFUSED)


def flipped(chance: random.Random) -> Sent:
    data = bytearray(good(chance))
    for _ in range(chance.randrange(1, 40)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return Sent(bytes(data), ANSWERED + REFUSED)


def emptied(chance: random.Random) -> Sent:
    data = bytearray(good(chance))
    begin = chance.randrange(len(data))
    data[begin : begin + 100] = bytes(len(data[begin : begin + 100]))
    return Sent(bytes(data), ANSWERED + REFUSED)


def odd_head(chance: random.Random) -> Sent:
    data = bytearray(good(chance))
    for place in range(8, min(60, len(data))):
        if chance.random() < 0.2:
            data[place] = chance.randrange(256)
    return Sent(bytes(data), ANSWERED + REFUSED)


def of_two(chance: random.Random) -> Sent:
    one, other = good(chance), good(chance)
    at = chance.randrange(4, min(len(one), len(other)))
    return Sent(one[:at] + other[at:], ANSWERED + REFUSED)


# -- what would take much ---------------------------------------------------------------------------------------


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, data: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def bomb(chance: random.Random) -> Sent:
    side = chance.choice([20_000, 50_000, 2**31 - 1])
    return Sent(png(side, side, zlib.compress(bytes(1_000_000), 9)), (413, 415))


def jpeg_claiming(width: int, height: int) -> bytes:
    data = bytearray(encoded(".jpg", np.zeros((16, 16, 3), np.uint8)))
    at = data.index(b"\xff\xc0") + 5
    struct.pack_into(">HH", data, at, height, width)
    return bytes(data)


def large_claim(chance: random.Random) -> Sent:
    webp = bytearray(by_pillow("WEBP", np.zeros((16, 16, 3), np.uint8)))
    gif = bytearray(by_pillow("GIF", np.zeros((16, 16, 3), np.uint8)))
    struct.pack_into("<HH", gif, 6, 65_535, 65_535)
    struct.pack_into("<HH", webp, webp.index(b"\x9d\x01\x2a") + 3, 16_383, 16_383)
    return Sent(chance.choice([jpeg_claiming(65_500, 65_500), bytes(gif), bytes(webp)]), (413,))


def no_pixels(chance: random.Random) -> Sent:
    sizes = [(0, 0), (0, 10), (10, 0)]
    return Sent(png(*chance.choice(sizes), zlib.compress(b"")), (415, 422))


def less_than_told(chance: random.Random) -> Sent:
    side = chance.randrange(100, 6000)
    return Sent(png(side, side, zlib.compress(b"")), (422,))


def chunk_claiming_more(chance: random.Random) -> Sent:
    data = bytearray(encoded(".png", drawn(chance)))
    struct.pack_into(">I", data, data.index(b"IDAT") - 4, chance.choice([100_000, 2**31 - 1, 2**32 - 1]))
    return Sent(bytes(data), (422,))


def many_chunks(chance: random.Random) -> Sent:
    image = drawn(chance)
    kind = chance.choice([(b"tEXt", b"key\0value"), (b"zTXt", b"k\0\0" + zlib.compress(bytes(1_000_000), 9))])
    return Sent(png_with(encoded(".png", image), *[kind] * chance.choice([1000, 5000])), ANSWERED, image)


def many_scans(chance: random.Random) -> Sent:
    """A JPEG whose picture is gone through again and again, each time for next to nothing."""
    side = chance.choice([300, 1500])
    data = by_pillow("JPEG", drawn(chance, side, side), progressive=True)
    begin = data.rindex(b"\xff\xda")
    return Sent(data[:begin] + data[begin:-2] * chance.choice([300, 1500]) + b"\xff\xd9", (415,))


def endless_tiff(chance: random.Random) -> Sent:
    """One whose directory is followed by itself."""
    data = bytearray(by_pillow("TIFF", drawn(chance)))
    at = struct.unpack_from("<I", data, 4)[0]
    (count,) = struct.unpack_from("<H", data, at)
    struct.pack_into("<I", data, at + 2 + 12 * count, at)
    return Sent(bytes(data), ANSWERED + REFUSED)


# -- no pictures ------------------------------------------------------------------------------------------------

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"><script>alert(1)</script></svg>'
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + SVG[:-6] + b"&x;</svg>"
)
NO_PICTURES: Mapping[str, bytes] = {
    "SVG": SVG,
    "SVG with a mark before it": b"\xef\xbb\xbf\n" + ENTITIES,
    "packed SVG": gzip.compress(SVG),
    "HTML": b"<!doctype html><title>x</title><img src=x onerror=alert(1)>",
    "PDF": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 48\n(/etc/passwd) (r) file\n",
    "a playlist": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "a program": b"\x7fELF\x02\x01\x01" + bytes(200),
    "an archive": b"PK\x03\x04" + bytes(200),
    "a film": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(500),
    "text": "Straße\n".encode() * 100,
    "JSON": b'{"url": "http://127.0.0.1:1/x.png"}',
    "an address": b"file:///etc/passwd",
    "Photoshop": b"8BPS\0\1" + bytes(200),
    "an icon": b"\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0\x68\x04\0\0\x16\0\0\0" + bytes(300),
    "a metafile": b"\xd7\xcd\xc6\x9a" + bytes(200),
    "a command for ImageMagick": b"push graphic-context\nimage over 0,0 0,0 'https://127.0.0.1/x'\n",
}


def no_picture(chance: random.Random) -> Sent:
    said = chance.choice(["image/png", "image/svg+xml", "application/octet-stream", "text/html"])
    return Sent(NO_PICTURES[chance.choice([*NO_PICTURES])], (415,), headers={"Content_Type": said})


def noise(chance: random.Random) -> Sent:
    return Sent(chance.randbytes(chance.randrange(1, 100_000)), (415, 422))


def nothing(chance: random.Random) -> Sent:
    return Sent(b"", (400,))


# -- forms ------------------------------------------------------------------------------------------------------

NAMES = (
    "../../x.jpg",
    "..\\..\\x.jpg",
    "/etc/passwd",
    "C:\\x.jpg",
    "a\0b.jpg",
    "x" * 5000,
    "",
    '"; name="other',
    "é\n.jpg",
)


def part(name: str, data: bytes, field_name: str = "image") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field_name}"; filename="{name}"\r\n\r\n'
    return head.encode() + data + b"\r\n"


def form_of(*parts: bytes, end: bytes = f"--{BOUNDARY}--\r\n".encode()) -> bytes:
    return b"".join(parts) + end


IN_FORM = {"Content_Type": f"multipart/form-data; boundary={BOUNDARY}"}


def named(chance: random.Random) -> Sent:
    image = drawn(chance)
    name = chance.choice([name for name in NAMES if "\n" not in name and '"' not in name])
    return Sent(form_of(part(name, encoded(".png", image))), ANSWERED, image, IN_FORM)


def odd_form(chance: random.Random) -> Sent:
    data = encoded(".png", drawn(chance))
    bodies = [
        form_of(part(chance.choice(NAMES), data), end=b""),
        form_of(part("x.png", data, "other")),
        form_of(*[part("x.png", b"")] * chance.choice([1, 500])),
        form_of(*[part("x.png", data)] * 40),
        form_of(b"--" + BOUNDARY.encode() + b"\r\n" + b"A: b\r\n" * 500),
        data,
        part("x.png", data)[: chance.randrange(1, 200)],
    ]
    headers = chance.choice([IN_FORM, IN_FORM, {"Content_Type": "multipart/form-data"}])
    return Sent(chance.choice(bodies), (400, 413, 422), headers=headers)


KINDS: Mapping[str, Callable[[random.Random], Sent]] = {
    made.__name__.replace("_", " "): made
    for made in (
        *(
            one_pixel,
            a_line,
            for_print,
            sixteen_bits,
            animated,
            turned,
            few_bits,
            with_more_behind,
            progressive,
        ),
        *(cut, flipped, emptied, odd_head, of_two),
        *(
            bomb,
            large_claim,
            no_pixels,
            less_than_told,
            chunk_claiming_more,
            many_chunks,
            many_scans,
            endless_tiff,
        ),
        *(no_picture, noise, nothing, named, odd_form),
    )
}
