"""Watches the zones of one camera: pictures in, changes out. Every time is one of the pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamdepth.imaging.quantiles import quantile
from streamdepth.values import dataclass
from streamdepth.zones.polygon import mask_of
from streamdepth.zones.presence import THERE, Phase, Presence, Watched, step, transition, unseen
from streamdepth.zones.scene import LEARNING, EmptyScene, Seen
from streamdepth.zones.sight import Sight
from streamdepth.zones.zone import Kind, Rule, Trigger, Unit, Zone, Zones

BLIND = Trigger(1.0, 1.0, 2.0, 1.0)
"""For so many seconds a rule must not be seen to, or be again, before that is reported."""
NEAREST = 0.05
"""Share of a zone that may be nearer than what is called the nearest: single pixels are noise."""
LONGEST_STEP = 1.0
"""Seconds between two pictures that count at most for what is learnt: what happened in a longer gap is unknown."""
OUTSIDE = "it lies outside of the picture"
CHANGED = "the zone was changed"
AGAIN = "the input began anew"
ABSORBED = "it belongs to the scene now"


@dataclass(frozen=True)
class Change:
    """An event of a zone; times are in seconds of the stream."""

    zone: str
    kind: Kind
    phase: Phase
    time: Fraction
    """Of the picture with which it was sure."""
    since: Fraction
    """Of the first picture that showed it; of one that ended, the first that showed what ended."""
    until: Fraction | None
    """Of one that ended: the first picture that no longer showed it."""
    share: float
    """Of the zone; of one that ended, the largest."""
    nearest: float | None
    """Distance in `unit`; of one that ended, the least; None where it is not known."""
    unit: Unit
    reason: str = ""
    within: float | None = None
    """Of metres, the share by which the distances that they are made of foretold each other, where that is known."""


@dataclass(frozen=True)
class Measure:
    """What one picture says of one rule."""

    share: float = 0.0
    leave_share: float = 0.0
    nearest: float | None = None
    reason: str = ""
    """Why it says nothing; then the rest is empty."""


@dataclass(frozen=True)
class Followed:
    """All that is known of one rule; it begins with `NOTHING`."""

    watched: Watched
    blind: Watched
    now: Measure
    peak: Measure
    """The most of the time in which something has been there."""
    absorbed: bool = False
    """Whether part of it came to belong to the scene."""


NOTHING = Followed(Watched(), Watched(), Measure(), Measure())


class ZoneWatch:
    """Follows the zones of one camera; `zones` may be set from any thread and holds from the next picture on."""

    def __init__(self, zones: Zones) -> None:
        self.zones = zones
        self._known = zones
        self._followed: dict[tuple[str, Kind], Followed] = {}
        self._scenes = _scenes(zones)
        self._masks: dict[tuple[Any, ...], NDArray[np.bool_]] = {}
        self._last: Fraction | None = None
        self.has_metres: bool | None = None
        """Whether depth has a unit, though it may be withheld; None before the first picture."""

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to watch, so that pictures need not be shown."""
        return self.zones is self._known and not self._known.zones

    @property
    def needs_luma(self) -> bool:
        """Whether sights must have their small picture."""
        return bool(self._scenes) or self.zones is not self._known

    @property
    def states(self) -> dict[tuple[str, Kind], Followed]:
        """How it stands with each rule, by the name of its zone and its kind; a copy."""
        return dict(self._followed)

    def __call__(self, sight: Sight) -> list[Change]:
        """What changed with one picture; called in the order of the stream."""
        changes = [*self._renewed(sight.time), *self._begun_anew(sight.time)]
        elapsed = 0.0 if self._last is None else min(float(sight.time - self._last), LONGEST_STEP)
        self._last = sight.time
        seen = {} if sight.reason else self._looked(sight, elapsed)
        for zone in self._known.zones:
            for rule in zone.rules:
                changes += self._rule(zone, rule, sight, seen)
        return [_with_error(change, sight.error) for change in changes]

    def _renewed(self, time: Fraction) -> Iterator[Change]:
        """What ends where zones were set anew; those that are as they were go on."""
        zones, known = self.zones, self._known
        if zones is known:
            return
        kept = {(zone.name, rule.kind): (zone.polygon, rule) for zone in zones.zones for rule in zone.rules}
        for zone in known.zones:
            for rule in zone.rules:
                key = zone.name, rule.kind
                if kept.get(key) != (zone.polygon, rule):
                    yield from self._forgotten(key, rule, time, CHANGED)
        scenes = _scenes(zones)
        for unit, scene in scenes.items():
            if unit in self._scenes:
                scene.state = self._scenes[unit].state
        self._known, self._scenes, self._masks = zones, scenes, {}

    def _begun_anew(self, time: Fraction) -> Iterator[Change]:
        """What ends where time goes backwards, as in a film that is played again."""
        if self._last is None or time >= self._last:
            return
        for zone in self._known.zones:
            for rule in zone.rules:
                yield from self._forgotten((zone.name, rule.kind), rule, self._last, AGAIN)
        self._last = None

    def _forgotten(self, key: tuple[str, Kind], rule: Rule, time: Fraction, reason: str) -> Iterator[Change]:
        followed = self._followed.pop(key, NOTHING)
        watched = followed.watched
        if watched.presence in THERE:
            plain = Change(*key, Phase.ENDED, time, watched.since, time, 0.0, None, rule.unit)
            yield _ended(plain, time, followed, reason)

    def _looked(self, sight: Sight, elapsed: float) -> dict[Unit, Seen]:
        """Against the empty scene, in each unit that is asked for."""
        seen: dict[Unit, Seen] = {}
        for unit, scene in self._scenes.items():
            if unit is Unit.METRES and sight.metres is None:
                seen[unit] = Seen(sight.withheld)
            else:
                assert sight.luma is not None, "it is needed"
                values = (
                    sight.nearness if sight.metres is None or unit is Unit.RELATIVE else 1.0 / sight.metres
                )
                seen[unit] = scene(np.asarray(values, np.float32), sight.luma, elapsed)
        return seen

    def _rule(self, zone: Zone, rule: Rule, sight: Sight, seen: dict[Unit, Seen]) -> Iterator[Change]:
        key = zone.name, rule.kind
        before = self._followed.get(key, NOTHING)
        mask = self._mask(zone, sight)
        now = measured(rule, mask, sight, seen.get(rule.unit)) if mask.any() else Measure(reason=OUTSIDE)
        after = replace(before, now=now, blind=_blind(before.blind, now.reason, sight.time))
        if now.reason:
            after = replace(after, watched=unseen(before.watched))
        else:
            watched = step(before.watched, rule.trigger, now.share, now.leave_share, sight.time)
            is_absorbed = rule.kind is Kind.NEW and _any(seen[rule.unit].absorbed, mask)
            after = _with_peak(before, replace(after, watched=watched), absorbed=is_absorbed)
        self._followed[key] = after
        yield from _changes(zone.name, rule, before, after, sight.time)

    def _mask(self, zone: Zone, sight: Sight) -> NDArray[np.bool_]:
        key = zone.polygon, sight.nearness.shape, sight.inner
        if key not in self._masks:
            height, width = sight.nearness.shape
            self._masks[key] = mask_of(zone.polygon, (height, width), sight.inner)
        return self._masks[key]


