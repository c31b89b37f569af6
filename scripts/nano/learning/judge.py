"""Scores of a network on sets that nothing was learnt from, each by itself."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from learning.mix import HELD_OUT, Frame, read_set
from streamdepth.depthfiles.units import DepthKind, DepthUnit
from streamdepth.evaluation.metrics import evaluate, row_baseline
from streamdepth.evaluation.rgbd import RgbdPair, load_pair
from streamdepth.models.networks.nano import Nano
from streamdepth.models.preprocess import input_size, prepare
from streamdepth.models.registry import NANO
from streamdepth.pixels import BGRImage

_DEV = DepthUnit(DepthKind.MILLIMETRES)


def held_out(shared: Path) -> dict[str, list[Frame]]:
    """Sets to judge by: those of rgbd_train that are held out, and rgbd_dev."""
    sets = {name: read_set(shared / "rgbd_train" / name) for name in HELD_OUT}
    dev = shared / "rgbd_dev"
    pairs = (
        RgbdPair(path, dev / path.name.replace("color", "depth_mm"), unit=_DEV)
        for path in sorted(dev.glob("color_*.png"))
    )
    return sets | {"rgbd_dev": [load_pair(pair)[:2] for pair in pairs]}


def judge(network: Nano, sets: dict[str, list[Frame]], size: int = 256) -> dict[str, float]:
    """Mean delta > 1.25 in percent of each set, pictures `size` wide, cap 10 m."""
    return {name: bad(network, frames, size) for name, frames in sets.items()}


def bad(network: Nano, frames: Iterable[Frame], size: int) -> float:
    """Mean delta > 1.25 in percent."""
    return float(np.mean([evaluate(predict(network, bgr, size), depth).bad_percent for bgr, depth in frames]))


def baseline(sets: dict[str, list[Frame]]) -> dict[str, float]:
    """The same of "inverse depth is linear in the image row"."""
    return {
        name: float(np.mean([evaluate(row_baseline(*depth.shape), depth).bad_percent for _, depth in frames]))
        for name, frames in sets.items()
    }


@torch.inference_mode()
def predict(network: Nano, bgr: BGRImage, size: int) -> NDArray[np.float32]:
    """(H, W) inverse relative depth of a BGR picture."""
    height, width = bgr.shape[:2]
    inner = input_size(width, height, size, NANO.stride)
    depth = network(torch.from_numpy(prepare(bgr, inner, NANO.mean, NANO.std, NANO.resampling)))[0].numpy()
    return np.asarray(cv2.resize(depth, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
