"""Which uploads are films or zips of pictures, by their first octets, and how long a film lasts.

Only containers that hold all of a film themselves: a playlist would make FFmpeg open what it names.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import av

from streamdepth.errors import SourceError, Trouble
from streamdepth.ffmpeg.containers import file_address, open_container

ENOUGH = 512
"""Octets that are looked at."""
_PACKET = 188


def suffix_of(start: bytes) -> str:
    """The suffix for an upload that begins with these octets; raises `SourceError` for all else."""
    for suffix, is_it in _KINDS.items():
        if is_it(start):
            return suffix
    raise SourceError(
        "the upload is no film that is read here",
        "send MP4, MOV, Matroska, WebM, AVI, MPEG-TS, or a zip of pictures",
        Trouble.CODEC,
    )


_KINDS: dict[str, Callable[[bytes], bool]] = {
    ".mp4": lambda start: start[4:8] == b"ftyp" and start[8:12] not in (b"avif", b"heic", b"mif1"),
    ".mov": lambda start: start[4:8] in (b"moov", b"mdat", b"wide"),
    ".mkv": lambda start: start.startswith(b"\x1a\x45\xdf\xa3"),
    ".zip": lambda start: start.startswith(b"PK\x03\x04"),
    ".avi": lambda start: start.startswith(b"RIFF") and start[8:12] == b"AVI ",
    ".ts": lambda start: (
        start[0:1] == b"G" == start[_PACKET : _PACKET + 1] == start[2 * _PACKET : 2 * _PACKET + 1]
    ),
}

SUFFIXES = frozenset(_KINDS)
"""Of all that is read here."""


def check_length(path: Path, most: float) -> None:
    """Raise `SourceError` for a film of more than `most` seconds; whether it can be rendered is seen when it is."""
    seconds = 0.0
    with suppress(av.error.FFmpegError):
        seconds = _seconds_of(path)
    if seconds > most:
        raise SourceError(
            f"the film lasts {seconds:.0f} seconds, and {most:g} are allowed",
            "send it in parts",
            Trouble.TOO_LARGE,
        )


def _seconds_of(path: Path) -> float:
    """By its head; where that does not say all, as of a film that was streamed, by its packets."""
    with open_container(file_address(path)) as container:
        told = container.duration
        videos = container.streams.video
        is_in_fragments = "mp4" in container.format.name and not any(one.frames for one in videos)
        if told is not None and not is_in_fragments:
            return told / av.time_base
        times = [
            float(packet.pts * packet.time_base)
            for packet in container.demux(videos)
            if packet.pts is not None and packet.time_base is not None
        ]
    return max(times) - min(times) if times else 0.0
