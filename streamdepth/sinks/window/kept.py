"""What a viewer keeps of the window: files in the working folder, named by their time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from streamdepth.files import write_whole


def keep(data: bytes, suffix: str, at: datetime) -> Path:
    """Write a file of this time; raises `SinkError`."""
    path = Path(kept_name(at, suffix))
    write_whole(path, data)
    return path


def kept_name(at: datetime, suffix: str) -> str:
    """`streamdepth-20250131-235959-123.png`: local time to the millisecond."""
    return f"streamdepth-{at:%Y%m%d-%H%M%S}-{at.microsecond // 1000:03d}{suffix}"
