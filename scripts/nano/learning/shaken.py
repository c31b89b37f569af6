"""Real frames as a camera beside the first would have taken them: a little closer, leaning a little, or mirrored.

A set of five frames says how well one framing suits a network: two degrees more, and a score may be eight points
off. Several framings of each frame say how good it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import cv2
import numpy as np

from learning.mix import Frame

_TIMES = 3
_LEAN = math.radians(3)
_CROP = (0.88, 0.98)


def shaken(frames: Iterable[Frame], seed: int = 5) -> list[Frame]:
    """Three other framings of each frame, always the same ones for a seed."""
    rng = np.random.default_rng(seed)
    return [_taken(frame, rng) for frame in frames for _ in range(_TIMES)]


def _taken(frame: Frame, rng: np.random.Generator) -> Frame:
    """A crop of the frame's aspect, turned; nothing from outside is in it."""
    colour, depth = frame
    height, width = depth.shape
    roll = rng.uniform(-_LEAN, _LEAN)
    across, down = math.cos(roll), abs(math.sin(roll))
    whole = min(width / (width * across + height * down), height / (width * down + height * across))
    share = whole * rng.uniform(*_CROP)
    size = int(width * share), int(height * share)
    turn = np.array([[math.cos(roll), -math.sin(roll)], [math.sin(roll), math.cos(roll)]])
    room = np.array((width - 1, height - 1)) - np.abs(turn) @ np.array((size[0] - 1, size[1] - 1))
    middle = (np.array((width - 1, height - 1)) + rng.uniform(-1, 1, 2) * room) / 2
    corner = middle - turn @ ((np.array(size) - 1) / 2)
    to_frame = np.column_stack((turn, corner))
    mirror = bool(rng.integers(2))
    nearest, linear = (method | cv2.WARP_INVERSE_MAP for method in (cv2.INTER_NEAREST, cv2.INTER_LINEAR))
    taken = cv2.warpAffine(colour, to_frame, size, flags=linear)
    metres = cv2.warpAffine(np.asarray(depth, np.float32), to_frame, size, flags=nearest)
    if mirror:
        taken, metres = cv2.flip(taken, 1), cv2.flip(metres, 1)
    return np.asarray(taken, np.uint8), np.asarray(metres, np.float32)
