"""MP4 that shows a part of its pictures, some of them twice, or all of them later (ISO/IEC 14496-12, 8.6.6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from films import greys, write_film

from streamdepth.sources.video.source import VideoSource

RATE = 25


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    while data:
        size = int.from_bytes(data[:4])
        yield data[4:8], data[8:size]
        data = data[size:]


def box(kind: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4) + kind + body


def with_edits(data: bytes, edits: bytes) -> bytes:
    """A film whose index is last, with other edits."""
    parts = []
    for kind, body in boxes(data):
        if kind == b"mdia":
            parts.append(box(b"edts", box(b"elst", edits)))
        if kind != b"edts":
            parts.append(box(kind, with_edits(body, edits) if kind in (b"moov", b"trak") else body))
    return b"".join(parts)


def film(path: Path, edits: Sequence[tuple[int, int]]) -> Path:
    """Pictures 0 to 29, of which each of `edits` shows (first, how many); -1 is none."""
    data = write_film(path, greys(range(30)), rate=RATE, bf="0").read_bytes()
    second = int.from_bytes(data[data.index(b"mvhd") + 16 :][:4])  # units of the film, and those of the track
    ticks = int.from_bytes(data[data.index(b"mdhd") + 16 :][:4])
    entries = [
        (count * second // RATE).to_bytes(4)
        + (first * ticks // RATE if first >= 0 else -1).to_bytes(4, signed=True)
        + (1 << 16).to_bytes(4)
        for first, count in edits
    ]
    path.write_bytes(with_edits(data, bytes(4) + len(edits).to_bytes(4) + b"".join(entries)))
    return path


@pytest.mark.parametrize(
    ("edits", "shown"),
    [
        ([(0, 30)], range(30)),
        ([(13, 17)], range(17)),
        ([(0, 20)], range(20)),
        ([(0, 10), (20, 10)], range(20)),
        ([(0, 10), (0, 10)], range(20)),
        ([(-1, 25), (0, 30)], range(25, 55)),
    ],
    ids=["all", "from a later one", "to an earlier one", "without the middle", "twice", "later"],
)
def test_as_many_pictures_are_announced_as_an_edit_list_shows(
    tmp_path: Path, edits: list[tuple[int, int]], shown: range
) -> None:
    with closing(VideoSource(film(tmp_path / "film.mp4", edits))) as source:
        times = [frame.pts for frame in iter(source.read, None)]
        assert [time * RATE for time in times] == list(shown)
        assert source.info.frame_count == len(times)
