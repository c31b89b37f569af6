"""What is wanted of a zone, as plain values: where it is, and what counts as something in it."""

from __future__ import annotations

from enum import Enum

from streamdepth.values import dataclass
from streamdepth.zones.polygon import Polygon


class Unit(Enum):
    """What a distance is given in."""

    METRES = "metres"
    """Along the camera's axis."""
    RELATIVE = "relative"
    """For `Kind.NEAR` a share of the range that is shown: 0 the nearest, 1 the farthest that is seen. For `Kind.NEW`
    a share of the range of the empty scene, in the units of the depth map."""


class Kind(Enum):
    """What a rule looks for."""

    NEAR = "near"
    """Something nearer than a distance."""
    NEW = "new"
    """Something that stands where nothing stood, nearer than the empty scene by a distance."""


@dataclass(frozen=True)
class Trigger:
    """How much of a zone for how long: it begins with more than it ends with, so that nothing flutters."""

    share: float
    """Of the zone, above 0 to 1, from which on something is there."""
    leave_share: float
    """Below which it no longer is; at most `share`."""
    seconds: float
    """For which it must be there without a break before it is reported."""
    leave_seconds: float
    """For which it must be gone without a break."""


@dataclass(frozen=True)
class Rule:
    """What counts as something in a zone."""

    kind: Kind
    unit: Unit
    distance: float
    """Of `Kind.NEAR` the farthest that counts, of `Kind.NEW` the least by which it must be nearer than before."""
    leave: float
    """The same for what is there already: farther, or less."""
    trigger: Trigger


@dataclass(frozen=True)
class Zone:
    """A part of the picture of one camera."""

    name: str
    polygon: Polygon
    """In shares of the source's picture, its bars included."""
    rules: tuple[Rule, ...] = ()
    """At most one of each kind."""


@dataclass(frozen=True)
class Zones:
    """All zones of one camera."""

    zones: tuple[Zone, ...] = ()
    learn: float = 5.0
    """Seconds at the start from which the empty scene is learnt."""
    absorb: float = 3600.0
    """Seconds after which what is new belongs to the scene."""

    @property
    def in_metres(self) -> bool:
        """Whether a distance in metres is among them."""
        return any(rule.unit is Unit.METRES for zone in self.zones for rule in zone.rules)
