"""Stamped pictures, thirty a second, for tests and measurements of everything live.

A stamp is a number in black and white cells, which outlives any encoder: whoever sees the picture can read it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import Condition, DepthMap, Estimate, Frame, Rendered, SourceState
from streamdepth.pixels import Picture
from streamdepth.protocols import Sink
from streamdepth.sources.demo.source import DemoScene

Bytes = NDArray[np.uint8]
Value = TypeVar("Value")
WIDTH, HEIGHT, RATE = 320, 240, 30
BITS, CELL = 16, 16
RAMP = np.linspace(0, 10, 8, dtype=np.float32)[None].repeat(6, axis=0)


def stamp(plane: Bytes, number: int, *, bits: int = BITS, row: int = 0) -> None:
    """Draw a number into a row of cells, in place; of (H, W, 3) or of luma (H, W)."""
    for bit in range(bits):
        place = slice(row * CELL, (row + 1) * CELL), slice(bit * CELL, (bit + 1) * CELL)
        plane[place] = 255 if number >> bit & 1 else 0


def stamp_of(plane: Bytes, *, bits: int = BITS, row: int = 0) -> int:
    """The number in a row of cells."""
    cells = plane[row * CELL + CELL // 2, CELL // 2 : bits * CELL : CELL].reshape(bits, -1).mean(axis=1)
    return sum(1 << bit for bit, light in enumerate(cells) if light > 128)


def stamped(number: int, width: int = WIDTH, height: int = HEIGHT) -> Bytes:
    """A BGR picture: its number on top, then blue, green and red fields."""
    image = np.full((height, width, 3), 90, np.uint8)
    stamp(image, number)
    third = width // 3
    for field in range(3):
        image[height // 2 :, field * third : (field + 1) * third] = np.eye(3)[field] * 200
    return image


def detailed(width: int, height: int) -> list[Bytes]:
    """The built-in scene beside its depth in colours, for two seconds: as hard to encode as what is really sent."""
    scene = DemoScene(width, height, Fraction(RATE), None)
    drawn = []
    for slot in range(2 * RATE):
        image = scene.draw(slot)
        depth = cv2.resize(scene.true_inverse_depth(slot), (width, height))
        grey = cv2.normalize(depth, np.empty_like(depth), 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
        image[:, width // 2 :] = cv2.applyColorMap(grey, cv2.COLORMAP_INFERNO)[:, width // 2 :]
        drawn.append(image)
    return drawn


def rendered(number: int, image: Bytes | None = None) -> Rendered:
    """A BGR picture, or the stamped one of a number, as sinks get it."""
    picture = Picture.of_bgr(stamped(number) if image is None else image)
    frame = Frame(number, Fraction(number, RATE), time.monotonic(), picture)
    return Rendered(Estimate(frame, DepthMap(RAMP), 0.01), picture)


class Feed:
    """Writes a stamped picture thirty times a second to each sink until it is stopped.

    The numbers follow `first`. `captured_at` has when each was, by its number, and `late` how long it took to write
    each.
    """

    def __init__(self, *sinks: Sink, first: int = 0) -> None:
        self.sinks, self.number = sinks, first
        self.draw: Callable[[int], Bytes] = stamped
        self.captured_at: dict[int, float] = {}
        self.late: list[float] = []
        self._away: Condition | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stop.is_set():
            self.number += 1
            picture = rendered(self.number, self.draw(self.number))
            self.captured_at[self.number] = picture.estimate.frame.captured_at
            began = time.monotonic()
            for sink in self.sinks:
                sink.write(picture if self._away is None else replace(picture, condition=self._away))
            self.late.append(time.monotonic() - began)
            due = max(due + 1 / RATE, time.monotonic())
            self._stop.wait(due - time.monotonic())

    def go_away(self, reason: str) -> None:
        """From now on pictures stand in for a source that is away."""
        self._away = Condition(SourceState.AWAY, reason, time.monotonic())

    def come_back(self) -> None:
        self._away = None

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


PATIENCE = 30.0
"""Seconds against waiting for ever: where others want the processors, what is waited for may stand still for some."""


def until(condition: Callable[[], Value], patience: float = PATIENCE) -> Value:
    """Wait until a condition holds; what it gave."""
    end = time.monotonic() + patience
    while not (value := condition()):
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)
    return value
