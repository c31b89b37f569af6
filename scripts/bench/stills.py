#!/usr/bin/env python
"""What `--skip-still` leaves out, and how far the depth that is shown is then from what it would be.

    .venv/bin/python scripts/bench/stills.py CLIP ... [--model nano] [--hardly 8]

For each clip: the share of pictures that are not inferred, without the option (same samples) and with it, the share of
pixels whose shown depth is then off by more than 2 % of the shown range, and that of the worst picture. At most 0.5 %
of the pixels of a clip may be off: look at it when the rule is changed.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

import streamdepth
from streamdepth.frames import DepthMap, Estimate, Frame
from streamdepth.pipeline import stills
from streamdepth.pipeline.stills import Reuse, Stills
from streamdepth.rendering.range import MovingRange
from streamdepth.rendering.stabilise.stabiliser import Stabiliser
from streamdepth.rendering.stream import DepthStream

OFF = 0.02
"""Of the shown range."""
Shown = list[NDArray[np.float32]]


def frames_of(clip: str) -> list[Frame]:
    source = streamdepth.open_source(clip)
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    source.close()
    return frames


def shown(frames: Sequence[Frame], depths: Sequence[DepthMap]) -> Shown:
    """What is drawn of each, 0..1."""
    stream = DepthStream(MovingRange(), Stabiliser())
    drawn = []
    for frame, depth in zip(frames, depths, strict=True):
        scaled = stream.take(Estimate(frame, depth, 0.0))
        low, high = scaled.span.low, scaled.span.high
        drawn.append(np.clip((scaled.depth.values - low) / max(high - low, 1e-9), 0, 1))
    return drawn


def with_reuse(frames: Sequence[Frame], depths: Sequence[DepthMap], reuse: Reuse) -> list[DepthMap]:
    """Each frame's depth as a run gives it."""
    own = {id(frame): depth for frame, depth in zip(frames, depths, strict=True)}
    rule = Stills(reuse)
    return [own[id(rule(frame).frame)] for frame in frames]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--model", default="nano")
    parser.add_argument("--hardly", type=int, default=stills.HARDLY)
    wanted = parser.parse_args()
    stills.HARDLY = wanted.hardly
    engine = streamdepth.load_engine(wanted.model)
    print(
        "| clip | pictures | the same | left out | pixels off | of the worst picture |\n|---|---|---|---|---|---|"
    )
    for clip in wanted.clips:
        frames = frames_of(clip)
        depths = [engine.estimate_picture(frame.picture) for frame in frames]
        same, still = (with_reuse(frames, depths, reuse) for reuse in (Reuse.SAME, Reuse.STILL))
        left_out = [sum(a is not b for a, b in zip(some, depths, strict=True)) for some in (same, still)]
        pairs = zip(shown(frames, depths), shown(frames, still), strict=True)
        off = [float(np.mean(np.abs(a - b) > OFF)) for a, b in pairs]
        shares = (*(count / len(frames) for count in left_out), np.mean(off), max(off))
        print(
            f"| {clip} | {len(frames)} | " + " | ".join(f"{share:.2%}" for share in shares) + " |", flush=True
        )


if __name__ == "__main__":
    main()
