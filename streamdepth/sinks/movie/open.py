"""The writer of movies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamdepth.frames import SourceInfo
from streamdepth.protocols import Sink


def open_movie(path: Path, info: SourceInfo, **options: Any) -> Sink:
    """Open a `MovieSink`; raises as that does."""
    from streamdepth.sinks.movie.sink import MovieSink

    return MovieSink(path, info, **options)
