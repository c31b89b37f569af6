"""Zones as plain tables, and as the .toml file that `read_zones` reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from streamdepth.zones.zone import Rule, Zones


def table_of(zones: Zones) -> dict[str, Any]:
    """As `zones_of` reads it, with everything said."""
    listed = [
        {
            "name": zone.name,
            "polygon": [list(corner) for corner in zone.polygon],
            **{rule.kind.value: _rule(rule) for rule in zone.rules},
        }
        for zone in zones.zones
    ]
    return {"learn": zones.learn, "absorb": zones.absorb, "zone": listed}


def toml_of(zones: Zones) -> str:
    """The text of a .toml file."""
    table = table_of(zones)
    lines = [f"learn = {table['learn']!r}", f"absorb = {table['absorb']!r}"]
    for zone in table["zone"]:
        lines += ["", "[[zone]]", *(f"{name} = {_value(value)}" for name, value in zone.items())]
    return "\n".join(lines) + "\n"


def _rule(rule: Rule) -> dict[str, float]:
    return {rule.unit.value: rule.distance, "leave": rule.leave, **vars(rule.trigger)}


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_value(one)}" for name, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    # What JSON escapes in a text, TOML escapes alike; names are printable.
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
