"""From a picture in which colour and depth stand together back to both, by what the server told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import BEYOND, CLOCK_TICK, DepthMap, DepthMeaning
from streamdepth.pixels import I420, Picture

CELL = 2
"""Pixels that each value of the map takes in each direction."""
MOST_TOLD = 100
TIMESTAMPS = 1 << 32


@dataclass(frozen=True, eq=False)
class Received:
    """One picture of a live stream, and its depth."""

    picture: Picture
    """The source's picture: `bgr` has its pixels."""
    depth: DepthMap
    """(h, w) float32, steadied, in 256 steps of the range that spans the colours; what is beyond is as its ends.

    `pts` is in seconds since the first picture."""
    metres: DepthMap | None
    """The same in metres, of a camera whose distances are known."""
    withheld: str
    """Why there are none where they are known."""
    within: float | None
    """Share by which the distances foretold each other; None where that is not known."""
    captured_at: float | None
    """`time.monotonic()` seconds of this machine when it was captured; None before the server's clock is known."""


class Reader:
    """Takes what the server tells, and reads pictures by it."""

    def __init__(self) -> None:
        self._told: list[Mapping[str, Any]] = []
        self._ahead: float | None = None
        self._round_trip = float("inf")
        self._last: int | None = None
        self._ticks = 0

    def learn(self, told: Mapping[str, Any]) -> None:
        """The server told how depth is read from a timestamp on."""
        self._told = [*self._told, told][-MOST_TOLD:]

    def answered(self, sent_at: float, clock: float, now: float) -> None:
        """Its clock showed `clock` seconds between `sent_at` and `now` of this one; the shortest way says most."""
        if now - sent_at <= self._round_trip:
            self._round_trip, self._ahead = now - sent_at, clock - (sent_at + now) / 2

    def read(self, stacked: Picture, timestamp: int) -> Received | None:
        """Both, of the picture of an RTP timestamp; None where nothing was told of it."""
        told = self._of(timestamp)
        if told is None:
            return None
        planes = stacked.i420
        values, meaning = _values(planes, told), DepthMeaning(told["meaning"])
        depth = DepthMap(values, meaning, pts=self._seconds(timestamp))
        captured_at = self._captured(told, timestamp)
        metres, within = _metres(depth, told), told.get("within")
        return Received(_colour(planes, told), depth, metres, told["withheld"], within, captured_at)

    def _seconds(self, timestamp: int) -> Fraction:
        """Since the first picture; timestamps begin anew after 2^32 ticks."""
        self._ticks += 0 if self._last is None else (timestamp - self._last) % TIMESTAMPS
        self._last = timestamp
        return self._ticks * CLOCK_TICK

    def _of(self, timestamp: int) -> Mapping[str, Any] | None:
        known = [told for told in self._told if _since(told, timestamp) >= 0]
        return known[-1] if known else None

    def _captured(self, told: Mapping[str, Any], timestamp: int) -> float | None:
        if self._ahead is None:
            return None
        there = told["stamp"]["captured_ms"] / 1000 + float(_since(told, timestamp) * CLOCK_TICK)
        return float(there - self._ahead)


def _since(told: Mapping[str, Any], timestamp: int) -> int:
    """Ticks from what was told to a picture; below 0 where the picture is older."""
    ticks = (timestamp - int(told["stamp"]["rtp"])) % TIMESTAMPS
    return ticks - TIMESTAMPS if ticks >= TIMESTAMPS // 2 else ticks


def _colour(planes: I420, told: Mapping[str, Any]) -> Picture:
    width, height = told["colour"]
    half = (height + 1) // 2, (width + 1) // 2
    u, v = (plane[: half[0], : half[1]] for plane in (planes.u, planes.v))
    return Picture.of_i420(replace(planes, y=planes.y[:height, :width], u=u, v=v))


def _values(planes: I420, told: Mapping[str, Any]) -> NDArray[np.float32]:
    left, top, width, height = told["box"]
    luma = planes.y[top : top + height, left : left + width].astype(np.float32)
    cells = luma.reshape(height // CELL, CELL, width // CELL, CELL).mean(axis=(1, 3))
    black, white = (0, 255) if planes.full_range else (16, 235)
    near = np.clip((cells - black) / (white - black), 0, 1)
    low, high = told["range"]
    share = near if told["nearer"] == "larger" else 1 - near
    return np.asarray(low + share * (high - low), np.float32)


def _metres(depth: DepthMap, told: Mapping[str, Any]) -> DepthMap | None:
    if told["metres"] is None:
        return None
    scale, shift = told["metres"]
    inverse = np.maximum(depth.values * np.float32(scale) + np.float32(shift), 1 / BEYOND)
    return replace(depth, values=np.asarray(1 / inverse, np.float32), meaning=DepthMeaning.METRES)
