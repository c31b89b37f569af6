#!/usr/bin/env python
"""Draws the sheet of pictures that int8 is calibrated on and that reduced precision is judged on.

    .venv/bin/python scripts/nano/draw_pictures.py [SHEET.jpg]

It takes seconds; the sheet is part of the package because drawing needs torch, and a run on a converted network does
not load it. The seeds are far from those that a training draws.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from simple import draw_scenes

from streamdepth.models.pictures import COLUMNS, COUNT, SHEET, TILE

FIRST_SEED = 2**42


def main() -> None:
    """Draw the sheet and say how large it is."""
    target = Path(sys.argv[1]) if sys.argv[1:] else SHEET
    width, height = TILE
    scenes = draw_scenes(range(FIRST_SEED, FIRST_SEED + COUNT), height=height, width=width)
    tiles = scenes.colour.permute(0, 2, 3, 1).numpy()[..., ::-1].astype(np.uint8)
    rows = tiles.reshape(COUNT // COLUMNS, COLUMNS, height, width, 3)
    sheet = rows.swapaxes(1, 2).reshape(-1, COLUMNS * width, 3)
    cv2.imwrite(str(target), sheet, (cv2.IMWRITE_JPEG_QUALITY, 92))
    print(f"{target}: {COUNT} pictures, {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
