"""What a picture takes without a service, for serve.py: its steps alone, and on all cores at the same time."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Barrier

import cv2
import numpy as np

import streamdepth
from streamdepth.engine import Engine
from streamdepth.imaging.palette_png import palette_png
from streamdepth.pixels import Picture
from streamdepth.rendering.colormaps import lookup_table
from streamdepth.rendering.normalise import normalise
from streamdepth.rendering.range import percentile_range
from streamdepth.server.pictures import Upload, decode

WIDTH, HEIGHT = 1280, 720
CORES = len(os.sched_getaffinity(0))
PATIENCE = 300.0
"""Seconds until all processes have loaded the network."""


def pictures(wanted: int, clip: str) -> list[bytes]:
    """Distinct JPEGs of frames of a clip, with the noise of a camera."""
    source = streamdepth.open_source(clip)
    noise = np.random.default_rng(0)
    found: list[bytes] = []
    while len(found) < wanted and (frame := source.read()) is not None:
        image = cv2.resize(frame.bgr, (WIDTH, HEIGHT)).astype(np.int16)
        image += noise.integers(-4, 5, image.shape, dtype=np.int16)
        found.append(bytes(cv2.imencode(".jpg", np.clip(image, 0, 255).astype(np.uint8))[1]))
    source.close()
    return found


def alone(engine: Engine, data: list[bytes]) -> dict[str, float]:
    """Milliseconds of CPU of each step, alone in one thread."""
    lane = engine.lanes_of(CORES)[0]
    table = lookup_table("inferno")
    lane.warm_up(WIDTH, HEIGHT)
    spent = {"decode": 0.0, "inference": 0.0, "png": 0.0}
    for jpeg in data:
        at = time.thread_time()
        _, picture = decode(Upload(jpeg), lane, WIDTH * HEIGHT, whole=False)
        spent["decode"] += time.thread_time() - at
        at = time.process_time()
        values = lane.estimate_picture(Picture.of_bgr(picture.bgr)).values
        spent["inference"] += time.process_time() - at
        at = time.thread_time()
        palette_png(normalise(values, percentile_range(values), (WIDTH, HEIGHT)), table)
        spent["png"] += time.thread_time() - at
    return {step: 1000 * seconds / len(data) for step, seconds in spent.items()}


class AllAtOnce:
    """The steps on all cores at the same time, a process each: what they take beside each other is the machine's."""

    def __init__(self, wanted: argparse.Namespace) -> None:
        context = multiprocessing.get_context("spawn")
        self._processes = ProcessPoolExecutor(
            CORES, context, initializer=_load, initargs=(wanted, context.Barrier(CORES))
        )

    def steps(self) -> float:
        """Milliseconds of CPU of all steps of a picture, as the mean of the processes."""
        found = [future.result() for future in [self._processes.submit(_alone) for _ in range(CORES)]]
        return sum(found) / CORES

    def close(self) -> None:
        """End the processes."""
        self._processes.shutdown()


_LOADED: list[tuple[Engine, list[bytes], Barrier]] = []
"""In a process of `AllAtOnce`."""


def _load(wanted: argparse.Namespace, all_are_there: Barrier) -> None:
    cv2.setNumThreads(1)
    data = pictures(wanted.pictures, wanted.clip)
    _LOADED.append((streamdepth.load_engine(wanted.model, engine=wanted.engine), data, all_are_there))


def _alone() -> float:
    engine, data, all_are_there = _LOADED[0]
    all_are_there.wait(PATIENCE)
    return sum(alone(engine, data).values())
