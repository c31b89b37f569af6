"""Pictures of the user's own scene, for calibrating int8."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from streamdepth.pixels import BGRImage

if TYPE_CHECKING:
    from streamdepth.engine.int8.calibration import Calibration
    from streamdepth.protocols import Source

_WANTED = 48
_AT_MOST = 1500
"""Frames that are read of a long video, a minute of it: more would take longer than quantising."""


def calibration_of(path: Path | None) -> Calibration | None:
    """What `--calibrate` names, if anything.

    Raises `UsageError`, before it is read, where the processor does not compute in int8; else as `read_calibration`.
    """
    from streamdepth.machine import require_int8

    if path is None:
        return None
    require_int8()
    return read_calibration(path)


def read_calibration(path: Path) -> Calibration:
    """Up to 48 frames of a video or of images, spread evenly. Raises `SourceError` where it cannot be read."""
    from streamdepth.engine.int8.calibration import Calibration
    from streamdepth.sources import SourceOptions, open_source

    source = open_source(str(path), SourceOptions())
    try:
        return Calibration(path.name, _spread(source))
    finally:
        source.close()


def _spread(source: Source) -> list[BGRImage]:
    count = min(source.info.frame_count or _AT_MOST, _AT_MOST)
    step = -(-count // _WANTED)
    pictures: list[BGRImage] = []
    for index in range(count):
        frame = source.read()
        if frame is None:
            break
        if index % step == 0:
            pictures.append(frame.picture.content.bgr)
    return pictures
