"""Depth as Sintel has it: a tag, width and height, and float32 from the top down."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from streamdepth.depthfiles.values import DAMAGED, Values
from streamdepth.errors import SourceError

_TAG = b"PIEH"


def read_dpt(path: Path, data: bytes) -> Values:
    """(H, W) float32; raises `SourceError`."""
    if len(data) < 12 or data[:4] != _TAG:
        raise SourceError(f"{path} is not a DPT file", DAMAGED)
    width, height = (int.from_bytes(data[i : i + 4], "little") for i in (4, 8))
    if len(data) < 12 + 4 * width * height:
        raise SourceError(f"{path} is cut short", DAMAGED)
    return np.frombuffer(data, "<f4", width * height, 12).reshape(height, width)
