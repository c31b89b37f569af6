"""The boxes that MP4 and MOV are made of (ISO/IEC 14496-12, 4.2), for tests that change some in a file."""

from __future__ import annotations

from collections.abc import Iterator


def boxes_in(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each."""
    while data:
        size = int.from_bytes(data[:4])
        yield data[4:8], data[8:size]
        data = data[size:]


def box(kind: bytes, body: bytes) -> bytes:
    """One with that content."""
    return (len(body) + 8).to_bytes(4) + kind + body
