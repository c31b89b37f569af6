#!/usr/bin/env python
"""How still depth holds, and what that costs: flicker, outlines, lag of edges, start of motion, cuts, accuracy, time.

    .venv/bin/python scripts/bench/steadiness.py [--model NAME_OR_FILE] [--size N] [--clip FILE] [--frames N]
        [--strip FILE.png]

The demo scene, with a still camera and sensor noise, is always measured; `--clip` adds a video. Flicker is the mean
change of the coloured depth (0 to 255, mean of three channels) from frame to frame on pixels that are still: in the
demo those whose true depth does not change, in a clip those whose luma, low-passed, changes by less than 3 levels, and
none across a cut.
`--strip` writes consecutive frames, by per-frame minimum and maximum, by percentiles, and stabilised.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import streamdepth
from streamdepth import DepthMap, Frame, Picture
from streamdepth.evaluation.metrics import evaluate, mean_scores
from streamdepth.frames import DepthRange, Estimate, ScaledDepth
from streamdepth.imaging.scale_and_shift import least_squares
from streamdepth.pipeline.ahead import in_view
from streamdepth.protocols import DepthEngine
from streamdepth.rendering.colormaps import lookup_table
from streamdepth.rendering.horizon import Horizon
from streamdepth.rendering.normalise import normalise
from streamdepth.rendering.range import MovingRange, percentile_range
from streamdepth.rendering.shots import Shots, Step
from streamdepth.rendering.stabilise.stabiliser import Stabiliser
from streamdepth.rendering.stream import DepthStream
from streamdepth.sources.demo.source import DemoScene

RATE = 30
SIZE = (640, 360)
NOISE = 4.0
CAP = 80.0
"""Metres beyond which the demo's depth is not scored."""
Map = NDArray[np.float32]
Mask = NDArray[np.bool_]


def resized(values: Map, size: tuple[int, ...], how: int = cv2.INTER_AREA) -> Map:
    """A map of another width and height."""
    return np.asarray(cv2.resize(values, size, interpolation=how), np.float32)


@dataclass(frozen=True)
class Take:
    """A clip with the depth that the network gave for each of its frames."""

    frames: list[Frame]
    maps: list[Map]
    still: list[Mask]
    """Between each two frames: the pixels of the map that are still."""
    true: list[Map]
    """Inverse depth, in the size of the maps; empty where it is not known."""


def demo_take(engine: DepthEngine, slots: Sequence[int], noise: float = NOISE) -> Take:
    """The moments `slots / 30 s` of the demo scene with a still camera, each with noise of its own."""
    scene = DemoScene(*SIZE, Fraction(RATE), None, still_camera=True)
    random = np.random.default_rng(0)
    frames, maps, true = [], [], []
    for index, slot in enumerate(slots):
        noisy = scene.draw(slot) + random.normal(0, noise, (SIZE[1], SIZE[0], 3))
        image = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
        frames.append(Frame(index, Fraction(index, RATE), 0.0, Picture.of_bgr(image)))
        maps.append(engine.estimate(image).values)
        shape = maps[-1].shape[::-1]
        true.append(resized(scene.true_inverse_depth(slot), shape))
    still = [cv2.erode((a == b).astype(np.uint8), np.ones((5, 5))) > 0 for a, b in pairwise(true)]
    return Take(frames, maps, still, true)


def clip_take(engine: DepthEngine, path: Path, count: int) -> Take:
    """The first `count` frames of a video."""
    source = streamdepth.open_source(str(path))
    frames: list[Frame] = []
    while len(frames) < count and (frame := source.read()) is not None:
        frames.append(frame)
    source.close()
    maps = [engine.estimate(frame.bgr).values for frame in frames]
    low = [cv2.GaussianBlur(frame.bgr[:, :, 1], (0, 0), 1.5) for frame in frames]
    shape = maps[0].shape[::-1]
    shots, still = Shots(), []
    starts = [shots(frame).starts for frame in frames]
    for (a, b), cut in zip(pairwise(low), starts[1:], strict=True):
        same = cv2.erode((cv2.absdiff(a, b) < 3).astype(np.uint8), np.ones((5, 5)))
        still.append((cv2.resize(same, shape, interpolation=cv2.INTER_NEAREST) > 0) & (not cut))
    return Take(frames, maps, still, [])


def stabilised(take: Take) -> list[Map]:
    """The maps as they are shown."""
    shots, stabiliser = Shots(), Stabiliser()
    pairs = zip(take.frames, take.maps, strict=True)
    return [stabiliser(frame, DepthMap(values), shots(frame)).values for frame, values in pairs]


def by_frame(maps: Sequence[Map]) -> list[DepthRange]:
    """Minimum and maximum of each map: what is usually done."""
    return [DepthRange(float(values.min()), float(values.max())) for values in maps]


