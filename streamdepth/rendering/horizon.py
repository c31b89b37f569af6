"""How far is looked ahead of the picture that is drawn, and what of it is known then."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import DepthMap, DepthRange
from streamdepth.rendering.range import mean_range
from streamdepth.rendering.shots import LastShown, Step
from streamdepth.rendering.stabilise.stabiliser import ShotState
from streamdepth.values import dataclass

Map = NDArray[np.float32]
MOST_AVERAGED = 15
"""Later maps that a pixel is averaged with: twice as many would make still depth 5 % steadier for twice the time."""
SEAMLESS = np.ones((5, 5), np.uint8)
"""In half the size, around each pixel: how far it stays rises as slowly as that."""


@dataclass(frozen=True)
class Horizon:
    """How far is looked ahead."""

    seconds: Fraction = Fraction(0)
    pictures: int = 0
    """The most that follow the one that is drawn; they are in memory."""

    def ends_before(self, first: Fraction, later: Fraction, count: int) -> bool:
        """Whether a picture at `later`, `count` pictures after the one at `first`, is too far away to count."""
        return count > self.pictures or _are_apart(first, later, self.seconds)

    @property
    def stride(self) -> int:
        """Each so-many-th of the maps that follow is averaged."""
        return max(1, math.ceil(self.pictures / MOST_AVERAGED))


AT_ONCE = Horizon()
"""Nothing is waited for, as it must be of what is live."""


@dataclass(frozen=True, eq=False)
class Coming:
    """A picture of which the depth is known, and that waits for what follows; arrays are never written to."""

    depth: DepthMap
    """Steadied by what was before."""
    span: DepthRange
    """What it spans by itself."""
    step: Step
    half: Map | None
    """The depth in half its size; None where it is not steadied."""
    stayed: Map | None
    """How far each pixel of that stayed what it was before: 0..1; None where that is not known."""
    shown: LastShown
    shot: ShotState | None
    """What is known after it."""
    then: DepthRange | None = None
    """The values that spanned its colours when it was recorded."""


class View:
    """The pictures that wait, in their order, as far as the horizon; a cut, and another size of maps, end the view."""

    def __init__(self, horizon: Horizon) -> None:
        self.horizon = horizon
        self._waiting: deque[Coming] = deque()
        self._followed_by = 0
        """How many of the pictures behind the first are known not to be too far away from it."""
        self._stayed: deque[Map | None] = deque(maxlen=horizon.stride)

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @property
    def is_complete(self) -> bool:
        """Whether the first of them waits for nothing any more."""
        if not self._waiting:
            return False
        near = self._near()
        return near == self.horizon.pictures or near + 1 < len(self._waiting)

    def add(self, coming: Coming) -> None:
        """The next picture of the stream, whose pixels `stayed` since the one before."""
        self._stayed.append(None if coming.stayed is None else _softly(coming.stayed))
        self._waiting.append(replace(coming, stayed=self._all_stayed()))

    def clear(self) -> None:
        """Forget them."""
        self._waiting.clear()
        self._followed_by = 0
        self._stayed.clear()

    def take(self) -> tuple[Coming, DepthMap, DepthRange]:
        """The first of them with its depth and span, as they are in the light of what follows."""
        near = self._near()
        first = self._waiting.popleft()
        self._followed_by = max(0, near - 1)
        later = list(_up_to_cut(first, islice(self._waiting, near)))
        stride = self.horizon.stride  # since so many pictures each of these maps knows what stayed
        depth = _averaged(first, later[stride - 1 :: stride])
        return first, depth, mean_range([first.span, *(one.span for one in later)])

    def _near(self) -> int:
        """How many pictures behind the first are not too far away from it."""
        waiting, first = self._waiting, self._waiting[0].shown.pts
        for count in range(self._followed_by + 1, len(waiting)):  # time rises: those before it stay near
            if self.horizon.ends_before(first, waiting[count].shown.pts, count):
                break
            self._followed_by = count
        return self._followed_by

    def _all_stayed(self) -> Map | None:
        product: Map | None = None
        for one in self._stayed:
            if one is None:
                return None
            product = one if product is None else np.asarray(cv2.multiply(product, one), np.float32)
        return product


def _up_to_cut(first: Coming, later: Iterable[Coming]) -> Iterator[Coming]:
    for one in later:
        if one.step.starts or one.depth.values.shape != first.depth.values.shape:
            return
        yield one


def _are_apart(first: Fraction, later: Fraction, least: Fraction) -> bool:
    """Whether `later - first >= least`: in whole numbers, which takes a fourth of the time."""
    unit = first.denominator * later.denominator
    ticks = later.numerator * first.denominator - first.numerator * later.denominator
    return ticks * least.denominator >= least.numerator * unit


def _softly(stayed: Map) -> Map:
    """`stayed` without steps and nowhere above it: a surface that drifts has a seam where its sides are averaged for
    other times.
    """
    return np.asarray(cv2.blur(cv2.erode(stayed, SEAMLESS), SEAMLESS.shape), np.float32)


def _averaged(first: Coming, later: Sequence[Coming]) -> DepthMap:
    """The depth of `first`, each pixel averaged with what it is later for as long as it stays: a new map.

    How much that changes is found in half the size, and brought to the whole: what is finer hardly flickers.
    """
    depth, half = first.depth, first.half
    if half is None or not later or later[0].stayed is None:
        return depth
    stays, total = np.ones_like(half), half.copy()
    weight = stays.copy()
    for one in later:
        if one.stayed is None or one.half is None:
            break
        cv2.multiply(stays, one.stayed, stays)
        cv2.accumulateProduct(stays, one.half, total)
        cv2.accumulate(stays, weight)
    change = cv2.subtract(cv2.divide(total, weight), half)
    whole = np.asarray(cv2.resize(change, depth.values.shape[::-1]), np.float32)
    whole += depth.values
    return DepthMap(whole, depth.meaning)
