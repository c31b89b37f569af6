"""What stands where nothing stood before a fixed camera: a slow model of the empty scene, in depth and in luma.

Each map is brought to the units of the model first, over what stands as it stood (`robust_fit`), since the scale and
the shift of a network's depth drift with what it sees. A pixel is *new* where the map then is nearer than the model by
more than was asked for, and by more than it usually flickers. Light and a network's whims change depth a little and a
picture's structure not at all, so what looks as it did in whatever light (`Standing.familiar`) must be nearer by three
times as much.

What is not new flows into the model slowly; what is farther than the model, as where something was taken away, sooner;
what stays new for `absorb` seconds belongs to the scene from then on. Times come from the caller.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.imaging.exponential_mean import weight_of_new
from streamdepth.imaging.quantiles import quantile, quantiles
from streamdepth.imaging.scale_and_shift import robust_fit
from streamdepth.imaging.standing import standing
from streamdepth.values import dataclass
from streamdepth.zones.zone import Unit

Map = NDArray[np.float32]
Mask = NDArray[np.bool_]
Luma = NDArray[np.uint8]

FOLLOW_SECONDS = 60.0
"""Time constant with which the model follows what stands as it stood."""
FARTHER_SECONDS = 30.0
"""The same where it is farther than the model: sooner, and not so soon that what a network takes for a hole, as it does
with some things that stand before a wall, becomes part of the scene and leaves a ghost."""
LEAST_MAPS = 5
"""That are learnt from, however long they take."""
FLICKER = 6.0
"""Mean deviations of a pixel that something new must exceed; of Gaussian noise almost five standard deviations."""
MOST_FLICKER = 4.0
"""Times the middle one of all pixels that a pixel is believed to flicker: what passed while it was learnt does not."""
SURE = 3.0
"""Times what was asked for by which a pixel must be nearer that looks as it did."""
LEAST_STILL = 0.2
"""Share of what has structure that must stand where it stood."""
MOVED_SECONDS, COVERED_SECONDS = 10.0, 300.0
"""For which the camera must look elsewhere, or the scene be covered, before it is learnt anew."""
REACH = (5, 5)
"""Pixels by which what changed is widened: depth reaches over the edges of luma."""
NEAREST = np.float32(1e-3)
"""1 / metres of what is farthest."""
LEARNING = "the empty scene is being learnt"
MOVED = "the camera was moved"
COVERED = "too little of the scene is as it was"


@dataclass(frozen=True, eq=False)
class Scene:
    """The empty scene as it is known so far; maps are (h, w) float32, never written to."""

    depth: Map
    """Larger is nearer."""
    flicker: Map
    """Mean deviation of each pixel from it."""
    luma: Map
    """(h', w') levels."""
    age: Map
    """Seconds for which each pixel has been new."""
    maps: int = 1
    """That it was learnt from."""
    seconds: float = 0.0
    """Over which they were learnt."""
    lost: float = 0.0
    """Seconds for which it was not seen."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What one map shows against the empty scene."""

    reason: str = ""
    """Why it says nothing, in a few words; then all below is empty."""
    closer: Map | None = None
    """(h, w) by how much each pixel is nearer than the scene, in the unit asked for; 0 where that is mere flicker."""
    changed: Mask | None = None
    """(h, w) where the picture looks other than the scene."""
    absorbed: Mask | None = None
    """(h, w) what came to belong to the scene with this map."""

    def new(self, by: float) -> Mask:
        """(h, w) what is nearer by at least `by`."""
        assert self.closer is not None
        assert self.changed is not None
        return np.asarray(self.closer >= np.where(self.changed, by, SURE * by))


