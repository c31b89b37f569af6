"""Exif as a phone writes it: laid on its side, with a date, a place and a lens."""

from __future__ import annotations

from typing import Any

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

DATE = "2026:07:04 12:30:00"
_PLACE = {1: "N", 2: (48.0, 51.0, 29.6), 3: "E", 4: (2.0, 17.0, 40.2), 5: b"\0", 6: IFDRational(35)}


def photo_exif(order: str = "<", orientation: int = 6) -> bytes:
    """The directories alone, in an order of bytes."""
    exif = Image.Exif()
    exif.endian = order
    exif[274] = orientation
    exif[271] = "A maker of lenses"
    exif[0x8298] = "Ada"
    camera, place = exif.get_ifd(0x8769), exif.get_ifd(0x8825)
    camera.update(
        {0x9003: DATE, 0x9011: "+02:00", 0x9291: "25", 0x927C: b"a secret of the lens", 0xA434: "lens"}
    )
    place.update(_PLACE)
    return exif.tobytes().removeprefix(b"Exif\0\0")


def facts_of(exif: Image.Exif) -> tuple[Any, ...]:
    """When, where and whose, as an independent reader has it."""
    camera = exif.get_ifd(0x8769)
    return exif.get(0x8298), [camera.get(tag) for tag in (0x9003, 0x9011, 0x9291)], dict(exif.get_ifd(0x8825))
