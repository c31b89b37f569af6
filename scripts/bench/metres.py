#!/usr/bin/env python
"""How far metres are off that come of a few points, beside what the points promise.

    .venv/bin/python scripts/bench/metres.py [--shared ../shared] [--draws 5] [--only pictures|views|demo]

Three tables, all with `nano`:

* pictures: in each picture with depth of `SHARED/rgbd_train`, points are drawn at random among the readings, the line
  to metres is fitted to what the network says there, and all readings of the picture are compared with it: the median
  share by which they are missed, and the share that the points foretold of each other.
* views: the camera is calibrated by five points of one view of a set, and then sees the others: how many of these have
  metres, how far these are off, and why the others have none.
* demo: the same of the demo scene, whose camera stands still while balls move, and of one that is turned.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import streamdepth
from streamdepth.depthfiles.units import DepthKind, DepthUnit
from streamdepth.engine import Engine
from streamdepth.errors import UsageError
from streamdepth.evaluation.judge import resized
from streamdepth.evaluation.rgbd import find_pairs, load_pair
from streamdepth.metres.calibrate import Network, Point, calibrate_by_points
from streamdepth.metres.fit import fit
from streamdepth.metres.ruler import Ruler
from streamdepth.pixels import Picture
from streamdepth.sources.demo.source import DemoScene

SETS = {"felix_planes": 1000, "tum_fr3_cabinet": 5000, "tum_fr1_desk": 5000}
"""With stored values per metre; `nano` has not learnt from the first two."""
VIEWS = {**SETS, "tum_fr1_rpy": 5000}
"""The last is turned about its own axes; `nano` has seen it."""
COUNTS = (2, 5, 10, 2000)
CLICKS = (2, 5)
FARTHEST = 30.0
"""Metres of the demo scene that are compared: its ground goes on to the horizon."""
SECONDS = (1, 3, 5, 7, 9)
APART = 1.5
"""Two clicks are of things that are so many times as far: people who measure choose points that differ."""
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]


@dataclass
class Tally:
    """What came of one way to calibrate."""

    missed: list[float] = field(default_factory=list)
    promised: list[float] = field(default_factory=list)
    none: Counter[str] = field(default_factory=Counter)
    refused: int = 0

    @property
    def words(self) -> str:
        """`5 % (4 %)`: missed, and foretold."""
        missed = f"{np.median(self.missed):.0%}" if self.missed else "-"
        return missed + (f" ({np.median(self.promised):.0%})" if self.promised else "")

    @property
    def reasons(self) -> str:
        return "; ".join(f"{count}: {reason}" for reason, count in self.none.items()) or "-"


def miss(metres: Floats, truth: Floats, known: Flags) -> float:
    """The median share by which readings are missed."""
    return float(np.median(np.abs(metres[known] / truth[known] - 1)))


def of_pictures(engine: Engine, root: Path, scale: float, draws: int) -> dict[int, Tally]:
    """By count of points."""
    random, tallies = np.random.default_rng(0), defaultdict[int, Tally](Tally)
    for pair in find_pairs(root, unit=DepthUnit(DepthKind.METRES, scale)):
        colour, truth, known = load_pair(pair)
        values = resized(engine.estimate(colour).values, truth.shape)
        rows, columns = np.nonzero(known)
        for count in COUNTS:
            for _ in range(draws if count < 100 else 1):
                chosen = random.choice(rows.size, count, replace=False)
                place = rows[chosen], columns[chosen]
                try:
                    found = fit(values[place], truth[place])
                except UsageError:
                    tallies[count].refused += 1
                    continue
                tallies[count].missed.append(miss(found.line.metres(values), truth, known))
                if found.error is not None:
                    tallies[count].promised.append(found.error)
    return tallies


def clicks(random: np.random.Generator, truth: Floats, known: Flags, count: int) -> list[Point]:
    """Some points of a picture, the farthest `APART` times as far as the nearest."""
    rows, columns = np.nonzero(known)
    while True:
        chosen = random.choice(rows.size, count, replace=False)
        points = [Point(float(columns[n]), float(rows[n]), float(truth[rows[n], columns[n]])) for n in chosen]
        if max(point.metres for point in points) > APART * min(point.metres for point in points):
            return points


def calibrated(engine: Engine, picture: Picture, points: Sequence[Point], tally: Tally) -> Ruler | None:
    """As the window does it; None where the points contradict the depth."""
    depth = engine.estimate_picture(picture)
    try:
        found = calibrate_by_points(picture, depth, Network(engine.name, engine.sha256), points)
    except UsageError:
        tally.refused += 1
        return None
    if found.fit.error is not None:
        tally.promised.append(found.fit.error)
    return Ruler(found)


def look(engine: Engine, ruler: Ruler, picture: Picture, truth: Floats, known: Flags, tally: Tally) -> None:
    """Measure a later picture of that camera."""
    measured = ruler(picture, engine.estimate_picture(picture))
    if measured.depth is None:
        tally.none[measured.reason] += 1
    else:
        tally.missed.append(miss(resized(measured.depth.values, truth.shape), truth, known))


def of_views(engine: Engine, root: Path, scale: float) -> Tally:
    """Each view in turn is calibrated by five points, and the next ones are looked at."""
    random, tally = np.random.default_rng(0), Tally()
    views = [load_pair(pair) for pair in find_pairs(root, unit=DepthUnit(DepthKind.METRES, scale))]
    for number, (colour, truth, known) in enumerate(views):
        points = clicks(random, truth, known, 5)
        ruler = calibrated(engine, Picture.of_bgr(colour), points, tally)
        if ruler is not None:
            for other, its_truth, its_known in views[number + 1 : number + 4]:
                look(engine, ruler, Picture.of_bgr(other), its_truth, its_known, tally)
    return tally


def demo_views(scene: DemoScene) -> Iterator[tuple[Picture, Floats, Flags]]:
    """The first moment and later ones."""
    for second in (0, *SECONDS):
        inverse = scene.true_inverse_depth(second)
        known = np.asarray(inverse > 1 / FARTHEST)
        metres = np.asarray(1 / np.maximum(inverse, np.float32(1e-6)), np.float32)
        yield Picture.of_bgr(scene.draw(second)), metres, known


def of_demo(engine: Engine, draws: int, count: int, *, still: bool) -> Tally:
    """Points of what stands still in the first moment, and the moments after it."""
    random, tally = np.random.default_rng(0), Tally()
    first, *later = demo_views(DemoScene(640, 360, Fraction(1), 10, still_camera=still))
    picture, truth, known = first
    stands = known & np.all([np.abs(other / truth - 1) < 0.01 for _, other, _ in later], axis=0)
    for _ in range(draws):
        points = clicks(random, truth, stands if still else known, count)
        ruler = calibrated(engine, picture, points, tally)
        if ruler is not None:
            for other, its_truth, its_known in later:
                look(engine, ruler, other, its_truth, its_known, tally)
    return tally


def table(*cells: Any) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[3] / "shared")
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--only", choices=("pictures", "views", "demo"))
    wanted = parser.parse_args()
    engine = streamdepth.load_engine(model="nano", engine="onnxruntime", precision="fp32")
    root = wanted.shared / "rgbd_train"
    if wanted.only in (None, "pictures"):
        table("set", *(f"{count} points" for count in COUNTS), "refused")
        for name, scale in SETS.items():
            tallies = of_pictures(engine, root / name, scale, wanted.draws)
            table(name, *(tallies[n].words for n in COUNTS), sum(one.refused for one in tallies.values()))
    if wanted.only in (None, "views"):
        table("set", "other views with metres", "missed (foretold)", "views without, and why", "refused")
        for name, scale in VIEWS.items():
            tally = of_views(engine, root / name, scale)
            table(name, len(tally.missed), tally.words, tally.reasons, tally.refused)
    if wanted.only in (None, "demo"):
        table("demo scene", "moments with metres", "missed (foretold)", "moments without, and why", "refused")
        for still in (True, False):
            for count in CLICKS:
                tally = of_demo(engine, 4 * wanted.draws, count, still=still)
                camera = "stands" if still else "is turned"
                table(
                    f"{count} clicks, camera {camera}",
                    len(tally.missed),
                    tally.words,
                    tally.reasons,
                    tally.refused,
                )


if __name__ == "__main__":
    main()
