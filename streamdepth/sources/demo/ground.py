"""The ground: a plane of paving, drawn in bands of rows.

Each band has a texture of its own, soft and resampled so that a pixel is about two texels there, along and
across: that keeps the far stones from flickering, and makes the nearest texel good enough. The paving is grey:
shadows and haze dim it, and what is then added, the same in each frame since the camera keeps its height, gives it
its tint and the colour of the haze.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import cv2
import numpy as np

from streamdepth.pixels import BGRImage
from streamdepth.sources.demo.canvas import HAZE, VISIBILITY, Mask, Shadow, fill, fixed
from streamdepth.sources.demo.textures import Grey, Random, eight_bits, paving
from streamdepth.sources.demo.view import EYE_HEIGHT, Floats, View, Window
from streamdepth.values import dataclass

_PERIOD = 6.4  # metres after which the paving repeats
_BAND_RATIO = 1.8  # distance of a band's far edge over that of its near edge
_DARK = np.array([30.0, 42.0, 54.0])  # what black would be
_CONTRAST = 170 / 255
_DENSITY = 2  # texels per pixel
_SHADOW_SHRINK = 4  # shadows are soft: a quarter of the size is enough


@dataclass(frozen=True, eq=False)
class _Band:
    window: Window
    texture: Grey
    density: tuple[float, float]
    """Texels per metre: along x, along z."""


class Ground:
    """Draws the ground of pictures of one size, seen by cameras that turn by at most `max_yaw` radians."""

    def __init__(self, view: View, max_yaw: float, random: Random) -> None:
        self._top = math.floor(view.centre[1]) + 1
        self._size = (view.width, view.height - self._top)
        master = paving(_master_side(view), random)
        self._bands = [_band(view, rows, master, max_yaw) for rows in _band_rows(view, self._top)]
        self._corners = np.stack([_corners(band.window) for band in self._bands])
        clear = _clear(view, self._top)[:, None, None]
        added = _DARK * clear + np.array(HAZE) * (1 - clear)
        # In C order: a broadcast array would keep its own, and OpenCV copy it in each frame.
        self._added = np.rint(np.broadcast_to(added, (*self._size[::-1], 3))).astype(np.uint8, order="C")
        self._light = self._unshadowed(view)
        self._grey = np.full(self._size[::-1], round(float(master.mean())), np.uint8)

    def paint(self, canvas: BGRImage, view: View, shadows: Iterable[Shadow]) -> None:
        """Fill the canvas below the horizon."""
        to_ground = _to_ground(view)
        corners = _visible_ground(to_ground, self._corners)
        starts = np.floor(corners.min(axis=1) / _PERIOD) * _PERIOD
        for band, start in zip(self._bands, starts.tolist(), strict=True):
            self._paint_band(band, to_ground, *start)
        light = self._shadow(view, list(shadows))
        cv2.multiply(light, self._grey, dst=light, scale=1 / 255)
        below = canvas[self._top :]
        cv2.cvtColor(light, cv2.COLOR_GRAY2BGR, dst=below)
        cv2.add(below, self._added, dst=below)

    def _paint_band(self, band: _Band, to_ground: Floats, x: float, z: float) -> None:
        along_x, along_z = band.density
        to_texture = np.array(
            [[along_x, 0, -along_x * x - 0.5], [0, along_z, -along_z * z - 0.5], [0, 0, 1.0]]
        )
        cv2.warpPerspective(
            band.texture,
            to_texture @ to_ground @ band.window.to_origin,
            band.window.size,
            dst=self._grey[band.window.top - self._top : band.window.bottom - self._top],
            flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )

    def _unshadowed(self, view: View) -> Mask:
        """The light on the ground through haze, 0..255, small."""
        width, height = (max(1, side // _SHADOW_SHRINK) for side in self._size)
        clear = cv2.resize(_clear(view, self._top)[:, None], (1, height), interpolation=cv2.INTER_AREA)
        return eight_bits(np.repeat(clear, width, axis=1) * _CONTRAST)

    def _shadow(self, view: View, shadows: list[Shadow]) -> Mask:
        """The light left on the ground and by the haze, 0..255, as large as the ground."""
        left = np.full_like(self._light, 255)
        shadows.sort(key=lambda shadow: -shadow[1])
        pixels = view.project(np.concatenate([polygon for polygon, _ in shadows])) - (0, self._top)
        corners, end = fixed((pixels + 0.5) / _SHADOW_SHRINK - 0.5), 0
        for polygon, value in shadows:
            start, end = end, end + len(polygon)
            fill(left, corners[start:end], value)
        blur = (self._size[0] // 500) | 1
        soft = cv2.blur(cv2.blur(left, (blur, blur)), (blur, blur))
        light = cv2.multiply(soft, self._light, scale=1 / 255)
        return np.asarray(cv2.resize(light, self._size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def inverse_depth(view: View) -> Floats:
    """(H, 1) 1/metres along the optical axis of the ground in each row, 0 above the horizon."""
    rows = np.arange(view.height)[:, None]
    depth: Floats = np.maximum(0.0, (rows - view.centre[1]) / (view.focal * EYE_HEIGHT))
    return depth


def _to_ground(view: View) -> Floats:
    """3x3, homogeneous pixels to (x, z, 1) on the ground."""
    return np.asarray(cv2.invert(view.projection[:, [0, 2, 3]])[1], dtype=np.float64)


def _band_rows(view: View, top: int) -> list[tuple[int, int]]:
    """Rows of each band, nearest first; the last few below the horizon are left to the haze."""
    far = top + max(2, view.height // 90)
    rows, bottom = [], view.height
    while bottom > far:
        above = view.centre[1] + (bottom - view.centre[1]) / _BAND_RATIO
        start = max(far, min(bottom - 1, round(above)))
        rows.append((start, bottom))
        bottom = start
    return rows


def _band(view: View, rows: tuple[int, int], master: Grey, max_yaw: float) -> _Band:
    window = Window(0, rows[0], view.width, rows[1])
    middle = view.focal * EYE_HEIGHT / math.sqrt((rows[0] - view.centre[1]) * (rows[1] - view.centre[1]))
    wanted = view.focal / middle, view.focal * EYE_HEIGHT / middle**2
    size = [_DENSITY * min(master.shape[0], max(2, round(density * _PERIOD))) for density in wanted]
    one = cv2.resize(master, size, interpolation=cv2.INTER_AREA)
    across, along = _periods(view, window, max_yaw)
    tiled = np.tile(np.asarray(one, dtype=np.uint8), (along, across))
    texture = np.asarray(cv2.GaussianBlur(tiled, (3, 3), 0), dtype=np.uint8)
    return _Band(window, texture, (size[0] / _PERIOD, size[1] / _PERIOD))


def _periods(view: View, window: Window, max_yaw: float) -> tuple[int, int]:
    """How often the paving repeats in a band, across and along, at most."""
    spans = []
    for yaw in (-max_yaw, 0.0, max_yaw):
        turned = View(view.width, view.height, yaw=yaw)
        spans.append(np.ptp(_visible_ground(_to_ground(turned), _corners(window)), axis=0))
    across, along = np.ceil(np.max(spans, axis=0) / _PERIOD).astype(int) + 1
    return int(across), int(along)


def _corners(window: Window) -> Floats:
    """(4, 3) homogeneous pixels, a little beyond the corners of a window that lies below the horizon."""
    return np.array(
        [(x, y, 1.0) for x in (window.left - 1, window.right) for y in (window.top, window.bottom)]
    )


def _visible_ground(to_ground: Floats, corners: Floats) -> Floats:
    """(..., 2) x and z on the ground of (..., 3) homogeneous pixels."""
    ground = corners @ to_ground.T
    flat: Floats = ground[..., :2] / ground[..., 2:]
    return flat


def _master_side(view: View) -> int:
    """Texels along one period: as fine as the nearest ground needs, within reason."""
    nearest = view.focal * EYE_HEIGHT / (view.height - view.centre[1])
    return int(np.clip(view.focal / nearest * _PERIOD, 128, 2048))


def _clear(view: View, top: int) -> Floats:
    """(rows,) the share of its colour that haze leaves to each row of the ground."""
    rows = np.arange(top, view.height) - view.centre[1]
    clear: Floats = np.exp(-view.focal * EYE_HEIGHT / rows / VISIBILITY)
    return clear
