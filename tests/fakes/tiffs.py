"""TIFF files built byte by byte."""

from __future__ import annotations

import struct

SHORT, LONG, LONG8, BYTE, ASCII = 3, 4, 16, 1, 2
SIGNS = {BYTE: "B", SHORT: "H", LONG: "I", LONG8: "Q", ASCII: "B"}

Entry = tuple[int, int, tuple[int, ...]]


def tiff(*pages: list[Entry], order: str = "<", big: bool = False, last: int = 0) -> bytes:
    """A TIFF file, or a BigTIFF; the last page names `last` as the next."""
    word, count, size = ("Q", "Q", 8) if big else ("I", "H", 4)
    head = {"<": b"II", ">": b"MM"}[order]
    head += struct.pack(order + ("HHH" if big else "H"), *((43, 8, 0) if big else (42,)))
    data = head + struct.pack(order + word, len(head) + size)
    for number, page in enumerate(pages):
        length = struct.calcsize(order + count) + len(page) * (4 + 2 * size) + size
        beyond, entries, end = b"", b"", len(data) + length
        for tag, kind, values in page:
            value = struct.pack(f"{order}{len(values)}{SIGNS[kind]}", *values)
            if len(value) > size:
                place, beyond = end + len(beyond), beyond + value
                value = struct.pack(order + word, place)
            entries += struct.pack(f"{order}HH{word}", tag, kind, len(values)) + value.ljust(size, b"\0")
        following = last if number + 1 == len(pages) else end + len(beyond)
        data += (
            struct.pack(order + count, len(page)) + entries + struct.pack(order + word, following) + beyond
        )
    return data
