"""What stands where and how it moves: the layout of the demo scene.

Every path has a period that divides ten seconds, so ten seconds of it repeat without a seam.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from streamdepth.sources.demo.ball import Ball, BallLook
from streamdepth.sources.demo.block import Block, BlockLook
from streamdepth.sources.demo.canvas import clearness
from streamdepth.sources.demo.textures import BGRColour, Grey, Random, masonry, planks, skin
from streamdepth.sources.demo.view import Floats, View
from streamdepth.values import dataclass

Body = Ball | Block

PERIOD = 10.0
MAX_YAW = 0.08
_TARGET = 10.5  # metres ahead: the camera keeps looking there while it sways
_SWAY = 0.75

_CREAM, _WHITE = (205, 232, 244), (238, 240, 242)
_COLOURS: list[tuple[BGRColour, BGRColour]] = [
    ((52, 58, 214), _CREAM),
    ((190, 112, 34), _WHITE),
    ((70, 170, 64), (60, 214, 226)),
    ((40, 166, 242), (52, 70, 190)),
    ((150, 70, 130), (214, 196, 226)),
]
_PATTERNS = ("sectors", "rings", "squares", "swirls", "swirls")


def camera_at(seconds: float, width: int, height: int, *, still: bool) -> View:
    """The camera sways sideways and to and fro, with its eyes on the middle of the scene."""
    if still:
        return View(width, height)
    x = _SWAY * math.sin(math.tau * seconds / PERIOD)
    z = 0.45 * math.sin(math.tau * 2 * seconds / PERIOD)
    return View(width, height, x, z, math.atan2(-0.75 * x, _TARGET - z))


@dataclass(frozen=True)
class _Path:
    """A closed path: an ellipse on the ground round (x, z), and hops or a hover above it."""

    x: float
    z: float
    radius: float
    sway: tuple[float, float] = (0.0, 0.0)
    laps: int = 1
    phase: float = 0.0
    hop: float = 0.0
    hops: int = 0
    hover: float = 0.0
    spins: int = 1

    def at(self, seconds: float) -> Floats:
        """(3,) the centre of the ball."""
        turn = math.tau * (self.laps * seconds / PERIOD + self.phase)
        beat = self.hops * seconds / PERIOD % 1.0
        height = self.radius + self.hover + self.hop * 4 * beat * (1 - beat)
        if self.hover:
            height += 0.25 * math.sin(math.tau * 2 * seconds / PERIOD)
        return np.array(
            [self.x + self.sway[0] * math.sin(turn), height, self.z + self.sway[1] * math.cos(turn)]
        )


_PATHS = (
    _Path(-1.75, 8.4, 0.55, hop=1.5, hops=10, spins=3),
    _Path(0.15, 11.6, 0.62, sway=(1.7, 1.5), phase=0.3, spins=4),
    _Path(1.35, 7.0, 0.33, sway=(0.35, 1.5), laps=2, spins=6),
    _Path(3.0, 12.6, 0.5, hover=1.7, sway=(0.4, 0.0), spins=2),
    _Path(-2.6, 17.5, 0.95, sway=(0.8, 0.0), spins=1),
)
_TURNING = np.array([3.15, 0.0, 9.2])
_PILLARS = [(side * 4.9, z) for z in (10.5, 18.5) for side in (-1, 1)]


class Stage:
    """The bodies of a scene; the seed chooses colours, textures and where on their paths all begin."""

    def __init__(self, focal: float, random: Random) -> None:
        self._start = float(random.uniform(0.0, PERIOD))
        side = int(np.clip(0.15 * focal, 16, 512))
        order = random.permutation(len(_PATHS))
        self._balls = [
            (path, _ball_look(path, pattern, _COLOURS[colour], focal, random))
            for path, pattern, colour in zip(_PATHS, _PATTERNS, order, strict=True)
        ]
        wood = planks(3 * side // 2, random)
        self._crate = _crate(wood, _TURNING)
        self._still = [*_pillars(2 * side, random), *_stack(wood)]

    def bodies(self, seconds: float) -> list[Body]:
        """Everything that stands or flies; what stands on another body comes after it."""
        seconds = (seconds + self._start) % PERIOD
        balls = [
            Ball(path.at(seconds), path.radius, look, math.tau * path.spins * seconds / PERIOD)
            for path, look in self._balls
        ]
        turning = Block(_TURNING, (0.95, 0.95, 0.95), math.tau * seconds / PERIOD, self._crate)
        return [*self._still, *balls, turning]


def back_to_front(bodies: list[Body], view: View) -> list[Body]:
    """The order to paint in. Stacked bodies stand at one place and keep theirs, from the lowest up."""
    return sorted(bodies, key=lambda body: -math.hypot(body.place[0] - view.x, body.place[2] - view.z))


def _crate(wood: Grey, place: Floats) -> BlockLook:
    return BlockLook(wood, (24, 44, 74), (120, 178, 222), clearness(float(place[2])))


def _stack(wood: Grey) -> Iterator[Block]:
    low = np.array([-3.45, 0.0, 11.4])
    look = _crate(wood, low)
    yield Block(low, (1.25, 1.25, 1.25), 0.35, look)
    yield Block(low + np.array([0.0, 1.25, 0.0]), (0.75, 0.75, 0.75), -0.2, look)


def _pillars(side: int, random: Random) -> Iterator[Block]:
    stone = masonry(side, 3 * side, random)
    looks = {z: BlockLook(stone, (44, 50, 58), (206, 222, 234), clearness(z)) for _, z in _PILLARS}
    for x, z in _PILLARS:
        look = looks[z]
        yield Block(np.array([x, 0.0, z]), (0.75, 3.0, 0.75), 0.0, look)


def _ball_look(
    path: _Path, pattern: str, colours: tuple[BGRColour, BGRColour], focal: float, random: Random
) -> BallLook:
    side = int(np.clip(1.9 * focal * path.radius / path.z, 16, 512))
    tilt, gloss = float(random.uniform(-0.5, 0.5)), float(random.uniform(0.7, 1.0))
    return BallLook(
        skin(pattern, 2 * side, random), colours, side, tilt=tilt, gloss=gloss, clear=clearness(path.z)
    )
