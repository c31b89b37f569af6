"""Depth as a NumPy array, or in an archive of arrays."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from streamdepth.depthfiles.values import DAMAGED, Values
from streamdepth.errors import SourceError


def read_npy(path: Path, data: bytes) -> Values:
    """The array; raises `SourceError` also for one of Python objects."""
    loaded = _loaded(path, data)
    if not isinstance(loaded, np.ndarray):
        raise SourceError(f"{path} is an archive, no array", "name it .npz")
    return loaded


def read_npz(path: Path, data: bytes) -> Values:
    """The array named `depth`, or the only one; raises `SourceError`."""
    archive = _loaded(path, data)
    if isinstance(archive, np.ndarray):
        return archive
    names = list(archive)
    if "depth" not in names and len(names) != 1:
        raise SourceError(f"{path} holds {', '.join(names) or 'nothing'}", "name the array of depth 'depth'")
    try:
        return np.asarray(archive["depth" if "depth" in names else names[0]])
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise _no_array(path) from error


def _loaded(path: Path, data: bytes) -> Any:
    try:
        return np.load(BytesIO(data), allow_pickle=False)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise _no_array(path) from error


def _no_array(path: Path) -> SourceError:
    return SourceError(f"{path} is no NumPy file of numbers, or it is damaged", DAMAGED)
