"""A judged picture to look at: colour, prediction, truth and error side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.evaluation.judge import Judged
from streamdepth.imaging.text import put_text
from streamdepth.pixels import BGRImage

TILE_WIDTH = 320
COLUMNS = ("colour", "prediction, aligned", "truth", "error: blue too near, red too far")
FULL_ERROR = 1.5
"""Ratio of predicted to true depth, or its inverse, at which the error's colour is full."""
_UNKNOWN = 60
_LEAST_SHARE = 0.01
_BAR = 26
_LETTERS = 13

Array = NDArray[Any]


def draw_sheet(pictures: Sequence[Judged]) -> BGRImage:
    """(H, 4 * TILE_WIDTH, 3) uint8 BGR: a heading, then a row a picture."""
    heading = np.hstack([_bar(title, TILE_WIDTH) for title in COLUMNS])
    return np.vstack([heading, *(draw_row(picture) for picture in pictures)])


def draw_row(judged: Judged) -> BGRImage:
    """The four tiles of one picture under a line with its name and scores."""
    height, width = judged.truth.shape
    size = (TILE_WIDTH, max(1, round(height * TILE_WIDTH / width)))
    predicted = _resized(judged.predicted, size)
    truth, known = _known_in(judged, size)
    tiles = [
        _resized(judged.colour, size),
        *_depth_tiles(predicted, truth, known, _near_and_far(judged)),
        _error_tile(predicted, truth, known),
    ]
    return np.vstack([_bar(_caption(judged), TILE_WIDTH * len(tiles)), np.hstack(tiles)])


def depth_colours(depth: Array, limits: tuple[float, float]) -> BGRImage:
    """(H, W, 3) uint8 BGR of positive (H, W) depth in metres: inverse depth between `limits`, near is bright."""
    far, near = limits
    level = np.clip((1 / depth - far) / (near - far) * 255, 0, 255).astype(np.uint8)
    return np.asarray(cv2.applyColorMap(level, cv2.COLORMAP_INFERNO), np.uint8)


def error_colours(predicted: Array, truth: Array) -> BGRImage:
    """(H, W, 3) uint8 BGR of positive depths: white is right, blue too near, red too far, full at `FULL_ERROR`."""
    error = np.clip(np.log(predicted / truth) / np.log(FULL_ERROR), -1, 1)
    channels = [1 - np.maximum(error, 0), 1 - np.abs(error), 1 - np.maximum(-error, 0)]
    return np.asarray(np.stack(channels, axis=-1) * 255, np.uint8)


def _depth_tiles(
    predicted: Array, truth: Array, known: Array, limits: tuple[float, float]
) -> tuple[BGRImage, BGRImage]:
    shown = depth_colours(truth, limits)
    shown[~known] = _UNKNOWN
    return depth_colours(predicted, limits), shown


def _error_tile(predicted: Array, truth: Array, known: Array) -> BGRImage:
    tile = error_colours(predicted, truth)
    tile[~known] = _UNKNOWN
    return tile


def _near_and_far(judged: Judged) -> tuple[float, float]:
    """True inverse depth at the 2nd and 98th percentile: one range for prediction and truth."""
    far, near = np.percentile(1 / judged.truth[judged.known], (2, 98))
    return float(far), float(max(near, far * 1.01))


def _caption(judged: Judged) -> str:
    verdict = judged.verdict
    return (
        f"{verdict.pair.colour.name}    delta > 1.25: {verdict.scores.bad_percent:.1f} %"
        f" (row baseline {verdict.baseline.bad_percent:.1f} %)    AbsRel {verdict.scores.abs_rel:.3f}"
        f"    RMSE {verdict.scores.rmse:.2f} m"
    )


def _known_in(judged: Judged, size: tuple[int, int]) -> tuple[Array, Array]:
    """Truth in the `size` of a tile, the mean of the readings under each pixel, and where there is one at all.

    A laser's readings are few: were they picked, not gathered, a small picture would show hardly any.
    """
    share = _resized(judged.known.astype(np.float64), size)
    known = share > _LEAST_SHARE
    total = _resized(np.where(judged.known, judged.truth, 0).astype(np.float64), size)
    return np.divide(total, share, out=np.ones_like(total), where=known), known


def _resized(values: Array, size: tuple[int, int]) -> Array:
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA))


def _bar(text: str, width: int) -> BGRImage:
    bar = np.full((_BAR, width, 3), 24, np.uint8)
    put_text(bar, text, 8, _BAR - 8, _LETTERS)
    return bar
