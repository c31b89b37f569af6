"""Depth read from a file of any of the formats, in whatever unit, as metres."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from streamdepth.depthfiles.formats import MAPS
from streamdepth.depthfiles.units import DepthKind, DepthUnit
from streamdepth.depthfiles.values import Values
from streamdepth.errors import SourceError
from streamdepth.files import read_bytes

_SATURATED = 65535
"""What sensors write into 16 bits where they see nothing (7-Scenes), or nothing that is near enough."""
DEPTH_SUFFIXES = tuple(MAPS)
"""Of the files that depth is read from, lower case."""


def read_depth(path: Path, unit: DepthUnit | None = None) -> NDArray[np.float32]:
    """(H, W) float32 depth in metres, 0 where there is no reading.

    Without a `unit`, whole numbers are millimetres and others metres. Raises `SourceMissing` where there is no such
    file and `SourceError` where it cannot be read or is no depth map.
    """
    values = read_values(path)
    if unit is None:
        unit = _usual_unit(path, values)
    if values.dtype == np.uint16:
        values = np.where(values == _SATURATED, np.uint16(0), values)
    return unit.metres(values)


def read_values(path: Path) -> Values:
    """(H, W) numbers as stored, of any numeric type; raises as `read_depth`."""
    known = MAPS.get(path.suffix.lower())
    if known is None:
        raise SourceError(f"{path} is of an unknown kind", f"save it as {', '.join(DEPTH_SUFFIXES)}")
    values = known.read(path, read_bytes(path))
    if values.ndim == 3 and values.shape[2] == 1:  # DIODE
        values = values[..., 0]
    if values.ndim != 2 or values.size == 0 or values.dtype.kind not in "biuf":
        raise SourceError(
            f"{path} is not a depth map: it is {values.shape} {values.dtype}",
            "it must hold one number per pixel",
        )
    return values


def _usual_unit(path: Path, values: Values) -> DepthUnit:
    if values.dtype.itemsize == 1:
        raise SourceError(
            f"{path} has 8 bits a pixel, too few for depth unless the unit is known",
            "save 16 bits, or say what its values are with --depth-kind and --depth-scale",
        )
    return DepthUnit(DepthKind.METRES if values.dtype.kind == "f" else DepthKind.MILLIMETRES)
