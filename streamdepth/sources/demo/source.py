"""The built-in moving scene: it needs no camera, no file and no network, and its true depth is known."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import UsageError
from streamdepth.frames import Frame, SourceInfo
from streamdepth.pixels import BGRImage, Picture
from streamdepth.sources.demo.ground import Ground
from streamdepth.sources.demo.ground import inverse_depth as ground_inverse_depth
from streamdepth.sources.demo.sky import Sky
from streamdepth.sources.demo.stage import MAX_YAW, Body, Stage, back_to_front, camera_at
from streamdepth.sources.demo.view import View

_SIDES = range(16, 8193)
_NOISE_SHIFT = 64  # the grain of a frame is a window of one grain, moved by up to this many pixels
_PATIENCE = 5.0


class DemoScene:
    """Draws balls, crates and pillars on a paved plain, seen by a camera that sways.

    The picture and the true depth of moment `slot / rate` depend on the size, the seed and that moment only. As a
    file (`live=False`) it yields every slot in order. Live, it is a camera: `read` waits until the next slot is
    due, a late reader gets the slot that is due now, and `Frame.index` counts what was read.

    `noise` is the standard deviation of sensor noise, in steps of 1/255. `duration` is in seconds, None is
    endless. Raises `UsageError` for a size, rate, duration or noise that cannot be drawn.
    """

    def __init__(
        self,
        width: int = 1280,
        height: int = 720,
        rate: Fraction = Fraction(30),
        duration: Fraction | int | None = 10,
        *,
        live: bool = False,
        seed: int = 0,
        noise: float = 0.0,
        still_camera: bool = False,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        _check(width, height, rate, duration, noise)
        self._rate = Fraction(rate)
        self._info = _describe(width, height, self._rate, duration, live)
        self._painter = _Painter(width, height, seed, noise, still_camera)
        self._clock, self._wait = clock, wait
        self._start: float | None = None
        self._captured = 0
        self._slot = -1

    @property
    def info(self) -> SourceInfo:
        """Kind `demo`; live or not as asked for."""
        return self._info

    def read(self) -> Frame | None:
        """Return the next frame, or None after `duration`; live, it waits until the frame is due."""
        due = self._next_due() if self._info.live else None
        slot = self._slot = self._slot + 1 if due is None else due[0]
        if self._info.frame_count is not None and slot >= self._info.frame_count:
            return None
        picture = Picture.of_bgr(self.draw(slot))
        captured_at = self._clock() if due is None else due[1]
        index, self._captured = self._captured, self._captured + 1
        return Frame(index, self._pts(slot), captured_at, picture)

    def close(self) -> None:
        """Nothing to release."""

    def draw(self, slot: int) -> BGRImage:
        """(H, W, 3) uint8: the picture of moment `slot / rate`."""
        return self._painter.draw(float(self._pts(slot)), slot)

    def true_inverse_depth(self, slot: int) -> NDArray[np.float32]:
        """(H, W) float32 in 1/metre along the optical axis at moment `slot / rate`; 0 is infinitely far.

        The slot of a frame is `frame.pts * info.rate`; of a scene that is not live, it is `frame.index`.
        """
        return self._painter.true_inverse_depth(float(self._pts(slot)))

    def _pts(self, slot: int) -> Fraction:
        return slot / self._rate

    def _next_due(self) -> tuple[int, float]:
        """Wait for the next slot; returns it and when it was due."""
        now = self._clock()
        self._start = now if self._start is None else self._start
        slot = max(self._slot + 1, math.floor((now - self._start) * self._rate))
        due = self._start + float(self._pts(slot))
        if due > now:
            self._wait(due - now)
        return slot, due


class _Painter:
    """Everything that a scene prepares once, and the drawing of a moment."""

    def __init__(self, width: int, height: int, seed: int, noise: float, still_camera: bool) -> None:
        random = np.random.default_rng(seed)
        view = View(width, height)
        self._size, self._still, self._seed = (width, height), still_camera, seed
        self._stage = Stage(view.focal, random)
        self._ground = Ground(view, MAX_YAW, random)
        self._sky = Sky(view, MAX_YAW, random)
        self._grain = _grain(width, height, noise, random) if noise else None

    def draw(self, seconds: float, slot: int) -> BGRImage:
        view, bodies = self._scene(seconds)
        canvas = np.empty((view.height, view.width, 3), np.uint8)
        self._sky.paint(canvas, view)
        self._ground.paint(canvas, view, (shadow for body in bodies for shadow in body.shadows))
        for body in back_to_front(bodies, view):
            body.paint(canvas, view)
        if self._grain is not None:
            _add_grain(canvas, self._grain, np.random.default_rng((self._seed, slot)))
        return canvas

    def true_inverse_depth(self, seconds: float) -> NDArray[np.float32]:
        view, bodies = self._scene(seconds)
        depth = np.repeat(ground_inverse_depth(view), view.width, axis=1)
        for body in bodies:
            window = body.window(view)
            if not window.empty:
                part = depth[window.slices]
                np.maximum(part, body.inverse_depth(view, window), out=part)
        return depth.astype(np.float32)

    def _scene(self, seconds: float) -> tuple[View, list[Body]]:
        return camera_at(seconds, *self._size, still=self._still), self._stage.bodies(seconds)


def _grain(width: int, height: int, noise: float, random: np.random.Generator) -> tuple[BGRImage, BGRImage]:
    """What noise adds and what it takes away, a little larger than the picture."""
    shape = (height + _NOISE_SHIFT, width + _NOISE_SHIFT, 3)
    grain = np.rint(noise * random.standard_normal(shape, dtype=np.float32))
    return np.clip(grain, 0, 255).astype(np.uint8), np.clip(-grain, 0, 255).astype(np.uint8)


def _add_grain(canvas: BGRImage, grain: tuple[BGRImage, BGRImage], random: np.random.Generator) -> None:
    top, left = random.integers(0, _NOISE_SHIFT, 2)
    window = np.s_[top : top + canvas.shape[0], left : left + canvas.shape[1]]
    cv2.add(canvas, grain[0][window], dst=canvas)
    cv2.subtract(canvas, grain[1][window], dst=canvas)


def _describe(
    width: int, height: int, rate: Fraction, duration: Fraction | int | None, live: bool
) -> SourceInfo:
    return SourceInfo(
        width=width,
        height=height,
        rate=rate,
        live=live,
        read_timeout=_PATIENCE + float(1 / rate),
        kind="demo",
        time_base=1 / rate,
        frame_count=None if duration is None else math.ceil(duration * rate),
    )


def _check(width: int, height: int, rate: Fraction, duration: Fraction | int | None, noise: float) -> None:
    if width not in _SIDES or height not in _SIDES:
        raise UsageError(
            f"the demo scene cannot be {width}x{height}", f"each side is {_SIDES[0]} to {_SIDES[-1]} pixels"
        )
    if rate <= 0:
        raise UsageError(f"the demo scene cannot run at {rate} frames/s", "give a rate above 0")
    if duration is not None and duration <= 0:
        raise UsageError(f"the demo scene cannot last {duration} s", "give a duration above 0, or none")
    if not 0 <= noise <= 255:
        raise UsageError(f"noise of {noise} cannot be drawn", "give 0 to 255 steps of brightness")
