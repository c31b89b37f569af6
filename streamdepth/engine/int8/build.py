"""How a network in int8 is made: quantised, given back the layers that int8 would spoil, judged, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from streamdepth.engine.agreement import BUDGET, agreement, residual
from streamdepth.engine.backend import Backend
from streamdepth.engine.int8.calibration import Calibration, batches, identity_of
from streamdepth.engine.int8.network import Map, QuantisedNetwork
from streamdepth.engine.int8.search import Score, restore
from streamdepth.engine.int8.store import Facts, Int8File, Int8Place, versions
from streamdepth.errors import ModelError
from streamdepth.models.metadata import Metadata
from streamdepth.models.registry import ModelCard


def build_int8(
    place: Int8Place,
    source: Path,
    card: ModelCard,
    metadata: Metadata,
    size: int,
    own: Calibration | None = None,
) -> Int8File:
    """Quantise the ONNX file `source` for the backend of `place`, or return what was made of the same pictures before.

    It is kept even where it misses the budget: `Facts.within_budget` says so. Where the machine was too busy to search
    for better, it is made again. Raises `ModelError` where it cannot be made or kept.
    """
    identity = identity_of(own)
    found = place.find()
    if found is not None and _serves(found.facts, identity):
        return found
    with place.conversion.alone():
        found = place.find()
        if found is not None and _serves(found.facts, identity):
            return found  # another process made it in the meantime
        network = place.backend.quantise(source, *batches(card, size, own))
        return place.make(lambda path: _write(path, network, metadata, identity, place.backend))


def refused(file: Int8File, model: str) -> ModelError:
    """The error for a network whose int8 misses the budget."""
    what = f"int8 of {model} for {file.runtime} {file.facts}; {BUDGET * 100:g} % would be needed"
    cure = "use bf16 or fp32, or calibrate on your own pictures with --calibrate"
    if file.facts.hurried:
        what += ", and the machine was too busy to look for the layers that it harms"
        cure = "try again when other programs are quiet, or use bf16 or fp32"
    return ModelError(what, cure)


def _serves(facts: Facts, identity: str) -> bool:
    return facts.calibration == identity and facts.is_final


def _write(
    path: Path, network: QuantisedNetwork, metadata: Metadata, identity: str, backend: Backend
) -> Facts:
    found = restore(network, _score, BUDGET)
    network.write(found.floats, path, metadata)
    judged = agreement(zip(network.reference(), network.maps(found.floats), strict=True))
    return Facts(
        agreement=round(judged.share, 5),
        worst=round(judged.worst, 5),
        frames=judged.frames,
        calibration=identity,
        layers=len(network.layers),
        floats=len(found.floats),
        versions=versions(backend),
        hurried=found.hurried,
    )


def _score(reference: Sequence[Map], maps: Sequence[Map]) -> Score:
    pairs = list(zip(reference, maps, strict=True))
    if not all(np.isfinite(candidate).all() for candidate in maps):
        return Score(0.0, np.inf)
    return Score(agreement(pairs).share, sum(residual(*pair) for pair in pairs) / len(pairs))
