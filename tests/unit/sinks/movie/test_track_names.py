"""What tracks say of themselves, and what of it is missed."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import av

from streamdepth.sinks.movie.containers import container_of
from streamdepth.sinks.movie.track_names import lost_names


def test_what_describes_the_file_that_is_read_is_not_missed() -> None:
    """Pieces of HLS in MP4 give the brands of their files to each track."""
    container = container_of(Path("a.mp4"))
    assert container is not None
    with av.open(BytesIO(), "w", format="matroska") as film:
        track = film.add_stream("aac", rate=48_000)
        track.metadata.update({"major_brand": "iso5", "COMPATIBLE_BRANDS": "iso5", "artist": "Somebody"})
        assert lost_names([track], container) == ["artist"]
