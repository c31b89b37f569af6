"""One frame with its depth in one file that needs its colours as well: points in space, a photo with depth."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from streamdepth.depthfiles.distance import FARTHEST, NEAREST, distances
from streamdepth.depthfiles.gdepth import with_depth
from streamdepth.depthfiles.ply import ACROSS, ply_of
from streamdepth.errors import SinkError
from streamdepth.files import check_output_folder, resolved, write_whole
from streamdepth.frames import DepthMap, Measured, Rendered, SourceInfo
from streamdepth.imaging.exif import with_exif
from streamdepth.imaging.scaling import squared
from streamdepth.pixels import Picture
from streamdepth.sinks.picture_files import encode, refuse_same


def _points(picture: Picture, depth: DepthMap, trust: str, fov: float | None) -> bytes:
    unit = (
        f"metres{trust}"
        if depth.metres is not None
        else f"no unit, from {NEAREST:g} to {FARTHEST:g} as the depth is relative"
    )
    across = ACROSS if fov is None else fov
    note = f"streamdepth: {unit}; a lens {across:g} degrees wide"
    return ply_of(picture.bgr, distances(depth), note, across)


def _photo(picture: Picture, depth: DepthMap, _trust: str, _fov: float | None) -> bytes:
    jpeg = encode(np.ascontiguousarray(picture.bgr), ".jpg")
    return with_depth(jpeg, distances(depth), metres=depth.metres is not None)


WITH_PICTURE: Mapping[str, Callable[[Picture, DepthMap, str, float | None], bytes]] = {
    ".ply": _points,
    ".jpg": _photo,
    ".jpeg": _photo,
}
"""What makes the content of a file, by its suffix, with what is said of metres and how many degrees wide it is.

The picture is without bars, and its pixels are square.
"""


class PictureWithDepth:
    """Writes the one frame there is; raises SinkError for a second, and as `check_output_folder` and `refuse_same`."""

    def __init__(self, path: Path, info: SourceInfo, *, raw: bool, fov: float | None = None) -> None:
        check_output_folder(resolved(path))
        refuse_same(path, info.origin)
        self._path = path
        self._raw = raw
        self._fov = fov
        self._is_written = False

    def write(self, rendered: Rendered) -> None:
        """Write one frame; the file appears whole."""
        if self._is_written:
            raise SinkError(f"{self._path} holds one frame, and another one came", "add --frames 1")
        self._is_written = True
        depth = rendered.estimate.depth if self._raw else self._shown(rendered)
        content = WITH_PICTURE[self._path.suffix.lower()]
        frame, trust = rendered.estimate.frame, _trust(rendered.measured)
        picture = squared(frame.picture.content, sys.maxsize, frame.pixel_aspect)
        write_whole(self._path, with_exif(content(picture, depth, trust, self._fov), frame.exif))

    def _shown(self, rendered: Rendered) -> DepthMap:
        """In metres of a calibrated camera; raises SinkError where they are withheld."""
        measured = rendered.measured
        if measured is None:
            return rendered.depth
        if measured.depth is None:
            raise SinkError(
                f"{self._path} would have no metres: {measured.reason}",
                "take distances anew with streamdepth metres, or leave --metres out",
            )
        return measured.depth

    def close(self, *, complete: bool = True) -> None:
        """All is on disk already."""


def _trust(measured: Measured | None) -> str:
    if measured is None or measured.error is None:
        return ""
    return f" by {measured.points} distances, which predict each other within {measured.error:.0%}"
