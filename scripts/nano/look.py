#!/usr/bin/env python3
"""Judge weights of nano: scores on real sets that nothing was learnt from, and contact sheets of clips.

    scripts/nano/look.py nano.safetensors --shared ../shared --sizes 256,384
    scripts/nano/look.py before.safetensors after.safetensors --clips ../shared/media --sheet sheet.png
    scripts/nano/look.py before.safetensors after.safetensors --shared ../shared --frames sheet.jpg

A sheet shows a still a row: colour, then the depth of each network, near is bright. One of frames has the true depth
between them, and the frame of each set that the last network reads best, and the one that it reads worst.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import torch
from cyclopts import App
from learning.judge import baseline, held_out, judge, predict
from learning.mix import HELD_OUT, Frame
from numpy.typing import NDArray

from streamdepth.errors import StreamdepthError
from streamdepth.evaluation.metrics import evaluate, fit_depth, known_depth
from streamdepth.evaluation.sheet import depth_colours
from streamdepth.imaging.text import put_text
from streamdepth.models.networks.nano import Nano
from streamdepth.models.networks.nano_files import read_weights

Image = NDArray[np.uint8]
_UNKNOWN = 60
app = App(help=__doc__)


@app.default
def look(
    *models: Path,
    shared: Path | None = None,
    sizes: str = "256",
    clips: Path | None = None,
    sheet: Path | None = None,
    frames: Path | None = None,
    width: int = 320,
) -> None:
    """Print delta > 1.25 in percent of each set, and draw sheets of stills and of frames."""
    torch.set_num_threads(1)
    networks = [read_weights(path) for path in models]
    if shared:
        sets = held_out(shared)
        print("row baseline", scores_line(baseline(sets)))
        for path, network in zip(models, networks, strict=True):
            for size in map(int, sizes.split(",")):
                print(path, size, scores_line(judge(network, sets, size)), flush=True)
        if frames:
            rows = [
                framed_row(frame, networks)
                for name in HELD_OUT
                for frame in extremes(networks[-1], sets[name])
            ]
            cv2.imwrite(str(frames), _grid(rows, width))
    if sheet and clips:
        stills = [still for clip in sorted(clips.glob("*.mp4")) for still in _stills(clip)]
        rows = [
            [still, *(_inferno(predict(network, still, 256)) for network in networks)] for still in stills
        ]
        cv2.imwrite(str(sheet), _grid(rows, width))


def extremes(network: Nano, frames: list[Frame]) -> list[Frame]:
    """The frames of a set that the network reads best and worst."""
    scores = [evaluate(predict(network, colour, 256), depth).bad_percent for colour, depth in frames]
    return [frames[int(np.argmin(scores))], frames[int(np.argmax(scores))]]


def framed_row(frame: Frame, networks: list[Nano]) -> list[Image]:
    """Colour, true depth, and the depth of each network under its score, all in the colours of the truth's range."""
    colour, depth = frame
    known = known_depth(depth, 10.0)
    far, near = (float(value) for value in np.percentile(1 / depth[known], (2, 98)))
    truth = depth_colours(np.where(known, depth, 1.0), (far, near))
    truth[~known] = _UNKNOWN
    tiles = [np.asarray(colour, np.uint8), np.asarray(truth, np.uint8)]
    for network in networks:
        relative = predict(network, colour, 256)
        tile = np.asarray(depth_colours(fit_depth(relative, depth), (far, near)), np.uint8)
        put_text(tile, f"{evaluate(relative, depth).bad_percent:.0f} %", 12, 40, 32)
        tiles.append(tile)
    return tiles


def _grid(rows: list[list[Image]], width: int) -> Image:
    return np.vstack([np.hstack([_small(tile, width) for tile in row]) for row in rows])


def scores_line(scores: dict[str, float]) -> str:
    """Scores of sets by name and their mean, in percent."""
    mean = sum(scores.values()) / len(scores)
    return "  ".join([*(f"{name} {value:.1f}" for name, value in scores.items()), f"mean {mean:.1f}"])


def _stills(clip: Path, count: int = 2) -> list[Image]:
    """Frames at even distances of a clip."""
    capture = cv2.VideoCapture(str(clip))
    total = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    frames = [np.asarray(capture.read()[1], np.uint8) for _ in range(total)]
    capture.release()
    return [frames[(2 * index + 1) * total // (2 * count)] for index in range(count)]


def _inferno(depth: NDArray[np.float32]) -> Image:
    low, high = np.percentile(depth, (2, 98))
    level = np.clip((depth - low) / max(high - low, 1e-6) * 255, 0, 255).astype(np.uint8)
    return np.asarray(cv2.applyColorMap(level, cv2.COLORMAP_INFERNO), np.uint8)


def _small(picture: Image, width: int) -> Image:
    height = round(picture.shape[0] * width / picture.shape[1])
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


if __name__ == "__main__":
    try:
        app()
    except StreamdepthError as error:
        sys.exit(f"look: error: {error}")
