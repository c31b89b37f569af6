"""Pictures that are part of the package: int8 is calibrated on some, what is reduced is judged on the others.

They are drawn scenes of all kinds and lights (`scripts/nano/draw_pictures.py`), far more varied than the built-in
scene: int8 that was calibrated on that one agreed with float32 on its own frames and not at all on films
(docs/design/engine.md).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import ModelError
from streamdepth.models.preprocess import prepare
from streamdepth.models.registry import ModelCard
from streamdepth.pixels import BGRImage

SHEET = Path(__file__).parent / "data" / "pictures.jpg"
TILE = (256, 192)
"""(width, height) of each."""
COLUMNS, COUNT = 8, 64
FOR_CALIBRATION = 40
"""The first so many; the rest is for judging and never seen in calibration."""


def calibration_pictures() -> list[BGRImage]:
    """(192, 256, 3) uint8 each; raises `ModelError` where the installation lacks them."""
    return _pictures()[:FOR_CALIBRATION]


def judging_pictures() -> list[BGRImage]:
    """(192, 256, 3) uint8 each, none of `calibration_pictures`; raises `ModelError` where they are lacking."""
    return _pictures()[FOR_CALIBRATION:]


def batch_of(picture: BGRImage, card: ModelCard, size: tuple[int, int]) -> NDArray[np.float32]:
    """float32 (1, 3, h, w): the middle of a picture, as large as its shape allows, as the network's input.

    `size` is (w, h). The picture is cut and not squeezed: shapes stay what they are.
    """
    height, width = picture.shape[:2]
    scale = min(width / size[0], height / size[1])
    columns, rows = round(size[0] * scale), round(size[1] * scale)
    left, top = (width - columns) // 2, (height - rows) // 2
    part = picture[top : top + rows, left : left + columns]
    return prepare(part, size, card.mean, card.std, card.resampling)


@cache
def _pictures() -> list[BGRImage]:
    sheet = cv2.imread(str(SHEET)) if SHEET.is_file() else None
    width, height = TILE
    if sheet is None or sheet.shape != (COUNT // COLUMNS * height, COLUMNS * width, 3):
        raise ModelError(f"{SHEET.name} is not in this installation", "install streamdepth again")
    rows = np.asarray(sheet, np.uint8).reshape(-1, height, COLUMNS, width, 3).swapaxes(1, 2)
    return list(rows.reshape(COUNT, height, width, 3))
