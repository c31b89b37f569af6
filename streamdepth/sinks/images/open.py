"""The writer of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamdepth.frames import SourceInfo
from streamdepth.protocols import Sink


def open_pictures(path: Path, info: SourceInfo, **options: Any) -> Sink:
    """Open an `ImageSink`; raises as that does."""
    from streamdepth.sinks.images.sink import ImageSink

    return ImageSink(path, info, **options)
