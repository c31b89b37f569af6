from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from streamdepth.zones.presence import Phase
from streamdepth.zones.read import zones_of
from streamdepth.zones.sight import Sight
from streamdepth.zones.watch import AGAIN, CHANGED, OUTSIDE, ZoneWatch
from streamdepth.zones.zone import Kind, Unit, Zones

SHAPE = (24, 32)
LEFT = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]
NEAR = {"metres": 2.0, "share": 0.2, "seconds": 0.5, "leave_seconds": 0.5}
TENTH = Fraction(1, 10)
TEXTURE = np.random.default_rng(5).integers(30, 220, (12, 16)).astype(np.uint8)


def watch(*rules, **more):
    """Of the left half with one rule each: (kind, table)."""
    zones = [{"name": f"z{n}", "polygon": LEFT, kind: table} for n, (kind, table) in enumerate(rules)]
    return ZoneWatch(zones_of({"zone": zones, **more}))


def sight(number, metres=5.0, cells=np.s_[:, :0], near=1.0, luma=TEXTURE, **more):
    """An even wall at `metres`, and something at `near` in `cells`."""
    values = np.full(SHAPE, metres, np.float32)
    values += np.linspace(0, 0.5, SHAPE[0], dtype=np.float32)[:, None]
    values[cells] = near
    more = {"metres": values, "luma": luma} | more
    return Sight(number * TENTH, 1.0 / values, **more)


def told(watch, sights):
    """(number of the picture, phase, and the rest) of all that is told."""
    return [(number, change.phase, change) for number, one in enumerate(sights) for change in watch(one)]


HERE, GONE = np.s_[:, :8], np.s_[:, :0]
"""Half of the left half, and nothing."""


def test_something_near_is_told_once_with_its_first_picture_and_once_when_it_is_gone():
    seen = [sight(n, cells=HERE if 3 <= n < 20 else GONE) for n in range(40)]
    (began, ended) = told(watch(("near", NEAR)), seen)
    assert began[:2] == (8, Phase.BEGAN)
    change = began[2]
    assert (change.zone, change.kind, change.since) == ("z0", Kind.NEAR, 3 * TENTH)
    assert (change.share, change.nearest, change.unit) == (pytest.approx(0.5), 1.0, Unit.METRES)
    assert ended[:2] == (25, Phase.ENDED)
    assert (ended[2].since, ended[2].until) == (3 * TENTH, 20 * TENTH)


@pytest.mark.parametrize(("rule", "within"), [(NEAR, 0.07), ({"relative": 0.5}, None)], ids=str)
def test_a_distance_in_metres_is_told_with_how_far_to_trust_it(rule, within):
    seen = [
        sight(n, cells=HERE, error=0.07, relative=np.where(np.arange(32) < 8, 0.1, 0.9) + np.zeros(SHAPE))
        for n in range(12)
    ]
    ((_, phase, change),) = told(watch(("near", rule)), seen)
    assert (phase, change.within) == (Phase.BEGAN, within)


def test_what_ended_is_told_with_its_most():
    steps = [(HERE, 1.5), (np.s_[:, :16], 1.2), (HERE, 1.8)]
    seen = [
        sight(n, cells=cells, near=near) for n, (cells, near) in enumerate(s for s in steps for _ in range(8))
    ]
    seen += [sight(24 + n) for n in range(8)]
    change = told(watch(("near", NEAR)), seen)[-1][2]
    assert (change.share, change.nearest) == (1.0, pytest.approx(1.2))


def test_what_is_near_in_another_part_of_the_picture_is_nothing():
    assert told(watch(("near", NEAR)), [sight(n, cells=np.s_[:, 16:]) for n in range(20)]) == []


