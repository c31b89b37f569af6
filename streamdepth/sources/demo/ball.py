"""A shaded ball: the outline is the exact ellipse of a sphere in perspective, and so is its depth."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import BGRImage
from streamdepth.sources.demo.canvas import (
    HAZE,
    SUN,
    SUNLESS,
    Mask,
    Shadow,
    blend,
    ellipse_cover,
    encode,
    on_ground,
)
from streamdepth.sources.demo.textures import BGRColour, Grey, eight_bits
from streamdepth.sources.demo.view import Floats, View, Window
from streamdepth.values import dataclass

_NO_FRACTIONS = np.empty(0, np.uint16)
_SPREAD = 1.05  # a sprite reaches beyond the ball, so that soft edges find its colour


def _rim(across: Floats, along: Floats, corners: int = 20) -> Floats:
    """(corners, 3) points of a unit circle in the plane of two unit vectors."""
    turn = np.linspace(0.0, math.tau, corners, endpoint=False)[:, None]
    return np.cos(turn) * across + np.sin(turn) * along


_CIRCLE = _rim(np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0]))
_ACROSS = np.cross(SUN, (0.0, 1.0, 0.0)) / np.linalg.norm(np.cross(SUN, (0.0, 1.0, 0.0)))
_SUN_RIM = on_ground(_rim(_ACROSS, np.cross(_ACROSS, SUN)))


class BallLook:
    """The picture of a ball seen from the front, for any angle of spin.

    The spin is about the ball's own tilted axis: a fixed look-up into the skin, shifted along longitude. `clear`
    is the share of its colour that haze leaves; the way to the camera changes little along a path.
    """

    def __init__(
        self,
        skin: Grey,
        colours: tuple[BGRColour, BGRColour],
        side: int,
        *,
        tilt: float,
        gloss: float,
        clear: float,
    ) -> None:
        self._turns = skin.shape[1]
        self._skin = np.concatenate([skin, skin, skin[:, :2]], axis=1)
        self._palette = np.linspace(*colours, 256).round().astype(np.uint8)[:, None]
        normals = _normals(side)
        light, shine = _lighting(normals, gloss)
        self._light = cv2.cvtColor(eight_bits(light * clear), cv2.COLOR_BGR2BGRA)
        haze = np.array(HAZE) / 255 * (1 - clear)
        self._shine = cv2.cvtColor(eight_bits(shine * clear + haze), cv2.COLOR_BGR2BGRA)
        self._lookup = _longitude_latitude(normals, tilt, skin.shape[1], skin.shape[0])

    def at(self, spin: float) -> NDArray[np.uint8]:
        """(side, side, 4) BGRA after `spin` radians; only the colour counts."""
        shift = int(spin / math.tau * self._turns) % self._turns
        skin = self._skin[:, shift : shift + self._turns + 1]
        share = cv2.remap(skin, self._lookup, _NO_FRACTIONS, cv2.INTER_NEAREST)
        # Four channels: OpenCV warps four more than twice as fast as three.
        picture = cv2.cvtColor(cv2.applyColorMap(share, self._palette), cv2.COLOR_BGR2BGRA)
        cv2.multiply(picture, self._light, dst=picture, scale=1 / 255)
        return np.asarray(cv2.add(picture, self._shine, dst=picture), dtype=np.uint8)


@dataclass(frozen=True, eq=False)
class Ball:
    """A ball at one moment."""

    place: Floats
    """(3,) world, metres: its centre."""
    radius: float
    look: BallLook
    spin: float
    """Radians."""

    def window(self, view: View) -> Window:
        """The pixels it may touch."""
        return _Ellipse.of(view, self).window(view)

    def paint(self, canvas: BGRImage, view: View) -> None:
        """Draw it over what is behind it."""
        ellipse = _Ellipse.of(view, self)
        window = ellipse.window(view)
        if window.empty:
            return
        sprite = self.look.at(self.spin)
        colour = cv2.warpAffine(
            sprite,
            ellipse.to_sprite(window, sprite.shape[0]),
            window.size,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        solid = np.asarray(cv2.cvtColor(colour, cv2.COLOR_BGRA2BGR), dtype=np.uint8)
        blend(canvas[window.slices], solid, ellipse.cover(window))

    def inverse_depth(self, view: View, window: Window) -> Floats:
        """(h, w) 1/metre along the optical axis, 0 where the ball is not."""
        rays, centre = view.rays(window), view.to_camera(self.place)
        along, squared = rays @ centre, np.sum(rays * rays, axis=-1)
        rest = along**2 - squared * (centre @ centre - self.radius**2)
        nearest = (along - np.sqrt(np.maximum(rest, 0.0))) / squared
        return np.where(rest >= 0, 1.0 / nearest, 0.0)

    @property
    def shadows(self) -> list[Shadow]:
        """The sun's shadow, and, when it is near the ground, the darkness beneath it."""
        x, height, z = self.place.tolist()
        drop = height / SUN[1]
        thrown = np.array([x - drop * SUN[0], 0.0, z - drop * SUN[2]]) + self.radius * _SUN_RIM
        if height > 1.5 * self.radius:
            return [(thrown, SUNLESS)]
        foot = np.array([x, 0.0, z]) + 0.55 * self.radius * _CIRCLE
        return [(thrown, SUNLESS), (foot, 40)]


