"""Depth in a file: 16-bit pictures, NPY, NPZ, PFM, OpenEXR and DPT, in whatever unit, as metres."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import SourceError, SourceMissing, UsageError
from streamdepth.evaluation.exr import read_exr
from streamdepth.imaging.opencv import quiet_opencv
from streamdepth.pixels import BGRImage

Values = NDArray[Any]
_CURE = "check that it opens elsewhere, or copy it again"
_DPT_TAG = b"PIEH"
_SATURATED = 65535
"""What sensors write into 16 bits where they see nothing (7-Scenes), or nothing that is near enough."""
_PFM_HEAD = re.compile(rb"(P[Ff])\s+(\d{1,6})\s+(\d{1,6})\s+([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s")


class DepthKind(Enum):
    """What the numbers of a depth file count."""

    METRES = "metres"
    MILLIMETRES = "millimetres"
    INVERSE = "inverse"
    """1 / metres."""


@dataclass(frozen=True)
class DepthUnit:
    """A stored value divided by `scale` is of `kind`: 256 and metres for KITTI, 5000 and metres for TUM."""

    kind: DepthKind = DepthKind.METRES
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.scale) and self.scale > 0):
            raise UsageError(
                f"a depth scale of {self.scale:g} makes no sense",
                "give stored values per metre, such as 1000",
            )

    def metres(self, values: Values) -> NDArray[np.float32]:
        """Depth in metres of stored values of any shape; 0 where there is no reading (0, below 0, NaN, infinite)."""
        known = np.isfinite(values) & (values > 0)
        counted = np.where(known, values, 1).astype(np.float64) / self.scale
        if self.kind is DepthKind.INVERSE:
            counted = 1 / counted
        elif self.kind is DepthKind.MILLIMETRES:
            counted = counted / 1000
        return np.where(known, counted, 0).astype(np.float32)


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
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise SourceError(f"{path} is of an unknown kind", f"save it as {', '.join(DEPTH_SUFFIXES)}")
    values = reader(path, read_bytes(path))
    if values.ndim == 3 and values.shape[2] == 1:  # DIODE
        values = values[..., 0]
    if values.ndim != 2 or values.size == 0 or values.dtype.kind not in "biuf":
        raise SourceError(
            f"{path} is no depth map: it is {values.shape} {values.dtype}", "it must hold one number a pixel"
        )
    return values


def read_colour(path: Path) -> BGRImage:
    """(H, W, 3) uint8 BGR of an image file; raises as `read_depth`."""
    return np.asarray(_decoded(path, read_bytes(path), cv2.IMREAD_COLOR), np.uint8)


def read_bytes(path: Path) -> bytes:
    """A whole file; raises `SourceMissing` or `SourceError`."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise SourceMissing(f"there is no file {path}", "check the path") from error
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise SourceError(f"{path} cannot be read: {reason}", "check its permissions and the disk") from error
    if not data:
        raise SourceError(f"{path} is empty (0 bytes)", "copy or save it again")
    return data


def _usual_unit(path: Path, values: Values) -> DepthUnit:
    if values.dtype.itemsize == 1:
        raise SourceError(
            f"{path} has 8 bits a pixel, too few for depth unless the unit is known",
            "save 16 bits, or say what its values are with --depth-kind and --depth-scale",
        )
    return DepthUnit(DepthKind.METRES if values.dtype.kind == "f" else DepthKind.MILLIMETRES)


def _picture(path: Path, data: bytes) -> Values:
    return _decoded(path, data, cv2.IMREAD_UNCHANGED)


def _decoded(path: Path, data: bytes, flags: int) -> Values:
    try:
        with quiet_opencv():
            image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise SourceError(f"{path} cannot be decoded: it is damaged or too large", _CURE) from error
    if image is None:
        raise SourceError(f"{path} is not an image, or it is damaged", _CURE)
    return np.asarray(image)


def _npy(path: Path, data: bytes) -> Values:
    loaded = _numpy(path, data)
    if not isinstance(loaded, np.ndarray):
        raise SourceError(f"{path} is an archive, no array", "name it .npz")
    return loaded


def _npz(path: Path, data: bytes) -> Values:
    """The array named `depth`, or the only one."""
    archive = _numpy(path, data)
    if isinstance(archive, np.ndarray):
        return archive
    names = list(archive)
    if "depth" not in names and len(names) != 1:
        raise SourceError(f"{path} holds {', '.join(names) or 'nothing'}", "name the array of depth 'depth'")
    try:
        return np.asarray(archive["depth" if "depth" in names else names[0]])
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise _no_array(path) from error


def _numpy(path: Path, data: bytes) -> Any:
    try:
        return np.load(BytesIO(data), allow_pickle=False)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise _no_array(path) from error


def _no_array(path: Path) -> SourceError:
    return SourceError(f"{path} is no NumPy file of numbers, or it is damaged", _CURE)


def _pfm(path: Path, data: bytes) -> Values:
    """Portable float map: rows from the bottom up; a negative scale means little-endian."""
    head = _PFM_HEAD.match(data)
    if head is None or head[1] != b"Pf":
        raise SourceError(f"{path} is no portable float map with one channel", "save it again as Pf")
    width, height = int(head[2]), int(head[3])
    pixels = data[head.end() : head.end() + 4 * width * height]
    if len(pixels) < 4 * width * height:
        raise SourceError(f"{path} is cut short", _CURE)
    order = "<f4" if float(head[4]) < 0 else ">f4"
    return np.frombuffer(pixels, order).reshape(height, width)[::-1].astype(np.float32)


def _dpt(path: Path, data: bytes) -> Values:
    """Sintel's own format: a tag, width and height, and float32 from the top down."""
    if len(data) < 12 or data[:4] != _DPT_TAG:
        raise SourceError(f"{path} is no DPT file", _CURE)
    width, height = (int.from_bytes(data[i : i + 4], "little") for i in (4, 8))
    if len(data) < 12 + 4 * width * height:
        raise SourceError(f"{path} is cut short", _CURE)
    return np.frombuffer(data, "<f4", width * height, 12).reshape(height, width)


_READERS: dict[str, Callable[[Path, bytes], Values]] = {
    ".png": _picture,
    ".pgm": _picture,
    ".tif": _picture,
    ".tiff": _picture,
    ".npy": _npy,
    ".npz": _npz,
    ".pfm": _pfm,
    ".exr": read_exr,
    ".dpt": _dpt,
}
DEPTH_SUFFIXES = tuple(_READERS)
"""Of the files that depth is read from, lower case."""
