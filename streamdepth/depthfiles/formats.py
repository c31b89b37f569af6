"""The formats of depth as numbers, by suffix: a new one is a module beside this, and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from streamdepth.depthfiles.clip import Clip
from streamdepth.depthfiles.dpt import read_dpt
from streamdepth.depthfiles.exr import read_exr, write_exr
from streamdepth.depthfiles.matroska import read_mkv_clip, write_mkv_clip
from streamdepth.depthfiles.numpy_files import (
    read_npy,
    read_npy_clip,
    read_npz,
    read_npz_clip,
    write_npy,
    write_npy_clip,
    write_npz,
    write_npz_clip,
)
from streamdepth.depthfiles.pfm import read_pfm, write_pfm
from streamdepth.depthfiles.pictures import read_picture, write_png, write_tiff
from streamdepth.depthfiles.values import Plane, Values
from streamdepth.values import dataclass


@dataclass(frozen=True)
class MapFormat:
    """A file of one depth map."""

    read: Callable[[Path, bytes], Values]
    """(H, W) numbers as stored; raises `SourceError`."""
    write: Callable[[Plane], bytes] | None = None
    """None for a format of others that is read alone."""
    is_exact: bool = True
    """Whether the values themselves are stored, and not pixels of 16 bits."""
    wants_range: bool = False
    """Whether something in it depends on the range of all maps."""


@dataclass(frozen=True)
class ClipFormat:
    """A file of all depth maps of a clip."""

    read: Callable[[Path], Iterator[Values]]
    """(H, W) numbers as stored, one map after the other; raises `SourceError`."""
    write: Callable[[BinaryIO, Clip], None]
    is_exact: bool = True


MAPS: Mapping[str, MapFormat] = {
    ".png": MapFormat(read_picture, write_png, is_exact=False, wants_range=True),
    ".pgm": MapFormat(read_picture, is_exact=False),
    ".tif": MapFormat(read_picture, write_tiff, is_exact=False, wants_range=True),
    ".tiff": MapFormat(read_picture, write_tiff, is_exact=False, wants_range=True),
    ".exr": MapFormat(read_exr, write_exr, wants_range=True),
    ".npy": MapFormat(read_npy, write_npy),
    ".npz": MapFormat(read_npz, write_npz),
    ".pfm": MapFormat(read_pfm, write_pfm),
    ".dpt": MapFormat(read_dpt),
}
CLIPS: Mapping[str, ClipFormat] = {
    ".mkv": ClipFormat(read_mkv_clip, write_mkv_clip, is_exact=False),
    ".npz": ClipFormat(read_npz_clip, write_npz_clip),
    ".npy": ClipFormat(read_npy_clip, write_npy_clip),
}
WRITTEN = tuple(suffix for suffix, one in MAPS.items() if one.write is not None)
"""Suffixes of the files of one map that can be written."""
