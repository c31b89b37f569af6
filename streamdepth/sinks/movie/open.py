"""The writer of movies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamdepth.frames import SourceInfo
from streamdepth.protocols import Sink


def open_mp4(path: Path, info: SourceInfo, **options: Any) -> Sink:
    """Open an `Mp4Sink`; raises as that does."""
    from streamdepth.sinks.movie.sink import Mp4Sink

    return Mp4Sink(path, info, **options)
