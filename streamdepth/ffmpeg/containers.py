"""Opening containers, and what their formats promise."""

from __future__ import annotations

from pathlib import Path

import av
from av.container import InputContainer

_TS_DISCONT = 0x200
"""AVFMT_TS_DISCONT of libavformat/avformat.h; PyAV hands flags on as a number, with bits that its enum lacks."""
_NO_TIMESTAMPS = 0x80
"""AVFMT_NOTIMESTAMPS."""


def file_address(path: Path) -> str:
    """How FFmpeg opens a file: without the prefix, a colon in its name would be read as a protocol."""
    return f"file:{path}"


def open_container(
    address: str, timeout: tuple[float, float] | None = None, options: dict[str, str] | None = None
) -> InputContainer:
    """Open what is at an address; `timeout` is in seconds, for opening and for each reading.

    Text that is no UTF-8 gets marks in place of what cannot be read. Raises FFmpeg's errors.
    """
    return av.open(address, options=options or {}, timeout=timeout, metadata_errors="replace")


def has_running_clock(container: InputContainer) -> bool:
    """Whether the format's clock is that of a broadcast: it starts anywhere, and may jump (MPEG-TS, MPEG-PS, HLS)."""
    return bool(container.format.flags & _TS_DISCONT)


def has_timestamps(container: InputContainer) -> bool:
    """Whether the format says when a picture is shown; a raw stream, as cameras write it, does not."""
    return not container.format.flags & _NO_TIMESTAMPS
