#!/usr/bin/env python
"""How far metres are off that come of a few points, beside what the points promise.

    .venv/bin/python scripts/bench/metres.py [--shared ../shared] [--draws 5]

In each picture with depth of `SHARED/rgbd_train`, points are drawn at random among the readings, the line to metres is
fitted to what `nano` says there, and all readings of the picture are compared with it: the median share by which they
are missed, and the share that the points foretold of each other.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np

import streamdepth
from streamdepth.depthfiles.units import DepthKind, DepthUnit
from streamdepth.errors import UsageError
from streamdepth.evaluation.judge import resized
from streamdepth.evaluation.rgbd import find_pairs, load_pair
from streamdepth.metres.fit import fit

SETS = {"aims_slam": 1000, "felix_planes": 1000, "tum_fr3_cabinet": 5000, "tum_fr1_desk": 5000}
"""With stored values per metre; `nano` has not learnt from the first three."""
COUNTS = (2, 5, 10, 2000)


def measure(
    root: Path, scale: float, draws: int
) -> tuple[dict[int, list[float]], dict[int, list[float]], int]:
    """Misses and promises by count of points, and how many draws were refused as contradictions."""
    engine = streamdepth.load_engine(model="nano", engine="onnxruntime", precision="fp32")
    random = np.random.default_rng(0)
    missed, promised = defaultdict(list), defaultdict(list)
    refused = 0
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
                    refused += 1
                    continue
                missed[count].append(
                    float(np.median(np.abs(found.line.metres(values[known]) / truth[known] - 1)))
                )
                if found.error is not None:
                    promised[count].append(found.error)
    return missed, promised, refused


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[3] / "shared")
    parser.add_argument("--draws", type=int, default=5)
    wanted = parser.parse_args()
    print("| set | " + " | ".join(f"{count} points" for count in COUNTS) + " | refused |")
    print("|---|" + "---|" * (len(COUNTS) + 1))
    for name, scale in SETS.items():
        missed, promised, refused = measure(wanted.shared / "rgbd_train" / name, scale, wanted.draws)
        cells = [
            f"{np.median(missed[count]):.0%}"
            + (f" ({np.median(promised[count]):.0%})" if promised[count] else "")
            for count in COUNTS
        ]
        print(f"| {name} | {' | '.join(cells)} | {refused} |", flush=True)


if __name__ == "__main__":
    main()
