"""Depth as a grey picture, PNG, PGM or TIFF; and the colour pictures that go with it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from streamdepth.depthfiles.values import DAMAGED, Plane, Values
from streamdepth.errors import SinkError, SourceError
from streamdepth.files import read_bytes
from streamdepth.imaging.opencv import quiet_opencv
from streamdepth.imaging.tiff_kinds import unread_tiff
from streamdepth.imaging.tiff_pieces import tiff_damage
from streamdepth.pixels import BGRImage

_TIFF_STARTS = (b"II\x2a\0", b"MM\0\x2a", b"II\x2b\0", b"MM\0\x2b")
_PLAIN = "save it in 16 bits, or as floating-point numbers in 32, not compressed or by LZW or deflate"


def read_colour(path: Path) -> BGRImage:
    """(H, W, 3) uint8 BGR of an image file; raises `SourceMissing` or `SourceError`."""
    return np.asarray(_decoded(path, read_bytes(path), cv2.IMREAD_COLOR), np.uint8)


def read_picture(path: Path, data: bytes) -> Values:
    """The numbers of a picture, however many bits or channels; raises `SourceError`."""
    return _decoded(path, data, cv2.IMREAD_UNCHANGED)


def _decoded(path: Path, data: bytes, flags: int) -> Values:
    if unread := unread_tiff(data):
        raise SourceError(f"{path} {unread}", _PLAIN)
    if data.startswith(_TIFF_STARTS) and (damage := tiff_damage(data)):
        raise SourceError(f"{path} {damage}", DAMAGED)
    try:
        with quiet_opencv():
            image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise SourceError(f"{path} cannot be decoded: it is damaged or too large", DAMAGED) from error
    if image is None:
        raise SourceError(f"{path} is not an image, or it is damaged", DAMAGED)
    return np.asarray(image)


def write_png(plane: Plane) -> bytes:
    """16 bits of grey; raises `SinkError` where it cannot be encoded."""
    return _encoded(plane, ".png")


def write_tiff(plane: Plane) -> bytes:
    """16 bits of grey, compressed without loss; raises `SinkError` where it cannot be encoded."""
    return _encoded(plane, ".tiff")


def _encoded(plane: Plane, suffix: str) -> bytes:
    height, width = plane.values.shape
    try:
        done, data = cv2.imencode(suffix, plane.pixels)
    except cv2.error as error:
        raise SinkError(f"depth of {width}x{height} cannot be written as {suffix}", "choose .exr") from error
    if not done:
        raise SinkError(f"depth of {width}x{height} cannot be written as {suffix}", "choose .exr")
    return bytes(np.asarray(data, np.uint8))
