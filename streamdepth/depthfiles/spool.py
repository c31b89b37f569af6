"""Depth maps on disk until it is known what is to become of them: exact, in order, read while they are written.

A spool is a line of JSON (`{"streamdepth": "spool", "version": 1, ...}`) and then records. A record is 16 bytes, little
endian: `DMAP`, the lengths of its head and of its values in bytes, and a CRC-32 of both; then its head, JSON of
what an `Entry` has beside its values; then (h, w) float32. A record that is cut short or damaged ends the spool: that
is what a killed process or a full disk leaves.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import astuple
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from streamdepth.depthfiles.entry import Entry
from streamdepth.errors import SourceError
from streamdepth.pixels import Rectangle
from streamdepth.values import dataclass

SUFFIX = ".spool"
_RECORD = struct.Struct("<4sIII")
_TAG = b"DMAP"
_MOST_HEAD = 65536
"""Bytes; the longest name of a file is 255."""


def spool_bytes(count: int, size: tuple[int, int]) -> int:
    """About how large a spool of `count` maps of `size` = (w, h) gets."""
    return count * (size[0] * size[1] * 4 + 256)


class SpoolWriter:
    """Appends entries to a file that is empty, or behind those that it has already (`facts` is then None).

    Passes on the errors of the operating system.
    """

    def __init__(self, file: BinaryIO, facts: Mapping[str, Any] | None) -> None:
        self._file = file
        if facts is not None:
            file.write(json.dumps({**facts, "streamdepth": "spool", "version": 1}).encode() + b"\n")

    def write(self, entry: Entry) -> None:
        """Add one; it can be read once the file is flushed."""
        head = json.dumps(_head(entry)).encode()
        body = np.ascontiguousarray(entry.values, "<f4").tobytes()
        sum_of = zlib.crc32(body, zlib.crc32(head))
        self._file.write(_RECORD.pack(_TAG, len(head), len(body), sum_of) + head)
        self._file.write(body)


@dataclass(frozen=True)
class Overview:
    """What the heads of a spool say of it."""

    count: int
    low: float
    """Of all values."""
    high: float
    size: tuple[int, int]
    """(w, h) of the first map."""


class _Record(NamedTuple):
    head: dict[str, Any]
    body: bytes
    end: int
    """Bytes of the file up to its end."""


class SpoolReader:
    """A spool on disk, which may still be written; raises `SourceError` where it is none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            line = file.readline(_MOST_HEAD)
            self._begin = file.tell()
        try:
            self.facts: dict[str, Any] = json.loads(line)
            known = self.facts["streamdepth"] == "spool" and self.facts["version"] == 1
        except (ValueError, KeyError, TypeError):
            known = False
        if not known:
            raise SourceError(f"{path} is not a spool of depth maps", "name a file that streamdepth left")

    def __iter__(self) -> Iterator[Entry]:
        """Every entry, in order."""
        for record in self._records(with_values=True):
            yield _entry(record.head, record.body)

    def heads(self) -> Iterator[Entry]:
        """The same with 0 for all values: quick."""
        for record in self._records(with_values=False):
            yield _entry(record.head, None)

    def overview(self) -> Overview | None:
        """Count and range; None where there is no entry."""
        count, low, high, size = 0, float("inf"), float("-inf"), None
        for head, *_ in self._records(with_values=False):
            count += 1
            low, high = min(low, head["low"]), max(high, head["high"])
            size = size or (head["shape"][1], head["shape"][0])
        return None if size is None else Overview(count, low, high, size)

    def length_of(self, count: int) -> tuple[int, int]:
        """How many of the first `count` entries are whole, and the bytes of the file up to their end."""
        whole, length = 0, self._begin
        for record in islice(self._records(with_values=True), count):
            whole, length = whole + 1, record.end
        return whole, length

    def _records(self, *, with_values: bool) -> Iterator[_Record]:
        with self._path.open("rb") as file:
            length = file.seek(0, 2)
            file.seek(self._begin)
            while len(start := file.read(_RECORD.size)) == _RECORD.size:
                tag, head_bytes, body_bytes, sum_of = _RECORD.unpack(start)
                end = file.tell() + head_bytes + body_bytes
                if tag != _TAG or head_bytes > _MOST_HEAD or end > length:
                    return
                head = file.read(head_bytes)
                body = file.read(body_bytes) if with_values else b""
                if with_values and zlib.crc32(body, zlib.crc32(head)) != sum_of:
                    return
                file.seek(end)
                yield _Record(json.loads(head), body, end)


def _head(entry: Entry) -> dict[str, Any]:
    values = entry.values
    return {
        "index": entry.index,
        "pts": f"{entry.pts.numerator}/{entry.pts.denominator}",
        "shape": list(values.shape),
        "low": float(values.min()),
        "high": float(values.max()),
        "source": list(entry.source),
        **({"name": entry.name} if entry.name else {}),
        **({} if entry.inner is None else {"inner": list(astuple(entry.inner))}),
    }


def _entry(head: dict[str, Any], body: bytes | None) -> Entry:
    values = np.broadcast_to(np.float32(0), head["shape"])
    if body is not None:
        values = np.frombuffer(body, "<f4").reshape(head["shape"]).astype(np.float32, copy=False)
    inner = Rectangle(*head["inner"]) if "inner" in head else None
    width, height = head["source"]
    return Entry(values, head["index"], Fraction(head["pts"]), (width, height), head.get("name", ""), inner)
