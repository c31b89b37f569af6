"""Samples of any width brought to 8 bits."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import SourceError
from streamdepth.values import dataclass

_SENSOR_BITS = (8, 10, 12, 14)
"""What cameras put into 16 bits without spreading it."""


@dataclass(frozen=True)
class Levels:
    """A picture in 8 bits."""

    image: NDArray[np.uint8]
    notes: tuple[str, ...] = ()


def to_eight_bits(raw: NDArray[np.generic], name: str, largest: int = 0) -> Levels:
    """(H, W) or (H, W, C) of any numbers -> uint8 of that shape, 255 for white.

    White is 65535 in 16 bits; of grey, `largest` where the file says it, else all ones in as many bits as a sensor
    has (8, 10, 12, 14) and the brightest pixel takes. Of floating-point numbers it is 1, 255 or 65535, the first
    that none is above. Raises SourceError for other numbers.
    """
    if raw.dtype == np.uint8:
        return Levels(np.asarray(raw, np.uint8))
    if raw.dtype == np.uint16:
        white = 65535 if raw.ndim == 3 else _white(raw, largest)
        bits = white.bit_length()
        notes = () if bits == 16 else (f"{name} uses {bits} of its 16 bits; they were spread",)
        return Levels(_scaled(raw, white), notes)
    if raw.dtype.kind == "f" and bool(np.isfinite(raw).all()) and float(raw.min()) >= 0:
        white = next((top for top in (1, 255, 65535) if float(raw.max()) <= top), 0)
        if white:
            return Levels(_scaled(raw, white))
    raise SourceError(f"{name} holds {_numbers(raw)}, which are not grey levels", "save it with 8 or 16 bits")


def _white(raw: NDArray[np.generic], largest: int) -> int:
    top = int(raw.max())
    if largest and top <= largest <= 65535:
        return largest
    bits = next((bits for bits in _SENSOR_BITS if top < 2**bits), 16)
    return int(2**bits - 1) if top else 65535


def _scaled(raw: NDArray[np.generic], white: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.convertScaleAbs(np.asarray(raw), alpha=255 / white), np.uint8)


def _numbers(raw: NDArray[np.generic]) -> str:
    if raw.dtype.kind == "f":
        if not np.isfinite(raw).all():
            return "floating-point numbers of which some are infinite or none"
        return f"floating-point numbers from {raw.min():g} to {raw.max():g}"
    return f"{raw.dtype} numbers from {raw.min()} to {raw.max()}"
