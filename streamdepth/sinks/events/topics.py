"""What is published about one camera: topics, states, and their announcement to Home Assistant.

Home Assistant's side is documented at home-assistant.io/integrations/mqtt (discovery) and .../binary_sensor.mqtt.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from streamdepth.sinks.events.event import Event
from streamdepth.values import dataclass
from streamdepth.zones.presence import Phase
from streamdepth.zones.zone import Kind, Zones

DEFAULT_PREFIX = "streamdepth"
ONLINE, OFFLINE = "online", "offline"
ON, OFF = "ON", "OFF"
_KINDS = frozenset(kind.value for kind in Kind)
_NAMES = {Kind.NEAR: "{} near", Kind.NEW: "{} something new"}


class Message(NamedTuple):
    """What is published."""

    topic: str
    payload: str
    """Empty and retained: what the broker kept of the topic is taken away."""
    is_retained: bool


@dataclass(frozen=True)
class Topics:
    """The topics of one camera."""

    prefix: str
    camera: str
    discovery: str | None
    """The prefix that Home Assistant looks at; None: nothing is announced to it."""
    version: str
    """Of this program."""

    @property
    def availability(self) -> str:
        """Whether the program is there."""
        return f"{self._base}/availability"

    def of_event(self, event: Event) -> Iterator[Message]:
        """The event itself, and what it changes of what is kept."""
        change, line = event.change, event.line
        yield Message(f"{self._base}/events", line, False)
        rule = self._rule(change.zone, change.kind)
        match change.phase:
            case Phase.BEGAN | Phase.ENDED:
                yield Message(f"{rule}/event", line, True)
                yield Message(f"{rule}/state", ON if change.phase is Phase.BEGAN else OFF, True)
            case Phase.UNSEEN | Phase.SEEN:
                seen = ONLINE if change.phase is Phase.SEEN else OFFLINE
                yield Message(f"{rule}/availability", seen, True)

    def of_zones(self, before: Zones, now: Zones) -> Iterator[Message]:
        """What says that zones are there, and empty, and takes away what was said of those that no longer are."""
        old, new = _rules(before), _rules(now)
        for zone, kind in old:
            if (zone, kind) not in new:
                yield from self._taken_away(zone, kind)
        for zone, kind in new:
            if (zone, kind) not in old:
                rule = self._rule(zone, kind)
                if self.discovery is not None:
                    yield Message(self._config(zone, kind), json.dumps(self._entity(zone, kind)), True)
                yield Message(f"{rule}/availability", ONLINE, True)
                yield Message(f"{rule}/state", OFF, True)

    @property
    def kept(self) -> tuple[str, str]:
        """By which an earlier run of this camera, and its zones, are found at the broker."""
        return self.availability, f"{self._base}/+/+/availability"

    def of_left(self, kept: Mapping[str, str], now: Zones) -> Iterator[Message]:
        """What takes away zones that an earlier run announced and that no longer are; `kept` is by `self.kept`.

        Nothing while another run of this name is there: they may be its zones.
        """
        if kept.get(self.availability) != OFFLINE:
            return
        new = {self._rule(zone, kind) for zone, kind in _rules(now)}
        for topic in kept:
            zone, _, kind = topic.removeprefix(f"{self._base}/").removesuffix("/availability").partition("/")
            if kind in _KINDS and self._rule(zone, Kind(kind)) not in new:
                yield from self._taken_away(zone, Kind(kind))

    def _taken_away(self, zone: str, kind: Kind) -> Iterator[Message]:
        rule = self._rule(zone, kind)
        topics = [f"{rule}/{of}" for of in ("availability", "state", "event")]
        topics += [self._config(zone, kind)] if self.discovery is not None else []
        yield from (Message(topic, "", True) for topic in topics)

    @property
    def _base(self) -> str:
        return f"{self.prefix}/{slug(self.camera)}"

    def _rule(self, zone: str, kind: Kind) -> str:
        return f"{self._base}/{slug(zone)}/{kind.value}"

    def _identity(self, zone: str, kind: Kind) -> str:
        return self._one_of_its_own(
            "_".join((slug(self.camera), slug(zone), kind.value)), self._rule(zone, kind)
        )

    @property
    def _device(self) -> str:
        return self._one_of_its_own(slug(self.camera), self._base)

    def _one_of_its_own(self, name: str, topic: str) -> str:
        """What Home Assistant knows no second one by: names with `_`, joined by it, may come out alike."""
        is_plain = self.prefix == DEFAULT_PREFIX and name.count("_") == topic.count("/") - 1
        return f"streamdepth_{name}" if is_plain else f"streamdepth_{name}_{_digest(topic)}"

    def _config(self, zone: str, kind: Kind) -> str:
        return f"{self.discovery}/binary_sensor/{self._identity(zone, kind)}/config"

    def _entity(self, zone: str, kind: Kind) -> dict[str, object]:
        rule = self._rule(zone, kind)
        return {
            "name": _NAMES[kind].format(zone),
            "unique_id": self._identity(zone, kind),
            "device_class": "occupancy",
            "state_topic": f"{rule}/state",
            "payload_on": ON,
            "payload_off": OFF,
            "availability": [
                {"topic": topic, "payload_available": ONLINE, "payload_not_available": OFFLINE}
                for topic in (self.availability, f"{rule}/availability")
            ],
            "availability_mode": "all",
            "json_attributes_topic": f"{rule}/event",
            "qos": 1,
            "device": {
                "identifiers": [self._device],
                "name": self.camera,
                "manufacturer": "streamdepth",
                "model": "depth of a camera",
                "sw_version": self.version,
            },
            "origin": {"name": "streamdepth", "sw_version": self.version},
        }


def slug(name: str) -> str:
    """A name in letters that topics and Home Assistant take; another one for each name."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", name)
    return plain if plain == name else f"{plain}_{_digest(name)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def _rules(zones: Zones) -> list[tuple[str, Kind]]:
    return [(zone.name, rule.kind) for zone in zones.zones for rule in zone.rules]