def by_percentiles(take: Take, maps: Sequence[Map]) -> list[DepthRange]:
    """Percentiles, smoothed over time."""
    shots, scale = Shots(), MovingRange()
    pairs = zip(take.frames, maps, strict=True)
    return [scale(percentile_range(values), shots(frame)) for frame, values in pairs]


def coloured(maps: Sequence[Map], spans: Sequence[DepthRange]) -> list[NDArray[np.uint8]]:
    """The maps in colour, in their own size."""
    table = lookup_table("inferno")
    pairs = zip(maps, spans, strict=True)
    drawn = (cv2.applyColorMap(normalise(values, span, values.shape[::-1]), table) for values, span in pairs)
    return [np.asarray(picture, np.uint8) for picture in drawn]


def flicker(images: Sequence[NDArray[np.uint8]], still: Sequence[Mask]) -> float:
    """Mean change of a still pixel from frame to frame."""
    changes = [
        cv2.absdiff(a, b)[mask].mean()
        for (a, b), mask in zip(pairwise(images), still, strict=True)
        if mask.any()
    ]
    return float(np.mean(changes))


def flicker_of(take: Take) -> dict[str, float]:
    """By per-frame minimum and maximum, by percentiles alone, and stabilised."""
    steady = stabilised(take)
    return {
        "per-frame min/max": flicker(coloured(take.maps, by_frame(take.maps)), take.still),
        "percentile range": flicker(coloured(take.maps, by_percentiles(take, take.maps)), take.still),
        "stabilised": flicker(coloured(steady, by_percentiles(take, steady)), take.still),
    }


def edge_lag(take: Take, longest: int = 5, shown: list[Map] | None = None) -> int:
    """Frames by which depth as shown is behind the network's on moving pixels: the best match of 0 to `longest`."""
    steady, errors = shown or stabilised(take), np.zeros(longest + 1)
    for now in range(longest + 1, len(steady)):
        moving = ~take.still[now - 1]
        for lag in range(longest + 1):
            fit = np.polyfit(take.maps[now - lag].ravel(), steady[now].ravel(), 1)
            errors[lag] += np.abs(np.polyval(fit, take.maps[now - lag]) - steady[now])[moving].mean()
    return int(errors.argmin())


def left_of_the_old(take: Take, start: int) -> list[float]:
    """For each frame from `start` on, where motion begins: the share of old depth in what moved pixels show.

    Moved is a pixel whose depth by the network differs from before by a tenth of the range and more, once the map is
    brought to the units of what is shown by the pixels whose true depth is as before.
    """
    steady, shares = stabilised(take), []
    old = np.mean(steady[start - 15 : start], axis=0)
    span = percentile_range(old)
    for now in range(start, len(steady)):
        same = take.true[now] == take.true[start - 1]
        new = np.polyval(np.polyfit(take.maps[now][same], steady[now][same], 1), take.maps[now])
        moved = (np.abs(new - old) > 0.1 * (span.high - span.low)) & ~same
        if moved.sum() > 50:
            shares.append(float(np.abs(steady[now] - new)[moved].mean() / np.abs(old - new)[moved].mean()))
        else:
            shares.append(float("nan"))
    return shares


def seconds_to_new_depth(shares: Sequence[float], little: float = 0.25) -> float:
    """Seconds from the first frame with motion that can be seen to the first with little old depth in it."""
    seen = [share for share in shares if not np.isnan(share)]
    return next((index / RATE for index, share in enumerate(seen) if share < little), float("inf"))


def trace_of_old_range(before: Take, after: Take) -> float:
    """Share of the old range and depth in the first frame after a cut from one clip to another: 0 is none."""
    stream = [*before.frames, after.frames[0]]
    maps = [*before.maps, resized(after.maps[0], before.maps[0].shape[::-1], cv2.INTER_LINEAR)]
    frames = [Frame(i, Fraction(i, RATE), 0.0, frame.picture) for i, frame in enumerate(stream)]
    joined = Take(frames, maps, [], [])
    steady = stabilised(joined)
    shown, alone = by_percentiles(joined, steady)[-1], percentile_range(maps[-1])
    off = abs(shown.low - alone.low) + abs(shown.high - alone.high)
    return off / (alone.high - alone.low) + float(np.abs(steady[-1] - maps[-1]).max())


def delta_1(take: Take, maps: Sequence[Map]) -> float:
    """Mean share of pixels within 25 percent of the true depth, after the best scale and shift."""
    pairs = zip(maps, take.true, strict=True)
    return mean_scores(
        [evaluate(values, 1 / np.maximum(true, 1e-6), cap=CAP) for values, true in pairs]
    ).delta_1