class EmptyScene:
    """Follows the empty scene before one camera.

    `unit` is that in which the answers are, `least` by how much, in it, a pixel must be nearer to be no part of the
    scene. Its maps are (h, w) float32, larger nearer: 1 / metres for `Unit.METRES`.
    """

    def __init__(self, unit: Unit, least: float, *, learn: float, absorb: float) -> None:
        self.unit, self.least, self.learn, self.absorb = unit, least, learn, absorb
        self.state: Scene | None = None

    def __call__(self, values: Map, luma: Luma, elapsed: float) -> Seen:
        """Compare the next map, `elapsed` seconds after the last, with its luma picture; then learn from it."""
        scene = self.state
        if scene is None or scene.depth.shape != values.shape or scene.luma.shape != luma.shape:
            still = np.zeros_like(values)
            self.state = Scene(values, still, luma.astype(np.float32), still)
            return Seen(LEARNING)
        if scene.maps < LEAST_MAPS or scene.seconds < self.learn:
            self.state = _learnt(scene, values, luma, elapsed)
            return Seen(LEARNING)
        return self._seen(scene, values, luma, elapsed)

    def _seen(self, scene: Scene, values: Map, luma: Luma, elapsed: float) -> Seen:
        now = standing(luma, np.rint(scene.luma).astype(np.uint8))
        if now.moved or now.share < LEAST_STILL:
            lost = scene.lost + elapsed
            is_over = lost >= (MOVED_SECONDS if now.moved else COVERED_SECONDS)
            self.state = None if is_over else replace(scene, lost=lost)
            return Seen(MOVED if now.moved else COVERED)
        changed = _widened(now.familiar, values.shape)
        difference = _aligned(scene, values, changed) - scene.depth
        closer = np.where(difference > _flicker(scene), self._by(scene.depth, difference), 0.0)
        seen = Seen("", closer.astype(np.float32), changed)
        new = seen.new(self.least)
        age = np.where(new, scene.age + np.float32(elapsed), np.float32(0.0))
        absorbed = age > self.absorb
        self.state = _followed(
            replace(scene, age=age, lost=0.0), difference, luma, new & ~absorbed, absorbed, elapsed
        )
        return replace(seen, absorbed=absorbed)

    def _by(self, scene: Map, difference: Map) -> Map:
        """By how much each pixel is nearer, in the unit."""
        if self.unit is Unit.METRES:
            now = np.maximum(scene + difference, NEAREST)
            return np.asarray(1.0 / np.maximum(scene, NEAREST) - 1.0 / now, np.float32)
        low, high = quantiles(scene, 0.02, 0.98)
        return difference / np.float32(max(high - low, 1e-6 * max(abs(low), abs(high), 1e-6)))


def _learnt(scene: Scene, values: Map, luma: Luma, elapsed: float) -> Scene:
    """With one more map, all of equal weight."""
    weight = np.float32(1.0 / (scene.maps + 1))
    fit = robust_fit(values, scene.depth, np.ones_like(values))
    difference = values * np.float32(fit.scale) + np.float32(fit.shift) - scene.depth
    return replace(
        scene,
        depth=scene.depth + weight * difference,
        flicker=scene.flicker + weight * (np.abs(difference) - scene.flicker),
        luma=scene.luma + weight * (luma - scene.luma),
        maps=scene.maps + 1,
        seconds=scene.seconds + elapsed,
    )


def _aligned(scene: Scene, values: Map, changed: Mask) -> Map:
    still = np.where(changed | (scene.age > 0.0), np.float32(0.0), np.float32(1.0))
    fit = robust_fit(values, scene.depth, still)
    return np.asarray(values * np.float32(fit.scale) + np.float32(fit.shift))


def _widened(familiar: Map, shape: tuple[int, ...]) -> Mask:
    changed = cv2.resize(1.0 - familiar, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.dilate(changed, np.ones(REACH, np.uint8)) > 0.5)


def _flicker(scene: Scene) -> Map:
    """How far each pixel may be from the scene by flicker alone."""
    most = np.float32(MOST_FLICKER * quantile(scene.flicker, 0.5))
    return np.float32(FLICKER) * np.minimum(scene.flicker, most)


def _followed(scene: Scene, difference: Map, luma: Luma, new: Mask, absorbed: Mask, elapsed: float) -> Scene:
    follow, farther = weight_of_new(elapsed, FOLLOW_SECONDS), weight_of_new(elapsed, FARTHER_SECONDS)
    is_farther = difference < -_flicker(scene)
    weight = np.where(new, 0.0, np.where(absorbed, 1.0, np.where(is_farther, farther, follow)))
    weight = weight.astype(np.float32)
    flicker = np.where(new | absorbed | is_farther, 0.0, follow) * (np.abs(difference) - scene.flicker)
    small = cv2.resize(weight, scene.luma.shape[::-1], interpolation=cv2.INTER_AREA)
    return replace(
        scene,
        depth=np.asarray(scene.depth + weight * difference, np.float32),
        flicker=np.asarray(scene.flicker + flicker, np.float32),
        luma=np.asarray(scene.luma + small * (luma - scene.luma), np.float32),
        age=np.where(absorbed, np.float32(0.0), scene.age),
    )