def test_who_stands_at_the_very_distance_does_not_flutter():
    trembling = [sight(n, cells=HERE, near=1.95 if n % 2 else 2.05) for n in range(40)]
    steady = [sight(n, cells=HERE, near=1.9) for n in range(10)]
    following = [replace(one, time=one.time + 1) for one in trembling]
    assert [phase for _, phase, _ in told(watch(("near", NEAR)), steady + following)] == [Phase.BEGAN]


def test_relative_distances_are_shares_of_what_is_shown():
    half = np.full(SHAPE, 0.8, np.float32)
    half[HERE] = 0.25
    rule = ("near", {"relative": 0.3, "share": 0.2, "seconds": 0})
    (began,) = told(watch(rule), [sight(0, relative=half)])
    assert began[2].nearest == 0.25


def test_withheld_metres_are_told_after_a_while_and_so_is_their_return():
    blind = {"metres": None, "withheld": "the camera was moved"}
    seen = [replace(sight(n), **(blind if 5 <= n < 40 else {})) for n in range(60)]
    first, second = told(watch(("near", NEAR)), seen)
    assert first[:2] == (25, Phase.UNSEEN)
    assert first[2].reason == "the camera was moved"
    assert second[:2] == (50, Phase.SEEN)


def test_a_camera_that_is_away_ends_nothing_that_was_there():
    seen = [sight(n, cells=HERE, reason="the camera is away" if 10 <= n < 60 else "") for n in range(80)]
    phases = [phase for _, phase, _ in told(watch(("near", NEAR)), seen)]
    assert phases == [Phase.BEGAN, Phase.UNSEEN, Phase.SEEN]


def test_something_new_is_told_and_what_stood_there_is_not():
    other = TEXTURE.copy()
    other[:, :4] = np.random.default_rng(8).integers(0, 255, (12, 4))
    seen = [sight(n, cells=HERE if 20 <= n < 60 else GONE, near=4.0, luma=other if 20 <= n < 60 else TEXTURE)
            for n in range(80)]  # fmt: skip
    rule = ("new", {"metres": 0.5, "share": 0.2, "seconds": 1})
    began, ended = told(watch(rule, learn=1), seen)
    assert began[:2] == (30, Phase.BEGAN)
    assert (began[2].since, began[2].nearest) == (20 * TENTH, 4.0)
    assert ended[:2] == (70, Phase.ENDED)


def test_a_zone_in_the_bars_says_that_it_is():
    seen = [sight(n, inner=(0.5, 0.0, 0.5, 1.0)) for n in range(30)]
    (unseen,) = told(watch(("near", NEAR)), seen)
    assert unseen[2].reason == OUTSIDE


def test_a_film_that_begins_anew_ends_what_was_there():
    seen = [sight(n, cells=HERE) for n in range(20)]
    changes = told(watch(("near", NEAR)), [*seen, *seen])
    assert [phase for _, phase, _ in changes] == [Phase.BEGAN, Phase.ENDED, Phase.BEGAN]
    assert changes[1][2].reason == AGAIN


def test_zones_that_are_set_anew_end_what_changed_and_keep_what_did_not():
    watching = watch(("near", NEAR), ("near", NEAR))
    assert len(told(watching, [sight(n, cells=HERE) for n in range(10)])) == 2
    kept = watching.zones.zones[0]
    moved = replace(watching.zones.zones[1], polygon=((0.5, 0), (1, 0), (1, 1)))
    watching.zones = Zones((kept, moved))
    (ended,) = watching(sight(10, cells=HERE))
    assert (ended.zone, ended.phase, ended.reason) == ("z1", Phase.ENDED, CHANGED)
    assert watching(sight(11, cells=HERE)) == []


def test_the_same_pictures_give_the_same_changes():
    rng = np.random.default_rng(2)
    seen = [sight(n, near=float(rng.uniform(0.5, 3)), cells=HERE) for n in range(100)]
    rules = ("near", NEAR | {"seconds": 0, "leave_seconds": 0}), ("new", {"metres": 0.5, "seconds": 0})
    assert told(watch(*rules), seen) == told(watch(*rules), seen) != []
