"""The metadata of an exported network: inside its file, all that is needed to run it and to know where it came from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from streamdepth.errors import WeightsError
from streamdepth.frames import DepthMeaning
from streamdepth.models.registry import ModelCard, Resampling, Sides
from streamdepth.values import dataclass

METADATA_KEY = "streamdepth"
"""Under this name the JSON text stands in a file's metadata, whatever its format."""


@dataclass(frozen=True)
class Metadata:
    """What an exported network says about itself."""

    card: ModelCard
    source_sha256: str
    """Of the weights file that it was made of, in hexadecimal."""
    version: str
    """Of the streamdepth that made it."""

    def to_json(self) -> str:
        """The text to put into a file."""
        card = self.card
        return json.dumps(
            {
                "model": card.name,
                "summary": card.summary,
                "licence": card.licence,
                "mean": card.mean,
                "std": card.std,
                "stride": card.stride,
                "resampling": card.resampling.value,
                "meaning": card.meaning.value,
                "source_sha256": self.source_sha256,
                "version": self.version,
            }
        )


def read_metadata(text: str, origin: Path) -> Metadata:
    """What streamdepth wrote into the file `origin`; raises `WeightsError` where it makes no sense."""
    try:
        document = json.loads(text)
        card = ModelCard(
            name=str(document["model"]),
            summary=str(document["summary"]),
            licence=str(document["licence"]),
            resampling=Resampling(document["resampling"]),
            mean=_of_channels(document["mean"]),
            std=_of_channels(document["std"]),
            stride=int(document["stride"]),
            meaning=DepthMeaning(document["meaning"]),
        )
        return Metadata(card, str(document["source_sha256"]), str(document["version"]))
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"what {origin} says about its network is damaged or of a newer streamdepth", "export it again"
        ) from error


def card_of(text: str, origin: Path, size: Sides | None) -> ModelCard:
    """The card of a network file: what its metadata says; else what most relative-depth networks have in common.

    `size` is what its input fixes, or None. Raises `WeightsError` for damaged metadata.
    """
    if text:
        return replace(read_metadata(text, origin).card, fixed_size=size)
    return ModelCard(
        origin.stem, f"the network in {origin.name}", "unknown", Resampling.AREA, fixed_size=size
    )


def _of_channels(values: list[float]) -> tuple[float, float, float]:
    red, green, blue = map(float, values)
    return red, green, blue
