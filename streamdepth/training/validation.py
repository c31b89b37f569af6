"""A network in training, judged by the held-out pictures as `streamdepth evaluate` judges an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import numpy as np
import torch

from streamdepth.evaluation.judge import Judged, Verdict, resized
from streamdepth.evaluation.metrics import Scores, compare, evaluate, fit_depth, mean_scores, row_baseline
from streamdepth.evaluation.sheet import draw_sheet
from streamdepth.frames import DepthMap
from streamdepth.models.preprocess import input_size, prepare
from streamdepth.models.registry import ModelCard
from streamdepth.pixels import BGRImage
from streamdepth.protocols import DepthEngine
from streamdepth.training.dataset import Sample
from streamdepth.values import dataclass

_SHOWN = 6
"""How many pictures are on a sheet."""


@dataclass(frozen=True, eq=False)
class NetworkInTraining:
    """A `DepthEngine` around a network that is not fit for a runtime yet."""

    infer: Callable[[torch.Tensor], torch.Tensor]
    """float32 (1, 3, H, W), normalised -> float32 (1, H, W)."""
    card: ModelCard
    size: int
    """Longer side of the network's input in pixels."""

    def estimate(self, image: BGRImage) -> DepthMap:
        """Depth of an (H, W, 3) uint8 picture of any size."""
        card, (height, width) = self.card, image.shape[:2]
        size = input_size(width, height, self.size, card.stride)
        batch = torch.from_numpy(prepare(image, size, card.mean, card.std, card.resampling))
        with torch.inference_mode():
            return DepthMap(self.infer(batch)[0].cpu().numpy(), card.meaning)


@dataclass(frozen=True, eq=False)
class Look:
    """What the held-out pictures say."""

    scores: Scores
    """The mean over pictures."""
    sheet: BGRImage
    """The first pictures, a row each."""


def look(engine: DepthEngine, samples: Iterable[Sample], cap: float) -> Look:
    """Judge an engine by samples, each of which has a reading within `cap` metres."""
    judged = judge_samples(engine, samples, cap)
    shown = list(islice(judged, _SHOWN))
    scores = [picture.verdict.scores for picture in shown]
    scores += [picture.verdict.scores for picture in judged]
    return Look(mean_scores(scores), draw_sheet(shown))


def judge_samples(engine: DepthEngine, samples: Iterable[Sample], cap: float) -> Iterator[Judged]:
    """Each sample with what there is to show of it."""
    for sample in samples:
        truth = sample.metres
        known = (truth > 0) & (truth <= cap)
        predicted = fit_depth(resized(engine.estimate(sample.bgr).values, truth.shape), truth, cap=cap)
        scores = compare(predicted[known], truth[known].astype(np.float64))
        verdict = Verdict(sample.pair, scores, evaluate(row_baseline(*truth.shape), truth, cap=cap))
        yield Judged(verdict, sample.bgr, predicted, truth, known)
