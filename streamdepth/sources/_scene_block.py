"""An upright box with textured faces: a crate or a pillar."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from streamdepth.pixels import BGRImage
from streamdepth.sources._scene_canvas import (
    HAZE,
    SUN,
    SUNLESS,
    Shadow,
    blend,
    clearness,
    encode,
    fill,
    hull,
    on_ground,
    snug,
)
from streamdepth.sources._scene_textures import BGRColour, Grey
from streamdepth.sources._scene_view import Floats, View, Window

# Corners of a unit box, x and z in -0.5..0.5 and height in 0..1; faces as seen from outside: top left, top right,
# bottom right, bottom left.
_CORNERS = np.array([(x, y, z) for y in (0.0, 1.0) for z in (-0.5, 0.5) for x in (-0.5, 0.5)])
_FACES = np.array([(4, 5, 1, 0), (5, 7, 3, 1), (7, 6, 2, 3), (6, 4, 0, 2), (6, 7, 5, 4)])
_NORMALS = np.array([(0.0, 0, -1), (1, 0, 0), (0, 0, 1), (-1, 0, 0), (0, 1, 0)])
_MARGIN = 4  # texels around a texture, so that soft edges find colour beyond the face


class BlockLook:
    """What a block is made of: a texture of light and shade, coloured between two colours.

    The texture is kept with its halves, down to 8 pixels: what is small in the picture is drawn from a small one.
    """

    def __init__(self, texture: Grey, dark: BGRColour, light: BGRColour) -> None:
        self._levels = [_Level(texture)]
        while min(texture.shape) >= 16:
            size = texture.shape[1] // 2, texture.shape[0] // 2
            texture = np.asarray(cv2.resize(texture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
            self._levels.append(_Level(texture))
        self._height = self._levels[0].padded.shape[0] - 2 * _MARGIN
        self._colours = dark, light

    def paint(self, plane: Floats, window: Window, high: float, light: float) -> BGRImage:
        """(h, w, 3) a face: `plane` takes (0..1, 0..1, 1) on it to pixels; it is about `high` pixels high."""
        level = self._levels[
            min(len(self._levels) - 1, max(0, round(math.log2(self._height / max(high, 1.0)))))
        ]
        to_picture = plane @ level.to_unit
        to_picture[0] -= window.left * to_picture[2]
        to_picture[1] -= window.top * to_picture[2]
        grey = cv2.warpPerspective(level.padded, to_picture, window.size, borderValue=level.mean)
        clear = clearness(float(plane[2, 2]))
        gain = clear * light / 255
        channels = [
            cv2.convertScaleAbs(
                grey, alpha=(bright - dark) * gain, beta=dark * gain * 255 + haze * (1 - clear)
            )
            for dark, bright, haze in zip(*self._colours, HAZE, strict=True)
        ]
        return np.asarray(cv2.merge(channels), dtype=np.uint8)


class _Level:
    """A texture in one size, with a margin."""

    def __init__(self, texture: Grey) -> None:
        height, width = texture.shape
        self.padded = np.pad(texture, _MARGIN, mode="edge")
        self.mean = float(texture.mean())
        first = 0.5 - _MARGIN
        self.to_unit = np.array([[1 / width, 0, first / width], [0, 1 / height, first / height], [0, 0, 1.0]])


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
        pixels, planes = snug(view.project(self.corners)), view.projection @ self._carriers
        for face in np.flatnonzero(self._outward @ view.position > self._offsets).tolist():
            self._paint_face(face, canvas, view, pixels[_FACES[face]], planes[face])

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

    def shadows(self, view: View) -> list[Shadow]:
        """The sun's shadow and, on the ground, the darkness at its foot."""
        pixels = view.project(self._shadow)
        sun = hull(pixels[:8])
        return [(sun, SUNLESS)] if self.place[1] > 0 else [(sun, SUNLESS), (pixels[8:], 56)]

    @cached_property
    def _shadow(self) -> Floats:
        """(12, 3) world: where the corners throw their shadows, and a little more than the foot."""
        foot = self.place + 1.1 * (self.corners[[0, 1, 3, 2]] - self.place)
        return np.concatenate([on_ground(self.corners), foot])

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
    def _carriers(self) -> Floats:
        """(5, 4, 3) from (across, down, 1) on each face, 0..1, to homogeneous world points."""
        top_left, top_right, _, bottom_left = self.corners[_FACES.T]
        points = np.stack([top_right - top_left, bottom_left - top_left, top_left], axis=-1)
        return np.concatenate([points, np.broadcast_to((0.0, 0.0, 1.0), (len(_FACES), 1, 3))], axis=1)

    @cached_property
    def _light(self) -> list[float]:
        """Brightness of each face, 0..1: sun and sky."""
        values: list[float] = encode(0.24 + 0.76 * np.maximum(0.0, self._outward @ SUN)).tolist()
        return values

    def _paint_face(self, face: int, canvas: BGRImage, view: View, shape: Floats, plane: Floats) -> None:
        window = view.window(shape, 1.0)
        if window.empty:
            return
        high = abs(float(shape[3, 1] - shape[0, 1]))
        colour = self.look.paint(plane, window, high, self._light[face])
        cover = np.zeros(window.shape, np.uint8)
        fill(cover, shape - window.corner, 255)
        blend(canvas[window.slices], colour, cover)