def core_ms(rounds: int = 300) -> float:
    """Median core time of the stabiliser for one 256x256 map of a 1280x720 picture."""
    random, scene = np.random.default_rng(0), DemoScene(1280, 720, Fraction(RATE), 1, noise=NOISE)
    frames = [scene.read() for _ in range(10)]
    maps = [random.random((256, 256), np.float32) for _ in frames]
    stabiliser, times = Stabiliser(), []
    for index in range(rounds):
        frame, depth = frames[index % 10], DepthMap(maps[index % 10])
        assert frame is not None
        begin = time.thread_time()
        stabiliser(frame, depth, Step(1 / RATE, starts=index == 0))
        times.append(time.thread_time() - begin)
    return statistics.median(times) * 1000


def write_strip(path: Path, take: Take, columns: Callable[[int], Sequence[int]]) -> None:
    """Rows: picture, per-frame, percentiles, stabilised, and the change of each of the three, eight times as bright."""
    steady, shown = stabilised(take), columns(len(take.frames))
    size = take.maps[0].shape[::-1]
    looks = [
        coloured(take.maps, by_frame(take.maps)),
        coloured(take.maps, by_percentiles(take, take.maps)),
        coloured(steady, by_percentiles(take, steady)),
    ]
    rows = [[cv2.resize(take.frames[index].bgr, size, interpolation=cv2.INTER_AREA) for index in shown]]
    rows += [[images[index] for index in shown] for images in looks]
    rows += [
        [cv2.convertScaleAbs(cv2.absdiff(images[i], images[i - 1]), alpha=8) for i in shown]
        for images in looks
    ]
    cv2.imwrite(str(path), np.vstack([np.hstack(row) for row in rows]))


def shown_ahead(take: Take, seconds: Fraction) -> list[ScaledDepth]:
    """What is shown where so much is looked ahead."""
    horizon = Horizon(seconds, math.ceil(seconds * RATE))
    stream = DepthStream(MovingRange(), Stabiliser(), horizon=horizon)
    pairs = zip(take.frames, take.maps, strict=True)
    estimates = [Estimate(frame, DepthMap(values), 0.0) for frame, values in pairs]
    return [stream.take(one) for one in in_view(estimates, stream.foresee, lambda: stream.knows_next)]


def steadiness_ahead(take: Take, seconds: Fraction) -> tuple[float, float, float]:
    """Flicker; change of the range from picture to picture, and its distance from that of the map, both in percent."""
    shown = shown_ahead(take, seconds)
    maps, spans = [one.depth.values for one in shown], [one.span for one in shown]
    ends = np.array([(span.low, span.high) for span in spans])
    own = np.array([(span.low, span.high) for span in map(percentile_range, maps)])
    width = float(np.mean(ends[:, 1] - ends[:, 0])) / 100
    change = float(np.abs(np.diff(ends, axis=0)).sum(1).mean()) / width
    return flicker(coloured(maps, spans), take.still), change, float(np.abs(ends - own).sum(1).mean()) / width


def change_of_written(take: Take) -> tuple[float, float]:
    """Mean change of a still pixel in the picture, and in the values of `--depth-output`, which have one scale.

    Both in 255ths of the range in which they are seen: that of each picture, and that of the whole clip.
    """
    shown = shown_ahead(take, Fraction(1))
    maps = [one.depth.values for one in shown]
    pictures = [(one.depth.values - one.span.low) / (one.span.high - one.span.low) for one in shown]
    low, high = np.quantile(maps, (0.02, 0.98))
    numbers = [(values - low) / (high - low) for values in maps]
    return _change(pictures, take.still), _change(numbers, take.still)


def _change(maps: Sequence[Map], still: Sequence[Mask]) -> float:
    pairs = zip(pairwise(maps), still, strict=True)
    return 255 * statistics.mean(float(np.abs(b - a)[mask].mean()) for (a, b), mask in pairs if mask.any())


def outlines_left(maps: Sequence[Map], shown: Sequence[Map]) -> float:
    """Percent of the slopes of what is shown that the network's own map has nowhere within 3 pixels.

    Those are outlines of where an edge was, and seams. `maps` and `shown` are (h, w) float32, one of each for each
    picture; slopes are counted in the units of what is shown, those below half a percent of its range are none.
    """
    left = total = 0.0
    for given, seen in zip(maps, shown, strict=True):
        line, span = least_squares(given, seen), percentile_range(seen)
        width = span.high - span.low
        own = cv2.dilate(_slope(given) * np.float32(line.scale), np.ones((7, 7), np.uint8))
        slope = _slope(seen)
        left += float(np.maximum(slope - own - 0.005 * width, 0).sum()) / width
        total += float(slope.sum()) / width
    return 100 * left / total


