"""Sky, clouds and hills: infinitely far, a panorama that only moves when the camera turns."""

from __future__ import annotations

import math

import cv2
import numpy as np

from streamdepth.pixels import BGRImage
from streamdepth.sources.demo.canvas import HAZE
from streamdepth.sources.demo.textures import Random, eight_bits, noise
from streamdepth.sources.demo.view import Floats, View

_STEPS = 4  # the sky moves by quarters of a pixel
_HAZE = np.array(HAZE)
_ZENITH = np.array([186.0, 128.0, 72.0])
_CLOUD = np.array([248.0, 246.0, 244.0])
_HILLS = (np.array([206.0, 186.0, 170.0]), np.array([176.0, 164.0, 146.0]))


class Sky:
    """Draws what is above the horizon for pictures of one size and cameras that turn by at most `max_yaw`."""

    def __init__(self, view: View, max_yaw: float, random: Random) -> None:
        self._rows = math.floor(view.centre[1]) + 1
        self._reach = math.ceil(view.focal * math.tan(max_yaw)) + 2
        panorama = _panorama(view.width + 2 * self._reach, self._rows, random)
        self._moved = [_move_left(panorama, step / _STEPS) for step in range(_STEPS)]

    def paint(self, canvas: BGRImage, view: View) -> None:
        """Fill the canvas above the horizon."""
        start, step = divmod(round((self._reach + view.focal * math.tan(view.yaw)) * _STEPS), _STEPS)
        canvas[: self._rows] = self._moved[step][:, start : start + view.width]


def _move_left(picture: BGRImage, part: float) -> BGRImage:
    """The picture less its last column, moved by a part of a pixel."""
    moved = cv2.addWeighted(picture[:, :-1], 1 - part, picture[:, 1:], part, 0.0)
    return np.asarray(moved, dtype=np.uint8)


def _panorama(width: int, rows: int, random: Random) -> BGRImage:
    """(rows, width, 3): a gradient with clouds, and two ranges of hills at its lower edge."""
    height = np.linspace(1.0, 0.0, rows)[:, None, None]
    sky = _HAZE + (_ZENITH - _HAZE) * height**0.8
    clouds = cv2.resize(noise((width, max(2, rows * 3)), 3, random, 6), (width, rows))
    cover = np.clip(clouds - 0.35, 0.0, 1.0)[..., None] * 0.85 * np.clip(height * 3, 0.0, 1.0)
    picture = sky + (_CLOUD - sky) * cover
    for level, (colour, tall) in enumerate(zip(_HILLS, (0.17, 0.085), strict=True)):
        picture = _hills(picture, colour, tall, 3 + 3 * level, random)
    return eight_bits(picture / 255)


def _hills(picture: Floats, colour: Floats, tall: float, cells: int, random: Random) -> Floats:
    """Lay a range of hills, `tall` over the height of the sky, in front; they fade into the haze below."""
    rows, width = picture.shape[:2]
    ridge = tall * (1.0 + 0.35 * noise((width, 8), cells, random, 6)[0])
    height = np.linspace(1.0, 0.0, rows)[:, None]
    cover = np.clip((ridge[None] - height) * rows + 0.5, 0.0, 1.0)[..., None]
    fade = np.clip(height / tall, 0.0, 1.0)[..., None] ** 0.7
    return np.asarray(picture + (_HAZE + (colour - _HAZE) * fade - picture) * cover)
