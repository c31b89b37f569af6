"""Zones as people and programs write them: plain tables, of TOML or of JSON.

[[zone]]
name = "door"
polygon = [[0.1, 0.2], [0.4, 0.2], [0.4, 0.9], [0.1, 0.9]]
near = { metres = 1.5, share = 0.05, seconds = 1 }
new = { relative = 0.05 }
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamdepth.errors import SourceError, UsageError
from streamdepth.files import read_bytes
from streamdepth.files.listed import decoded
from streamdepth.zones.polygon import LEAST_AREA, Polygon, area
from streamdepth.zones.zone import Kind, Rule, Trigger, Unit, Zone, Zones

MOST_ZONES, MOST_CORNERS, LONGEST_NAME = 64, 64, 40
LONGEST = 30 * 86400.0
"""Seconds: no time of a zone is longer."""
_LEAVE = {Kind.NEAR: 1.1, Kind.NEW: 0.7}
"""Times the distance at which what is there already ends, where nothing is said."""
_SECONDS = {Kind.NEAR: 0.5, Kind.NEW: 3.0}
_CURE = "see docs/guide/events.md"


def read_zones(path: Path) -> Zones:
    """Those of a .toml file; raises `SourceMissing`, `SourceError`, and `UsageError` for what is wrong in it."""
    import tomllib

    try:
        table = tomllib.loads(decoded(read_bytes(path)))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} holds no zones: {error}", f"it is a .toml file: {_CURE}") from error
    try:
        return zones_of(table)
    except UsageError as error:
        raise UsageError(f"{path}: {error.what}", error.cure) from error


def zones_of(table: Mapping[str, Any]) -> Zones:
    """Zones of a table; raises `UsageError`, whose words say where in it something is wrong."""
    _check_words(table, {"zone", "learn", "absorb"}, "zones")
    listed = table.get("zone", [])
    if not isinstance(listed, list) or len(listed) > MOST_ZONES:
        raise UsageError(f"zone is a list of at most {MOST_ZONES} tables", _CURE)
    zones = tuple(_zone(one, f"zone {number}") for number, one in enumerate(listed, 1))
    names = [zone.name for zone in zones]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(f"two zones are called {twice!r}", "give each a name of its own")
    usual = Zones()
    learn = _number(table, "learn", "zones", usual.learn, least=0.0, most=LONGEST)
    absorb = _number(table, "absorb", "zones", usual.absorb, above=0.0, most=LONGEST)
    return Zones(zones, learn, absorb)


def _zone(table: object, where: str) -> Zone:
    table = _table(table, where)
    name = table.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise UsageError(f"{where} needs a name of 1 to {LONGEST_NAME} letters", _CURE)
    where = f"zone {name!r}"
    _check_words(table, {"name", "polygon", "near", "new"}, where)
    rules = tuple(_rule(table[kind.value], kind, where) for kind in Kind if kind.value in table)
    return Zone(name, _polygon(table.get("polygon"), where), rules)


def _polygon(listed: object, where: str) -> Polygon:
    corners = listed if isinstance(listed, list | tuple) else []
    is_right = 3 <= len(corners) <= MOST_CORNERS and all(map(_is_corner, corners))
    polygon = tuple((float(x), float(y)) for x, y in corners) if is_right else ()
    if not polygon or area(polygon) < LEAST_AREA:
        raise UsageError(
            f"the polygon of {where} needs 3 to {MOST_CORNERS} corners [x, y] that enclose something",
            "each is a share of the picture's width and height, from 0 to 1",
        )
    return polygon


def _is_corner(corner: object) -> bool:
    is_pair = isinstance(corner, list | tuple) and len(corner) == 2
    return is_pair and all(_is_number(one) and 0 <= one <= 1 for one in corner)  # type: ignore[attr-defined]


def _rule(table: object, kind: Kind, zone: str) -> Rule:
    where = f"{kind.value} of {zone}"
    table = _table(table, where)
    words = {"metres", "relative", "leave", "share", "leave_share", "seconds", "leave_seconds"}
    _check_words(table, words, where)
    given = [unit for unit in Unit if unit.value in table]
    if len(given) != 1:
        raise UsageError(
            f"{where} needs one distance", "metres = 1.5 with --metres, or relative = 0.3 without"
        )
    (unit,) = given
    most = 1.0 if unit is Unit.RELATIVE else 1000.0
    distance = _number(table, unit.value, where, above=0.0, most=most)
    leave = _number(table, "leave", where, distance * _LEAVE[kind], above=0.0, most=2 * most)
    if (leave < distance) if kind is Kind.NEAR else (leave > distance):
        way = "at least" if kind is Kind.NEAR else "at most"
        raise UsageError(f"leave of {where} must be {way} the distance {distance:g}", "or leave it out")
    return Rule(kind, unit, distance, leave, _trigger(table, kind, where))


def _trigger(table: Mapping[str, Any], kind: Kind, where: str) -> Trigger:
    share = _number(table, "share", where, 0.05, above=0.0, most=1.0)
    leave_share = _number(table, "leave_share", where, share / 2, above=0.0, most=share)
    seconds = _number(table, "seconds", where, _SECONDS[kind], least=0.0, most=LONGEST)
    return Trigger(
        share, leave_share, seconds, _number(table, "leave_seconds", where, 1.0, least=0.0, most=LONGEST)
    )


def _number(
    table: Mapping[str, Any],
    name: str,
    where: str,
    usual: float | None = None,
    *,
    least: float = -math.inf,
    above: float = -math.inf,
    most: float,
) -> float:
    value = table.get(name, usual)
    if not _is_number(value) or not (least <= value <= most and value > above):
        begin = f"above {above:g}" if least == -math.inf else f"from {least:g}"
        raise UsageError(f"{name} of {where} must be a number {begin} to {most:g}", _CURE)
    return float(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -math.inf < value < math.inf


def _table(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UsageError(f"{where} must be a table", _CURE)
    return value


def _check_words(table: Mapping[str, Any], words: set[str], where: str) -> None:
    if unknown := sorted(set(table) - words):
        raise UsageError(f"{where} knows no {unknown[0][:40]!r}", f"it takes {', '.join(sorted(words))}")