class _Ellipse(NamedTuple):
    """The outline of a sphere in the picture; one radius points away from the principal point.

    With (rho, 0, z) the centre in camera coordinates turned about the axis, and m = z^2 - R^2, the rays that touch
    the sphere meet the plane at unit distance in an ellipse round rho z / m, with radii R sqrt(rho^2 + m) / m and
    R / sqrt(m).
    """

    x: float
    y: float
    radial: float
    tangential: float
    angle: float
    """Radians from the x axis to the radial radius."""

    @classmethod
    def of(cls, view: View, ball: Ball) -> _Ellipse:
        x, y, z = view.to_camera(ball.place).tolist()
        m = z * z - ball.radius**2
        size, (u, v) = view.focal * ball.radius, view.centre
        scale = view.focal * z / m
        radial, tangential = size * math.sqrt(x * x + y * y + m) / m, size / math.sqrt(m)
        return cls(u + scale * x, v + scale * y, radial, tangential, math.atan2(y, x))

    def window(self, view: View) -> Window:
        reach = self.radial + 1.0
        return view.clip(self.x - reach, self.y - reach, self.x + reach, self.y + reach)

    def cover(self, window: Window) -> Mask:
        x, y = self.x - window.left, self.y - window.top
        return ellipse_cover(window, (x, y), (self.radial, self.tangential), self.angle)

    def to_sprite(self, window: Window, side: int) -> Floats:
        """2x3 from pixels of the window to those of a sprite: a stretch without a turn, so light stays put."""
        c, s, scale = math.cos(self.angle), math.sin(self.angle), side / (2 * _SPREAD)
        radial, tangential = scale / self.radial, scale / self.tangential
        xx, yy = c * c * radial + s * s * tangential, s * s * radial + c * c * tangential
        xy = c * s * (radial - tangential)
        x, y, middle = self.x - window.left, self.y - window.top, (side - 1) / 2
        return np.array([[xx, xy, middle - xx * x - xy * y], [xy, yy, middle - xy * x - yy * y]])


def _normals(side: int) -> NDArray[np.float32]:
    """(side, side, 3) unit normals, x right, y up, z to the viewer; beyond the rim they stay the rim's."""
    at = ((np.arange(side, dtype=np.float32) + 0.5) / side * 2 - 1) * _SPREAD
    x, y = np.meshgrid(at, -at)
    beyond = np.maximum(np.hypot(x, y) / 0.995, 1.0)
    x, y = x / beyond, y / beyond
    return np.stack([x, y, np.sqrt(np.maximum(0.0, 1 - x * x - y * y))], axis=-1)


def _lighting(normals: NDArray[np.float32], gloss: float) -> tuple[Floats, Floats]:
    """What the skin is multiplied by, and what is added to it: sun, sky, light from the ground, reflections."""
    sun = np.array([SUN[0], SUN[1], -SUN[2]], dtype=np.float32)
    facing = normals @ sun
    up = normals[..., 1:2] * 0.5 + 0.5
    sky = up * np.array([0.46, 0.38, 0.32]) + (1 - up) * np.array([0.10, 0.13, 0.16])
    light = sky + np.maximum(facing, 0.0)[..., None] * np.array([0.66, 0.74, 0.80])
    half = sun + np.array([0.0, 0.0, 1.0])
    spot = np.maximum(normals @ (half / np.linalg.norm(half)), 0.0)
    rim = (1 - normals[..., 2]) ** 3 * up[..., 0]
    shine = gloss * (0.85 * spot**90 + 0.16 * spot**12) + 0.22 * rim
    return encode(light), shine[..., None] * np.array([1.0, 0.98, 0.95])


def _longitude_latitude(
    normals: NDArray[np.float32], tilt: float, turns: int, height: int
) -> NDArray[np.int16]:
    """(side, side, 2) where in its skin a ball's picture comes from; the axis leans forward, and by `tilt`."""
    c, s = math.cos(tilt), math.sin(tilt)
    lean = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]) @ np.array(
        [[1, 0, 0], [0, 0.91, 0.41], [0, -0.41, 0.91]]
    )
    turned = normals @ lean.T.astype(np.float32)
    longitude = np.arctan2(turned[..., 0], turned[..., 2]) / math.tau + 0.5
    latitude = 0.5 - np.arcsin(np.clip(turned[..., 1], -1, 1)) / math.pi
    places = np.stack([longitude * turns, latitude * (height - 1)], axis=-1)
    return np.asarray(np.rint(places), dtype=np.int16)
