from __future__ import annotations

import re

import pytest

from streamdepth.errors import SourceError, SourceMissing, UsageError
from streamdepth.zones.read import read_zones, zones_of
from streamdepth.zones.write import table_of, toml_of
from streamdepth.zones.zone import Kind, Rule, Trigger, Unit

SQUARE = [[0, 0], [0.5, 0], [0.5, 0.5]]
DOOR = {"name": "door", "polygon": SQUARE, "near": {"metres": 2}, "new": {"relative": 0.1, "seconds": 7}}


def zone(**more):
    return {"zone": [{"name": "door", "polygon": SQUARE, **more}]}


def test_what_is_not_said_has_its_usual_value():
    (door,) = zones_of({"zone": [DOOR]}).zones
    assert door.polygon == ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5))
    near, new = door.rules
    assert near == Rule(Kind.NEAR, Unit.METRES, 2.0, pytest.approx(2.2), Trigger(0.05, 0.025, 0.5, 1.0))
    assert new == Rule(Kind.NEW, Unit.RELATIVE, 0.1, pytest.approx(0.07), Trigger(0.05, 0.025, 7.0, 1.0))


def test_what_is_written_is_read_as_it_was(tmp_path):
    zones = zones_of({"zone": [DOOR, DOOR | {"name": 'the "shelf" \\ Tür'}], "learn": 2, "absorb": 60.5})
    path = tmp_path / "zones.toml"
    path.write_text(toml_of(zones), encoding="utf-8")
    assert read_zones(path) == zones
    assert zones_of(table_of(zones)) == zones


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ({"zones": []}, "zones knows no 'zones'"),
        ({"zone": {}}, "zone is a list"),
        ({"zone": [1]}, "zone 1 must be a table"),
        ({"zone": [{"polygon": SQUARE}]}, "zone 1 needs a name"),
        ({"zone": [DOOR, DOOR]}, "two zones are called 'door'"),
        (zone(polygon=[[0, 0], [1, 1]]), "the polygon of zone 'door'"),
        (zone(polygon=[[0, 0], [1, 1], [0.5, 0.5]]), "that enclose something"),
        (zone(polygon=[[0, 0], [1, 0], [1, 1.5]]), "the polygon of zone 'door'"),
        (zone(polygon=[[0, 0], [1, 0], [1, float("nan")]]), "the polygon of zone 'door'"),
        (zone(polygon=[[0, 0], [1, 0], True]), "the polygon of zone 'door'"),
        (zone(far={}), "zone 'door' knows no 'far'"),
        (zone(near=1.5), "near of zone 'door' must be a table"),
        (zone(near={}), "near of zone 'door' needs one distance"),
        (zone(near={"metres": 1, "relative": 1}), "near of zone 'door' needs one distance"),
        (zone(near={"metres": 0}), "metres of near of zone 'door' must be a number above 0"),
        (zone(near={"metres": True}), "metres of near of zone 'door' must be a number above 0"),
        (zone(near={"relative": 1.5}), "relative of near of zone 'door' must be a number above 0 to 1"),
        (zone(near={"metres": 2, "leave": 1}), "leave of near of zone 'door' must be at least"),
        (zone(new={"metres": 2, "leave": 3}), "leave of new of zone 'door' must be at most"),
        (zone(near={"metres": 2, "share": 0.1, "leave_share": 0.2}), "leave_share of near"),
        (zone(near={"metres": 2, "seconds": -1}), "seconds of near of zone 'door'"),
        ({"learn": "5"}, "learn of zones must be a number from 0"),
        ({"learn": 10**400}, "learn of zones must be a number from 0"),
        (zone(polygon=[[0, 0], [1, 0], [1, 10**400]]), "the polygon of zone 'door'"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(table, what):
    with pytest.raises(UsageError, match=re.escape(what)):
        zones_of(table)


def test_a_file_that_is_missing_or_no_toml_is_said_by_name(tmp_path):
    with pytest.raises(SourceMissing, match=r"none\.toml"):
        read_zones(tmp_path / "none.toml")
    for number, text in enumerate((b"zone = [", b"\xff\xfa")):
        path = tmp_path / f"{number}.toml"
        path.write_bytes(text)
        with pytest.raises(SourceError, match=f"{number}.toml holds no zones"):
            read_zones(path)
    for encoding in ("utf-8-sig", "utf-16"):  # as editors and shells of Windows write it
        path.write_text("[[zone]]\nname = 'x'", encoding)
        with pytest.raises(UsageError, match=r"1\.toml: the polygon of zone 'x'"):
            read_zones(path)
