#!/usr/bin/env python
"""What one picture costs in each stage but inference and codecs: core-milliseconds at 1280x720, median of many.

    .venv/bin/python scripts/bench/stages.py

Thread time of one core is measured, so that other work on the machine does not count; OpenCV runs on one thread.
Each stage is shown for a picture that came as BGR, as from a camera, and as planes, as from a decoder; then the whole
way from decoder to encoder, all on planes beside all in BGR.
"""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import partial
from itertools import count

import cv2
import numpy as np

from streamdepth import DepthMap, Estimate, Frame, Picture, Renderer
from streamdepth.models.preprocess import prepare
from streamdepth.models.registry import MIDAS_SMALL, NANO, ModelCard
from streamdepth.pixels import I420, BGRImage, ColourMatrix, bgr_to_i420, i420_to_bgr, sampled_i420
from streamdepth.rendering import LAYOUTS, DepthRange, FixedRange, HudFigures, Look, MovingRange
from streamdepth.rendering.range import percentile_range
from streamdepth.rendering.shots import Step
from streamdepth.rendering.stabilise.stabiliser import Stabiliser
from streamdepth.rendering.stream import DepthStream
from streamdepth.sources.demo.source import DemoScene

ROUNDS = 200
SIZE = (1280, 720)
NETWORK = (256, 128)
STEP = Step(1 / 30, starts=False)


