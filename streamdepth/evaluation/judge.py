"""An engine against pictures with true depth: each one judged, and what came of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import SourceError
from streamdepth.evaluation.metrics import (
    Scores,
    compare,
    evaluate,
    fit,
    known_depth,
    mean_scores,
    row_baseline,
)
from streamdepth.evaluation.rgbd import RgbdPair, load_pair
from streamdepth.frames import DepthMap
from streamdepth.pixels import BGRImage
from streamdepth.protocols import DepthEngine
from streamdepth.values import dataclass


class Subject(Protocol):
    """What is judged: an engine, or depth that was written with one."""

    @property
    def name(self) -> str:
        """Of the model, or of the files."""

    @property
    def sha256(self) -> str:
        """Of the weights, in hexadecimal; empty where it is not known."""

    @property
    def size(self) -> int:
        """The longer side of the network's input in pixels; 0 where it is not known."""

    @property
    def runtime_name(self) -> str:
        """As `--engine` calls it."""

    @property
    def precision(self) -> str:
        """As `--precision` calls it."""


@dataclass(frozen=True)
class Verdict:
    """The scores of one picture."""

    pair: RgbdPair
    scores: Scores
    baseline: Scores
    """Of inverse depth as a linear function of the image row, aligned in the same way."""


@dataclass(frozen=True)
class Truth:
    """Which distances true depth holds, in metres, those beyond the cap as well: a wrong unit shows there first."""

    nearest: float
    farthest: float
    beyond_cap: float
    """Share of the readings; of several pictures the mean."""

    @classmethod
    def of_all(cls, pictures: Sequence[Truth]) -> Truth:
        """Of one picture or more."""
        return cls(
            min(one.nearest for one in pictures),
            max(one.farthest for one in pictures),
            sum(one.beyond_cap for one in pictures) / len(pictures),
        )


@dataclass(frozen=True, eq=False)
class Judged:
    """A picture with everything there is to show of it."""

    verdict: Verdict
    colour: BGRImage
    """(H, W, 3) uint8."""
    predicted: NDArray[np.float64]
    """(h, w) metres, aligned, at most the cap."""
    truth: NDArray[np.float32]
    """(h, w) metres."""
    known: NDArray[np.bool_]
    """(h, w): where `truth` is a reading within the cap."""

    @property
    def distances(self) -> Truth:
        """What `truth` holds."""
        readings = self.truth[self.truth > 0]
        beyond = 1 - int(self.known.sum()) / readings.size
        return Truth(float(readings.min()), float(readings.max()), beyond)


@dataclass(frozen=True)
class Results:
    """What an evaluation found."""

    cap: float
    """Metres."""
    verdicts: tuple[Verdict, ...]
    truths: tuple[Truth, ...]
    """Of the same pictures."""
    left_out: tuple[RgbdPair, ...]
    """Pictures without a reading within the cap."""

    def __post_init__(self) -> None:
        if not self.verdicts:
            raise SourceError(
                f"no picture has a reading within {self.cap:g} m",
                "raise --cap, or check --depth-kind and --depth-scale",
            )

    @property
    def truth(self) -> Truth:
        """Of all pictures that were judged."""
        return Truth.of_all(self.truths)

    @property
    def scores(self) -> Scores:
        """The mean over pictures."""
        return mean_scores(verdict.scores for verdict in self.verdicts)

    @property
    def baseline(self) -> Scores:
        """The mean over pictures of the row baseline."""
        return mean_scores(verdict.baseline for verdict in self.verdicts)


def judge(
    engine: DepthEngine, pairs: Iterable[RgbdPair], *, cap: float = 10.0
) -> Iterator[Judged | RgbdPair]:
    """Each picture judged, or the pair itself where it has no reading within `cap` metres.

    Raises `SourceError` for files that cannot be read (see `load_pair`) and what the engine raises.
    """
    for pair in pairs:
        yield judge_pair(engine, pair, cap=cap) or pair


def judge_written(
    depths: Iterable[tuple[RgbdPair, DepthMap]], *, cap: float = 10.0
) -> Iterator[Judged | RgbdPair]:
    """The same of depth that was written before."""
    for pair, depth in depths:
        yield _judged(pair, partial(_given, depth), cap) or pair


def judge_pair(engine: DepthEngine, pair: RgbdPair, *, cap: float = 10.0) -> Judged | None:
    """One picture, scored in the size of its truth; None where nothing is known within `cap`. Raises as `judge`."""
    return _judged(pair, engine.estimate, cap)


def _judged(pair: RgbdPair, depth_of: Callable[[BGRImage], DepthMap], cap: float) -> Judged | None:
    colour, truth, _ = load_pair(pair)
    known = known_depth(truth, cap)
    if not known.any():
        return None
    given = depth_of(colour)
    predicted = fit(replace(given, values=resized(given.values, truth.shape)), truth, cap=cap)
    scores = compare(predicted[known], truth[known].astype(np.float64))
    baseline = evaluate(row_baseline(*truth.shape), truth, cap=cap)
    return Judged(Verdict(pair, scores, baseline), colour, predicted, truth, known)


def _given(depth: DepthMap, _colour: BGRImage) -> DepthMap:
    return depth


def resized(values: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """(h, w) depth in another `shape`, bicubic as in the MiDaS release."""
    return np.asarray(cv2.resize(values, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def describe(results: Results, engine: Subject, root: Path) -> dict[str, Any]:
    """The results as a JSON-ready dictionary; files are named from `root`."""

    def name(path: Path) -> str:
        return path.relative_to(root).as_posix()

    return {
        "data": str(root),
        "cap_metres": results.cap,
        "truth": asdict(results.truth),
        "model": {"name": engine.name, "sha256": engine.sha256, "size": engine.size},
        "engine": engine.runtime_name,
        "precision": engine.precision,
        "pictures": len(results.verdicts),
        "left_out": [name(pair.colour) for pair in results.left_out],
        "mean": asdict(results.scores),
        "row_baseline": asdict(results.baseline),
        "each": [
            {
                "colour": name(verdict.pair.colour),
                "depth": name(verdict.pair.depth),
                "scores": asdict(verdict.scores),
                "row_baseline": asdict(verdict.baseline),
            }
            for verdict in results.verdicts
        ],
    }
