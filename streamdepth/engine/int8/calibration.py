"""The pictures that int8 is calibrated on and judged by: the package's, and the user's own on top."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from streamdepth.engine.runtime import Batch
from streamdepth.models.pictures import TILE, batch_of, calibration_pictures, judging_pictures
from streamdepth.models.preprocess import network_size
from streamdepth.models.registry import ModelCard
from streamdepth.pixels import BGRImage
from streamdepth.values import dataclass


@dataclass(frozen=True)
class Calibration:
    """Pictures from the user's own scene, which come on top of those of the package."""

    name: str
    pictures: Sequence[BGRImage]

    @property
    def identity(self) -> str:
        """Its name and a hash of its pictures."""
        digest = sha256()
        for picture in self.pictures:
            digest.update(np.ascontiguousarray(picture).data)
        return f"{self.name}:{digest.hexdigest()[:8]}"


def identity_of(own: Calibration | None) -> str:
    """Says, in the facts of a network, what it was calibrated on."""
    return own.identity if own else "pictures of the package"


def batches(card: ModelCard, size: int, own: Calibration | None) -> tuple[list[Batch], list[Batch]]:
    """Inputs to calibrate on, and others to judge by; every third picture of the user's own is for judging."""
    fits = network_size(card, *TILE, size)
    calibration = [batch_of(picture, card, fits) for picture in calibration_pictures()]
    judging = [batch_of(picture, card, fits) for picture in judging_pictures()]
    for index, picture in enumerate(own.pictures if own else ()):
        mine = network_size(card, picture.shape[1], picture.shape[0], size)
        (judging if index % 3 == 2 else calibration).append(batch_of(picture, card, mine))
    return calibration, judging