def _slope(values: Map) -> Map:
    across, down = (cv2.Sobel(values, cv2.CV_32F, *one, scale=1 / 8) for one in ((1, 0), (0, 1)))
    return np.asarray(cv2.magnitude(across, down), np.float32)


def print_outlines(name: str, take: Take) -> None:
    """Print what is left of where edges were, live and with a second looked ahead."""
    ahead = [one.depth.values for one in shown_ahead(take, Fraction(1))]
    live = stabilised(take)
    print(
        f"  {name:<16} outlines of where edges were: {outlines_left(take.maps, live):.2f} % of all slopes, "
        f"a second looked ahead {outlines_left(take.maps, ahead):.2f} %"
    )


def print_written(name: str, take: Take) -> None:
    """Print how still the written values are beside the picture."""
    picture, numbers = change_of_written(take)
    print(
        f"  {name:<16} picture {picture:.3f}, --depth-output {numbers:.3f}: {numbers / picture:.2f} (at most 1.2)"
    )


def part_of(take: Take, begin: int, end: int) -> Take:
    """Some of its frames, as if there were a cut before them."""
    true = take.true[begin:end]
    return Take(take.frames[begin:end], take.maps[begin:end], take.still[begin : end - 1], true)


def first_second(take: Take, seconds: Fraction) -> float:
    """Flicker within a second after a cut, the mean of several places; what follows is looked at as well."""
    found = []
    for begin in range(0, len(take.frames) - 2 * RATE, RATE // 2):
        part = part_of(take, begin, begin + 2 * RATE)
        shown = shown_ahead(part, seconds)[:RATE]
        images = coloured([one.depth.values for one in shown], [one.span for one in shown])
        found.append(flicker(images, part.still[: RATE - 1]))
    return statistics.mean(found) if found else math.nan


def print_ahead(name: str, take: Take) -> None:
    """Print what looking ahead brings to one clip."""
    for seconds in (Fraction(0), Fraction(1, 5), Fraction(1, 2), Fraction(1)):
        still, change, distance = steadiness_ahead(take, seconds)
        print(
            f"  {name:<16} {float(seconds):.1f} s ahead: flicker {still:6.3f}, range changes by {change:.3f} %, is "
            f"{distance:5.2f} % off; first second of a shot {first_second(take, seconds):6.3f}"
        )


def print_flicker(name: str, take: Take) -> None:
    """Print what was found for one clip."""
    found = flicker_of(take)
    for look, value in found.items():
        print(f"  {name:<16} {look:<20} {value:7.3f}   {found['per-frame min/max'] / value:5.1f}x steadier")


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="nano")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--clip", type=Path)
    parser.add_argument("--frames", type=int, default=120)
    parser.add_argument("--strip", type=Path)
    wanted = parser.parse_args()
    cv2.setNumThreads(1)
    engine = streamdepth.load_engine(model=wanted.model, size=wanted.size)
    demo = demo_take(engine, range(wanted.frames))
    clip = clip_take(engine, wanted.clip, wanted.frames) if wanted.clip else None
    print(
        f"{engine.name} {wanted.size}, {wanted.frames} frames at {RATE}/s; flicker of still pixels, 0 to 255:"
    )
    print_flicker("demo scene", demo)
    if clip is not None and wanted.clip is not None:
        print_flicker(wanted.clip.name, clip)
    print_ahead("demo scene", demo)
    if clip is not None and wanted.clip is not None:
        print_ahead(wanted.clip.name, clip)
    print_outlines("demo scene", demo)
    if clip is not None and wanted.clip is not None:
        print_outlines(wanted.clip.name, clip)
    print_written("demo scene", demo)
    if clip is not None and wanted.clip is not None:
        print_written(wanted.clip.name, clip)
    print(f"edge lag on moving pixels: {edge_lag(demo)} frames")
    shares = left_of_the_old(demo_take(engine, [0] * 60 + list(range(1, 16))), 60)
    print(f"a still thing starts to move: new depth after {seconds_to_new_depth(shares):.2f} s")
    if clip is not None:
        print(
            f"trace of the old range and depth in the first frame after a cut: {trace_of_old_range(demo, clip)}"
        )
    print(
        f"delta < 1.25: raw {delta_1(demo, demo.maps):.4f}, stabilised {delta_1(demo, stabilised(demo)):.4f}"
    )
    ahead = [one.depth.values for one in shown_ahead(demo, Fraction(1))]
    print(
        f"a second looked ahead: delta < 1.25 {delta_1(demo, ahead):.4f}, edge lag {edge_lag(demo, shown=ahead)}"
    )
    print(f"cost of a 256x256 map: {core_ms():.2f} core-ms")
    if wanted.strip is not None:
        write_strip(wanted.strip, clip or demo, lambda count: range(count // 2, count // 2 + 5))


if __name__ == "__main__":
    main()
