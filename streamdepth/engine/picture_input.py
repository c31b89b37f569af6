"""What a program may give for a picture: a `Picture`, an array, a picture of Pillow, or the path of an image."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from os import PathLike
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import UsageError
from streamdepth.models.preprocess import check_picture
from streamdepth.pixels import BGRImage, Picture

Channels = Literal["bgr", "rgb"]
"""The order of an array's channels: OpenCV's, or that of nearly all others."""


class PillowImage(Protocol):
    """As far as it is looked at; Pillow itself is not needed."""

    @property
    def mode(self) -> str:
        """What a pixel consists of."""

    def convert(self, mode: str) -> Any:
        """The picture in another mode."""

    def getexif(self) -> Any:
        """How it is laid, among other things."""


Given: TypeAlias = "Picture | NDArray[np.uint8] | PillowImage | str | PathLike[str]"
ReadPicture = Callable[[str], BGRImage]


def as_picture(image: Given, channels: Channels, read: ReadPicture | None) -> Picture:
    """`image` as a picture; `channels` is of arrays, and `read` reads the file at a path.

    A picture of Pillow is laid upright by its Exif data, transparency over black. Raises `UsageError` for anything
    else, and what `read` raises.
    """
    if channels not in ("bgr", "rgb"):
        raise UsageError(f"there are no channels {channels!r}", "say 'bgr' (as OpenCV has them) or 'rgb'")
    if isinstance(image, Picture):
        return image
    if isinstance(image, str | PathLike):
        if read is None:
            raise UsageError("this engine takes pictures, not paths", "load it by streamdepth.load_engine")
        return Picture.of_bgr(read(str(image)))
    if _is_of_pillow(image):
        image, channels = _rgb(image), "rgb"
    check_picture(image)
    array = np.asarray(image, np.uint8)
    return Picture.of_bgr(array if channels == "bgr" else np.ascontiguousarray(array[..., ::-1]))


def _is_of_pillow(image: Any) -> bool:
    return not isinstance(image, np.ndarray) and all(
        hasattr(image, name) for name in ("mode", "convert", "getexif")
    )


def _rgb(image: Any) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB."""
    upright = import_module("PIL.ImageOps").exif_transpose(image)
    if upright.mode.startswith("I;16"):
        grey = (np.asarray(upright) / 257).round().astype(np.uint8)
        return np.stack([grey] * 3, axis=-1)
    if upright.mode in ("I", "F"):
        raise UsageError(
            f"a picture of the mode {upright.mode} holds numbers, not colours", "convert it to RGB"
        )
    if "A" not in upright.getbands() and "transparency" not in upright.info:
        return np.asarray(upright.convert("RGB"), np.uint8)
    pixels = np.asarray(upright.convert("RGBA"), np.float32)
    return (pixels[..., :3] * (pixels[..., 3:] / 255)).round().astype(np.uint8)
