"""Films and zips for `/v1/jobs` that are broken or hostile, made from a seed, and what may become of each."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from films import write_film
from hostile_pictures import NO_PICTURES, by_pillow, drawn, good, png
from pictures import encoded

TAKEN, REFUSED = (202,), (400, 413, 415, 422)


@dataclass(frozen=True)
class Job:
    """One upload."""

    body: bytes
    statuses: tuple[int, ...]
    ends: tuple[str, ...] = ("done", "failed")
    """In which states it may end where it was taken."""


def of(seed: int) -> tuple[str, Job]:
    """The name of its kind, and the upload."""
    name = [*KINDS][seed % len(KINDS)]
    return name, KINDS[name](random.Random(seed))


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return file.getvalue()


OUTSIDE = (
    "../../slipped.png",
    "/tmp/slipped.png",
    "..\\..\\slipped.png",
    "C:\\slipped.png",
    "a/../../slipped.png",
)


def slip(chance: random.Random) -> Job:
    data = encoded(".png", drawn(chance))
    return Job(zipped(*[(name, data) for name in chance.sample(OUTSIDE, 3)]), TAKEN, ("done",))


def link(chance: random.Random) -> Job:
    """An entry that says it is a link to a file of the machine."""
    entry = zipfile.ZipInfo("link.png")
    entry.external_attr = 0o120777 << 16
    data = encoded(".png", drawn(chance))
    return Job(zipped((entry, b"/etc/passwd"), ("b.png", data)), TAKEN + REFUSED)


def same_names(chance: random.Random) -> Job:
    first, second = encoded(".png", drawn(chance)), encoded(".png", drawn(chance))
    return Job(zipped(("a.png", first), ("A.png", second), ("a.png/b.png", first)), TAKEN)


def bomb_in_zip(chance: random.Random) -> Job:
    return Job(zipped(("a.png", bytes(chance.choice([30_000_000, 200_000_000])))), (413,))


def picture_bomb_in_zip(chance: random.Random) -> Job:
    good_one = encoded(".png", drawn(chance))
    return Job(zipped(("a.png", png(50_000, 50_000, b"")), ("b.png", good_one)), TAKEN)


def lying_size(chance: random.Random) -> Job:
    data = bytearray(zipped(("a.png", bytes(5_000_000))))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.rindex(mark) + offset, 1000)
    return Job(bytes(data), TAKEN + REFUSED, ("failed",))


def zip_in_zip(chance: random.Random) -> Job:
    inner = zipped(("a.png", encoded(".png", drawn(chance))))
    return Job(zipped(("inner.zip", inner)), TAKEN, ("failed",))


def encrypted(chance: random.Random) -> Job:
    data = bytearray(zipped(("a.png", encoded(".png", drawn(chance)))))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rindex(mark) + offset] |= 1
    return Job(bytes(data), (415,))


def odd_entries(chance: random.Random) -> Job:
    entries = [(f"{number}.png", good(chance)) for number in range(3)]
    entries += [(f"x{number}", data) for number, data in enumerate(chance.sample([*NO_PICTURES.values()], 3))]
    return Job(zipped(*entries), TAKEN)


def damaged_zip(chance: random.Random) -> Job:
    data = bytearray(
        zipped(("a.png", encoded(".png", drawn(chance))), ("b.jpg", by_pillow("JPEG", drawn(chance))))
    )
    if chance.random() < 0.4:
        return Job(bytes(data[: chance.randrange(4, len(data))]), TAKEN + REFUSED)
    for _ in range(chance.randrange(1, 30)):
        data[chance.randrange(4, len(data))] ^= 1 << chance.randrange(8)
    return Job(bytes(data), TAKEN + REFUSED)


def empty_zip(chance: random.Random) -> Job:
    return Job(chance.choice([zipped(), zipped(("folder/", b"")), zipped((".hidden", b"x"))]), (415,))


def film(suffix: str = ".mp4") -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"film{suffix}"
        write_film(path, [np.full((48, 64, 3), 20 * number, np.uint8) for number in range(10)])
        return path.read_bytes()


def damaged_film(chance: random.Random) -> Job:
    data = bytearray(film(chance.choice([".mp4", ".mkv"])))
    how = chance.choice(["cut", "flip", "zero"])
    if how == "cut":
        return Job(bytes(data[: chance.randrange(1, len(data))]), TAKEN + REFUSED)
    begin = chance.randrange(16, len(data))
    if how == "zero":
        data[begin : begin + 200] = bytes(len(data[begin : begin + 200]))
    else:
        for _ in range(chance.randrange(1, 60)):
            data[chance.randrange(16, len(data))] ^= 1 << chance.randrange(8)
    return Job(bytes(data), TAKEN + REFUSED)


def claims_to_be_a_film(chance: random.Random) -> Job:
    start = chance.choice(
        [b"\0\0\0\x20ftypisom", b"\x1a\x45\xdf\xa3", b"RIFF\0\0\0\0AVI ", b"\0\0\0\x08moov"]
    )
    return Job(start + chance.randbytes(chance.randrange(10, 20_000)), TAKEN + REFUSED, ("failed",))


def no_film(chance: random.Random) -> Job:
    known = [data for name, data in NO_PICTURES.items() if name not in ("a film", "an archive")]
    return Job(chance.choice([*known, good(chance)]), (415,))


KINDS: Mapping[str, Callable[[random.Random], Job]] = {
    made.__name__.replace("_", " "): made
    for made in (
        *(
            slip,
            link,
            same_names,
            bomb_in_zip,
            picture_bomb_in_zip,
            lying_size,
            zip_in_zip,
            encrypted,
            odd_entries,
        ),
        *(damaged_zip, empty_zip, damaged_film, claims_to_be_a_film, no_film),
    )
}
