"""Opening containers, and what their formats promise."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer

from streamdepth.addresses import scheme_of

_TS_DISCONT = 0x200
"""AVFMT_TS_DISCONT of libavformat/avformat.h; PyAV hands flags on as a number, with bits that its enum lacks."""
_NO_TIMESTAMPS = 0x80
"""AVFMT_NOTIMESTAMPS."""
_TELL_THEIR_END = ("matroska", "nut", "asf")
"""Of these FFmpeg gives the end as their length; of others (MP4, FLV, Ogg, MPEG-TS) it is how long they are."""
_OF_THE_WEB = {"reconnect": "1", "reconnect_on_network_error": "1", "reconnect_delay_max": "1"}
"""Twice more, within a second, and only of what has an end: it goes on with the octet that is wanted next.

The second of them is needed on a line without faults, too: FFmpeg 8.1 asks again on a connection that it had asked to
be closed, and loses packets where the server has done so without a word.
"""


def file_address(path: Path) -> str:
    """How FFmpeg opens a file: without the prefix, a colon in its name would be read as a protocol."""
    return f"file:{path}"


def open_container(
    address: str, timeout: tuple[float, float] | None = None, options: dict[str, str] | None = None
) -> InputContainer:
    """Open what is at an address; `timeout` is in seconds, for opening and for each reading.

    A recording on a web server is asked for again where the connection is lost. Text that is no UTF-8 gets marks in
    place of what cannot be read. Raises FFmpeg's errors.
    """
    web = _OF_THE_WEB if scheme_of(address) in ("http", "https") else {}
    return av.open(address, options={**web, **(options or {})}, timeout=timeout, metadata_errors="replace")


def has_running_clock(container: InputContainer) -> bool:
    """Whether the format's clock is that of a broadcast: it starts anywhere, and may jump (MPEG-TS, MPEG-PS, HLS)."""
    return bool(container.format.flags & _TS_DISCONT)


def is_by_name(container: InputContainer) -> bool:
    """Whether FFmpeg takes it for a picture as its name ends so, whatever is in it."""
    return container.format.name == "image2"


def length_of(container: InputContainer) -> Fraction | None:
    """Seconds of what it holds; None where it does not say."""
    if container.duration is None:
        return None
    duration, start = container.duration, max(0, container.start_time or 0)
    if duration > start and container.format.name.startswith(_TELL_THEIR_END):
        duration -= start
    return Fraction(duration, av.time_base)


def has_timestamps(container: InputContainer) -> bool:
    """Whether the format says when a picture is shown; a raw stream, as cameras write it, does not."""
    return not container.format.flags & _NO_TIMESTAMPS
