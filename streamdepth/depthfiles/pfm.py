"""Depth as a portable float map."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from streamdepth.depthfiles.values import DAMAGED, Plane, Values
from streamdepth.errors import SourceError

_HEAD = re.compile(rb"(P[Ff])\s+(\d{1,6})\s+(\d{1,6})\s+([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s")


def read_pfm(path: Path, data: bytes) -> Values:
    """(H, W) float32 of one channel; raises `SourceError`."""
    # Rows go from the bottom up, and a negative scale means little-endian.
    head = _HEAD.match(data)
    if head is None or head[1] != b"Pf":
        raise SourceError(f"{path} is not a portable float map with one channel", "save it again as Pf")
    width, height = int(head[2]), int(head[3])
    pixels = data[head.end() : head.end() + 4 * width * height]
    if len(pixels) < 4 * width * height:
        raise SourceError(f"{path} is cut short", DAMAGED)
    order = "<f4" if float(head[4]) < 0 else ">f4"
    return np.frombuffer(pixels, order).reshape(height, width)[::-1].astype(np.float32)


def write_pfm(plane: Plane) -> bytes:
    """The values themselves, little-endian."""
    height, width = plane.values.shape
    return f"Pf\n{width} {height}\n-1.0\n".encode() + plane.values[::-1].astype("<f4").tobytes()
