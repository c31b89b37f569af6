from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from streamdepth.errors import NoFrameYet, SinkError, UsageError
from streamdepth.zones.kept import KeptZones
from streamdepth.zones.read import read_zones, zones_of
from streamdepth.zones.sight import Sight
from streamdepth.zones.watch import ZoneWatch
from streamdepth.zones.zone import Zones

SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1]]
DOOR = {"name": "door", "polygon": SQUARE, "near": {"relative": 0.5, "seconds": 0}}
METRES = {"name": "door", "polygon": SQUARE, "near": {"metres": 2}}


def sight(**more):
    values = np.full((4, 4), 0.25, np.float32)
    return Sight(Fraction(0), values, relative=values, **more)


def test_what_is_put_is_watched_from_the_next_picture_on_and_kept_in_the_file(tmp_path):
    watch, path = ZoneWatch(Zones()), tmp_path / "hall.toml"
    zones = KeptZones(watch, path)
    assert watch.is_idle
    zones.put({"zone": [DOOR]})
    assert read_zones(path) == watch.zones == zones_of({"zone": [DOOR]})
    watch(sight())
    (state,) = zones.table()["states"]
    assert state == {
        "zone": "door",
        "what": "near",
        "state": "present",
        "share": 1.0,
        "nearest": 0.25,
        "unseen": None,
    }
    assert zones.table()["kept"] is True


def test_what_is_told_can_be_put_again():
    zones = KeptZones(ZoneWatch(zones_of({"zone": [DOOR]})))
    told = zones.table()
    zones.put({name: told[name] for name in ("zone", "learn", "absorb")})
    assert zones.table() == told
    assert told["kept"] is False


def test_metres_are_refused_until_it_is_known_that_there_are_any():
    watch = ZoneWatch(Zones())
    zones = KeptZones(watch)
    with pytest.raises(NoFrameYet, match="no picture has said yet"):
        zones.put({"zone": [METRES]})
    watch.has_metres = False
    with pytest.raises(UsageError, match="this depth has no unit"):
        zones.put({"zone": [METRES]})
    watch.has_metres = True
    zones.put({"zone": [METRES]})


def test_what_cannot_be_kept_is_not_watched(tmp_path):
    watch = ZoneWatch(Zones())
    with pytest.raises(SinkError, match="no folder"):
        KeptZones(watch, tmp_path / "none" / "hall.toml").put({"zone": [DOOR]})
    with pytest.raises(UsageError, match="zone 1"):
        KeptZones(watch).put({"zone": [{}]})
    assert watch.is_idle