def measured(rule: Rule, mask: NDArray[np.bool_], sight: Sight, seen: Seen | None) -> Measure:
    """What one picture says of a rule in the pixels of `mask`; `seen` is it against the empty scene in its unit."""
    if sight.reason:
        return Measure(reason=sight.reason)
    distances = sight.distances(rule.unit)
    if rule.kind is Kind.NEAR:
        if distances is None:
            return Measure(reason=sight.why_none(rule.unit))
        inside = distances[mask]
        nearest = quantile(inside, NEAREST)
        return Measure(_mean(inside <= rule.distance), _mean(inside <= rule.leave), nearest)
    assert seen is not None, "there is a scene for each unit that is asked for"
    if seen.reason:
        return Measure(reason=seen.reason)
    new = seen.new(rule.distance) & mask
    found = distances[new] if distances is not None else np.empty(0)
    nearest_new = quantile(found, NEAREST) if found.size else None
    return Measure(_mean(new[mask]), _mean(seen.new(rule.leave)[mask]), nearest_new)


def _scenes(zones: Zones) -> dict[Unit, EmptyScene]:
    scenes = {}
    for unit in Unit:
        rules = [r for z in zones.zones for r in z.rules if r.kind is Kind.NEW and r.unit is unit]
        if rules:
            least = min(rule.leave for rule in rules)
            scenes[unit] = EmptyScene(unit, least, learn=zones.learn, absorb=zones.absorb)
    return scenes


def _blind(blind: Watched, reason: str, time: Fraction) -> Watched:
    """Learning by itself is no trouble, but part of one that it follows."""
    is_blind = float(bool(reason) and (reason != LEARNING or blind.presence in THERE))
    return step(blind, BLIND, is_blind, is_blind, time)


def _with_peak(before: Followed, after: Followed, *, absorbed: bool) -> Followed:
    """With the most that there was since it came; what it was stays known when it is gone."""
    if after.watched.presence is Presence.ABSENT:
        return replace(after, absorbed=before.absorbed or absorbed)
    if before.watched.presence is Presence.ABSENT:
        return replace(after, peak=after.now, absorbed=absorbed)
    nearest = [near for near in (before.peak.nearest, after.now.nearest) if near is not None]
    peak = Measure(max(before.peak.share, after.now.share), nearest=min(nearest, default=None))
    return replace(after, peak=peak, absorbed=before.absorbed or absorbed)


def _changes(zone: str, rule: Rule, before: Followed, after: Followed, time: Fraction) -> Iterator[Change]:
    blind, watched, now = after.blind, after.watched, after.now
    plain = Change(zone, rule.kind, Phase.BEGAN, time, watched.since, None, now.share, now.nearest, rule.unit)
    match transition(before.blind, blind):
        case Phase.BEGAN:
            since = blind.since
            yield replace(plain, phase=Phase.UNSEEN, since=since, share=0.0, nearest=None, reason=now.reason)
        case Phase.ENDED:
            yield replace(plain, phase=Phase.SEEN, since=blind.until)
    match transition(before.watched, watched):
        case Phase.BEGAN:
            yield plain
        case Phase.ENDED:
            yield _ended(plain, watched.until, after)


def _ended(change: Change, until: Fraction, followed: Followed, reason: str = "") -> Change:
    peak = followed.peak
    why = reason or (ABSORBED if followed.absorbed else "")
    return replace(change, phase=Phase.ENDED, until=until, share=peak.share, nearest=peak.nearest, reason=why)


def _with_error(change: Change, error: float | None) -> Change:
    return (
        change if change.unit is not Unit.METRES or change.nearest is None else replace(change, within=error)
    )


def _any(mask: NDArray[np.bool_] | None, within: NDArray[np.bool_]) -> bool:
    return mask is not None and bool((mask & within).any())


def _mean(flags: NDArray[np.bool_]) -> float:
    return float(np.count_nonzero(flags)) / flags.size
