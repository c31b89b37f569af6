"""Which uploads are films or zips of pictures, by their first bytes, and how long a film lasts.

Only containers that hold all of a film themselves: a playlist would make FFmpeg open what it names.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from math import inf
from pathlib import Path

import av

from streamdepth.errors import SourceError, Trouble
from streamdepth.ffmpeg.containers import demuxed, file_address, open_container
from streamdepth.sources.images.image_head import is_photo_by_brand, may_be_image, read_head

ENOUGH = 512
"""Bytes that are looked at."""
SHORTEST = 1 / 240
"""Seconds; high-speed cameras of phones take no more pictures than that."""
_PACKET = 188


def suffix_of(start: bytes) -> str:
    """The suffix for an upload that begins with these bytes; raises `SourceError` for all else."""
    suffix = known_suffix(start)
    if suffix is not None:
        return suffix
    head = read_head(start)
    if head is not None and head.refusal:
        raise SourceError(f"the upload {head.refusal}", "save it as PNG or JPEG", Trouble.CODEC)
    if may_be_image(start, ""):
        raise SourceError(
            "the upload is a picture, not a supported film",
            "send it to /v1/depth, or several in a zip",
            Trouble.CODEC,
        )
    raise SourceError(
        "the upload is not a supported film",
        "send MP4, MOV, Matroska, WebM, AVI, MPEG-TS, or a zip of pictures",
        Trouble.CODEC,
    )


def known_suffix(start: bytes) -> str | None:
    """The same; None for all else."""
    return next((suffix for suffix, is_it in _KINDS.items() if is_it(start)), None)


_KINDS: dict[str, Callable[[bytes], bool]] = {
    ".mp4": lambda start: start[4:8] == b"ftyp" and not is_photo_by_brand(start),
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
    """Raise `SourceError` for a film of more than `most` seconds; whether it can be rendered is seen when it is.

    By its packets, since its head may say anything; and a picture counts as no shorter than `SHORTEST`, whatever its
    time says.
    """
    first, last, count = inf, -inf, 0
    with suppress(av.error.FFmpegError), open_container(file_address(path)) as container:
        for packet in demuxed(container, *container.streams.video):
            count += packet.size > 0
            time = packet.pts if packet.pts is not None else packet.dts
            if time is not None and packet.time_base:
                seconds = float(time * packet.time_base)
                first, last = min(first, seconds), max(last, seconds)
            if max(last - first, count * SHORTEST) > most:
                raise SourceError(
                    f"the film lasts longer than {most:g} seconds",
                    "send it in parts",
                    Trouble.TOO_LARGE,
                )
