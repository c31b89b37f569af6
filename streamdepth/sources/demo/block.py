"""An upright box with textured faces: a crate or a pillar."""

from __future__ import annotations

import math
from functools import cached_property

import cv2
import numpy as np

from streamdepth.pixels import BGRImage
from streamdepth.sources.demo.canvas import (
    HAZE,
    SUN,
    SUNLESS,
    Shadow,
    blend,
    encode,
    filled,
    fixed,
    hull,
    on_ground,
    snug,
)
from streamdepth.sources.demo.textures import BGRColour, Grey, eight_bits
from streamdepth.sources.demo.view import Floats, View, Window
from streamdepth.values import dataclass

# Corners of a unit box, x and z in -0.5..0.5 and height in 0..1; faces as seen from outside: top left, top right,
# bottom right, bottom left.
_CORNERS = np.array([(x, y, z) for y in (0.0, 1.0) for z in (-0.5, 0.5) for x in (-0.5, 0.5)])
_FACES = np.array([(4, 5, 1, 0), (5, 7, 3, 1), (7, 6, 2, 3), (6, 4, 0, 2), (6, 7, 5, 4)])
_MEAN_LIGHT = 0.75  # of the faces seen
_NORMALS = np.array([(0.0, 0, -1), (1, 0, 0), (0, 0, 1), (-1, 0, 0), (0, 1, 0)])


class BlockLook:
    """What a block is made of: a texture of light and shade, coloured between two colours.

    The texture is kept with its halves, down to 8 pixels: what is small in the picture is drawn from a small one,
    of about two texels per pixel, so that the nearest is good enough. `clear` is the share of its colour that haze
    leaves; it changes little, wherever the camera sways.
    """

    def __init__(self, texture: Grey, dark: BGRColour, light: BGRColour, clear: float) -> None:
        share = np.arange(256)[:, None] / 255
        colour = (np.array(dark) * (1 - share) + np.array(light) * share) * clear
        picture = eight_bits((colour + np.array(HAZE) * (1 - clear) / _MEAN_LIGHT) / 255)[texture]
        self._levels = [_Level(picture)]
        while min(picture.shape[:2]) >= 16:
            size = picture.shape[1] // 2, picture.shape[0] // 2
            picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
            self._levels.append(_Level(picture))
        self._height = texture.shape[0]

    def paint(self, plane: Floats, window: Window) -> BGRImage:
        """(h, w, 3) a face that fills the window: `plane` takes (0..1, 0..1, 1) on it to pixels."""
        wanted = round(math.log2(self._height / (2 * window.size[1])))
        level = self._levels[min(len(self._levels) - 1, max(0, wanted))]
        picture = cv2.warpPerspective(
            level.picture,
            window.from_origin @ plane @ level.to_unit,
            window.size,
            flags=cv2.INTER_NEAREST,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(picture, dtype=np.uint8)


class _Level:
    """A picture in one size, soft."""

    def __init__(self, picture: BGRImage) -> None:
        height, width = picture.shape[:2]
        self.picture = np.asarray(cv2.GaussianBlur(picture, (3, 3), 0), dtype=np.uint8)
        self.to_unit = np.array([[1 / width, 0, 0.5 / width], [0, 1 / height, 0.5 / height], [0, 0, 1.0]])


def _carriers() -> Floats:
    """(5, 4, 3) from (across, down, 1) on each face, 0..1, to homogeneous points of the unit box."""
    top_left, top_right, _, bottom_left = _CORNERS[_FACES.T]
    points = np.stack([top_right - top_left, bottom_left - top_left, top_left], axis=-1)
    return np.concatenate([points, np.broadcast_to((0.0, 0.0, 1.0), (len(_FACES), 1, 3))], axis=1)


_CARRIERS = _carriers()


@dataclass(frozen=True, eq=False)
class Block:
    """A block at one moment."""

    place: Floats
    """(3,) world: the middle of its underside."""
    size: tuple[float, float, float]
    """Metres: width, height, depth."""
    turn: float
    """Radians about the vertical."""
    look: BlockLook

    @cached_property
    def rotation(self) -> Floats:
        """3x3, directions of the block to those of the world."""
        c, s = math.cos(self.turn), math.sin(self.turn)
        return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])

    @cached_property
    def corners(self) -> Floats:
        """(8, 3) world."""
        return self.place + (_CORNERS * self.size) @ self.rotation.T

    def window(self, view: View) -> Window:
        """The pixels it may touch."""
        return view.window(view.project(self.corners), 1.0)

    def paint(self, canvas: BGRImage, view: View) -> None:
        """Draw it over what is behind it.

        A face is filled a little beyond its edges, so neighbours leave no gap; only the whole is drawn in.
        """
        planes = view.projection @ self._pose @ _CARRIERS
        shapes = snug(view.project(self.corners))[_FACES]
        corners = fixed(shapes)
        for face in np.flatnonzero(self._outward @ view.position > self._offsets).tolist():
            window = view.window(shapes[face], 1.0)
            if not window.empty:
                colour = self.look.paint(planes[face], window)
                cover = filled(window, corners[face])
                blend(canvas[window.slices], colour, cover, self._light[face])

    def inverse_depth(self, view: View, window: Window) -> Floats:
        """(h, w) 1/metre along the optical axis, 0 where the block is not (slab method)."""
        to_block = self.rotation.T @ view.rotation.T
        rays = view.rays(window) @ to_block.T
        start = self.rotation.T @ (view.position - self.place)
        low, high = (np.array(self.size) * side for side in ((-0.5, 0.0, -0.5), (0.5, 1.0, 0.5)))
        with np.errstate(divide="ignore", invalid="ignore"):
            first, second = (low - start) / rays, (high - start) / rays
        enter = np.minimum(first, second).max(axis=-1)
        leave = np.maximum(first, second).min(axis=-1)
        return np.where((enter <= leave) & (enter > 0), 1.0 / np.maximum(enter, 1e-6), 0.0)

    @cached_property
    def shadows(self) -> list[Shadow]:
        """The sun's shadow and, on the ground, the darkness at its foot."""
        sun = hull(on_ground(self.corners)), SUNLESS
        foot = self.place + 1.1 * (self.corners[[0, 1, 3, 2]] - self.place)
        return [sun] if self.place[1] > 0 else [sun, (foot, 56)]

    @cached_property
    def _outward(self) -> Floats:
        """(5, 3) unit vectors in the world, one for each face."""
        return _NORMALS @ self.rotation.T

    @cached_property
    def _offsets(self) -> Floats:
        """(5,) the plane of a face is where its outward vector times a point is this."""
        offsets: Floats = np.sum(self._outward * self.corners[_FACES[:, 0]], axis=1)
        return offsets

    @cached_property
    def _pose(self) -> Floats:
        """4x4, homogeneous points of a unit box to those of the world."""
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = self.rotation * self.size, self.place
        return pose

    @cached_property
    def _light(self) -> list[float]:
        """Brightness of each face, 0..1: sun and sky."""
        values: list[float] = encode(0.24 + 0.76 * np.maximum(0.0, self._outward @ SUN)).tolist()
        return values