def core_ms(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        begin = time.thread_time()
        work()
        times.append(time.thread_time() - begin)
    return statistics.median(times) * 1000


def estimate_of(picture: Picture, depth: DepthMap) -> Estimate:
    return Estimate(Frame(0, Fraction(0), 0.0, picture), depth, 0.0)


def network_input(picture: Picture, card: ModelCard) -> Callable[[], object]:
    buffer = prepare(picture, NETWORK, card.mean, card.std, card.resampling)
    return lambda: prepare(picture, NETWORK, card.mean, card.std, card.resampling, buffer)


def renderers() -> dict[str, Renderer]:
    return {
        **{layout: Renderer(layout, stabilise=False) for layout in LAYOUTS},
        "overlay, refined": Renderer(look=Look(refine=True), stabilise=False),
        "overlay with legend and HUD": Renderer(
            look=Look(legend=True), hud=lambda: HudFigures(30, 0.03, 0), stabilise=False
        ),
    }


def through_planes(
    planes: I420, depth: DepthMap, card: ModelCard, renderer: Renderer
) -> Callable[[], object]:
    """From decoder to encoder, inference left out."""
    buffer = prepare(Picture.of_i420(planes), NETWORK, card.mean, card.std, card.resampling)

    def work() -> object:
        picture = Picture.of_i420(planes)
        prepare(picture, NETWORK, card.mean, card.std, card.resampling, buffer)
        return renderer(estimate_of(picture, depth)).picture.i420

    return work


def through_bgr(planes: I420, depth: DepthMap, card: ModelCard, renderer: Renderer) -> Callable[[], object]:
    """The same as everybody does it: BGR once decoded, planes again for the encoder."""
    buffer = prepare(Picture.of_i420(planes), NETWORK, card.mean, card.std, card.resampling)

    def work() -> object:
        picture = Picture.of_bgr(i420_to_bgr(planes))
        prepare(picture, NETWORK, card.mean, card.std, card.resampling, buffer)
        return renderer(estimate_of(picture, depth)).picture.i420

    return work


def through_camera(
    image: BGRImage, depth: DepthMap, card: ModelCard, renderer: Renderer
) -> Callable[[], object]:
    """The same for what a camera's driver gives: planes at once, and for a window BGR again."""
    buffer = prepare(Picture.of_bgr(image), NETWORK, card.mean, card.std, card.resampling)

    def work() -> object:
        picture = Picture.of_i420(sampled_i420(image))
        prepare(picture, NETWORK, card.mean, card.std, card.resampling, buffer)
        rendered = renderer(estimate_of(picture, depth)).picture
        return rendered.i420, rendered.bgr

    return work


def show_stages(image: BGRImage, planes: I420, depth: DepthMap) -> None:
    print("   BGR  planes  stage")
    came = [Picture.of_bgr(image), Picture.of_i420(planes)]
    for name, card in (("midas-small (cubic)", MIDAS_SMALL), ("nano (area)", NANO)):
        costs = [core_ms(network_input(picture, card)) for picture in came]
        print(f"{costs[0]:6.2f}  {costs[1]:6.2f}  input of {name}")
    scale = MovingRange()
    costs = [core_ms(lambda: scale(percentile_range(depth.values), STEP)) for _ in came]
    print("{:6.2f}  {:6.2f}  depth range (in each of the following too)".format(*costs))
    for name, renderer in renderers().items():
        costs = [core_ms(partial(renderer, estimate_of(picture, depth))) for picture in came]
        print(f"{costs[0]:6.2f}  {costs[1]:6.2f}  {name}")


def true_depth(scene: DemoScene, size: tuple[int, int]) -> DepthMap:
    return DepthMap(np.asarray(cv2.resize(scene.true_inverse_depth(0), size), np.float32))


def show_depth_steps(frame: Frame, scene: DemoScene) -> None:
    square = true_depth(scene, (256, 256))
    stabiliser, stream = Stabiliser(), DepthStream(FixedRange(DepthRange(0, 1)))
    stream.take(Estimate(frame, square, 0.0))
    print(
        f"{core_ms(lambda: stabiliser(frame, square, STEP)):6.2f}          depth steadied, 256x256, a still map"
    )
    print(f"{core_ms(lambda: stream.between(frame)):6.2f}          motion since the last depth, depth moved")


def show_conversions(image: BGRImage, planes: I420) -> None:
    hd = replace(planes, matrix=ColourMatrix.BT709)
    print(f"{core_ms(lambda: i420_to_bgr(planes)):6.2f}          planes to BGR, BT.601")
    print(f"{core_ms(lambda: i420_to_bgr(hd)):6.2f}          planes to BGR, BT.709")
    print(f"{core_ms(lambda: Picture.of_bgr(image).i420):6.2f}          BGR to planes")


def show_whole_way(planes: I420, depth: DepthMap) -> None:
    print("   BGR  planes  all but decoder, inference and encoder")
    for matrix in (ColourMatrix.BT601, ColourMatrix.BT709):
        for name, card in (("midas-small", MIDAS_SMALL), ("nano", NANO)):
            for layout in LAYOUTS:
                ways = [
                    way(replace(planes, matrix=matrix), depth, card, Renderer(layout))
                    for way in (through_bgr, through_planes)
                ]
                first, second = map(core_ms, ways)
                print(f"{first:6.2f}  {second:6.2f}  {layout}, {name}, {matrix.name}")


def show_camera_way(image: BGRImage, depth: DepthMap) -> None:
    print("        planes  all from a camera's driver to encoder and window, inference left out")
    for name, card in (("midas-small", MIDAS_SMALL), ("nano", NANO)):
        print(f"        {core_ms(through_camera(image, depth, card, Renderer())):6.2f}  overlay, {name}")


def main() -> None:
    cv2.setNumThreads(1)
    scene = DemoScene(*SIZE, Fraction(30), None)
    noisy = DemoScene(*SIZE, Fraction(30), None, noise=4.0)
    slots, noisy_slots = count(), count()
    image = scene.draw(0)
    depth = true_depth(scene, NETWORK)
    planes = bgr_to_i420(image)
    print(f"{platform.processor() or platform.machine()}, {date.today()}, core-ms at {SIZE[0]}x{SIZE[1]}")
    print(f"{core_ms(lambda: scene.draw(next(slots))):6.2f}          demo scene, drawn")
    print(f"{core_ms(lambda: noisy.draw(next(noisy_slots))):6.2f}          demo scene with sensor noise")
    show_conversions(image, planes)
    show_stages(image, planes, depth)
    noisy_frame = noisy.read()
    assert noisy_frame is not None
    show_depth_steps(noisy_frame, scene)
    show_whole_way(planes, depth)
    show_camera_way(image, depth)


if __name__ == "__main__":
    main()
