"""Pictures that tests make, as arrays and as files."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np

RED, GREEN, BLUE = (0, 0, 255), (0, 255, 0), (255, 0, 0)


def picture(width: int = 64, height: int = 48) -> np.ndarray:
    """Black with a red corner at the top left and a green one at the top right."""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, : width // 2] = RED
    image[: height // 2, width // 2 :] = GREEN
    return image


def written(path: Path, data: bytes | bytearray) -> Path:
    """The path of a file of these bytes."""
    path.write_bytes(data)
    return path


def encoded(suffix: str, image: np.ndarray, *settings: int) -> bytes:
    """What OpenCV makes of a picture."""
    return bytes(cv2.imencode(suffix, image, settings)[1])


def exif(orientation: int) -> bytes:
    """A TIFF directory with one entry: the orientation (tag 0x112)."""
    return b"MM\0*\0\0\0\x08\0\1" + struct.pack(">HHIHHI", 0x112, 3, 1, orientation, 0, 0)


def png_with(data: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """`data` with chunks behind its head."""
    more = b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
    return data[:33] + more + data[33:]
