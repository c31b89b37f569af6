"""Networks in int8: built once, judged against float32, kept in the cache with what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from streamdepth.engine.agreement import BUDGET, Agreement, agreement, residual
from streamdepth.errors import ModelError
from streamdepth.files import write_whole
from streamdepth.models.export.conversions import Conversion, conversion, package_version
from streamdepth.models.export.formats import NetworkFormat, weights_file
from streamdepth.models.registry import ModelCard
from streamdepth.models.weights.store import default_cache_dir
from streamdepth.pixels import BGRImage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from streamdepth.engine.int8.search import Map, QuantisedNetwork, Score
    from streamdepth.models.metadata import Label

FORMS = {"openvino": NetworkFormat.OPENVINO, "onnxruntime": NetworkFormat.ONNX}
"""What each runtime that has int8 reads it from, the one that is built first where both can be."""
_QUANTISERS = {"openvino": "nncf", "onnxruntime": "onnx"}
"""The package beside the runtime that building it needs."""


@dataclass(frozen=True)
class Facts:
    """What is known of a network in int8; in a `.json` beside it."""

    agreement: float
    """Share of pixels that agree with float32 on frames that it was not calibrated on."""
    worst: float
    """The same of the worst frame."""
    frames: int
    """How many that were."""
    calibration: str
    """What it was calibrated on, with a hash of it."""
    layers: int
    floats: int
    """How many of the layers stayed in float32."""
    versions: str

    @property
    def agreement_found(self) -> Agreement:
        """The first three together."""
        return Agreement(self.agreement, self.worst, self.frames)

    @property
    def within_budget(self) -> bool:
        """Whether it may be used without being asked for by name."""
        return self.agreement_found.within_budget

    def __str__(self) -> str:
        kept = f"{self.layers - self.floats} of {self.layers} layers in int8"
        return f"agrees with fp32 on {self.agreement_found}, {kept}"


@dataclass(frozen=True)
class Int8File:
    """A network in int8."""

    path: Path
    runtime: str
    facts: Facts


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


@dataclass(frozen=True)
class Int8Place:
    """Where the cache keeps a model in int8 for one runtime."""

    conversion: Conversion
    runtime: str

    def find(self) -> Int8File | None:
        """A whole network with its facts, or None; what is damaged or lacks its facts is deleted."""
        path = self.conversion.find()
        if path is None:
            return None
        try:
            return Int8File(path, self.runtime, Facts(**json.loads(_facts_path(path).read_text("utf-8"))))
        except (OSError, ValueError, TypeError):
            self._delete(path)
            return None

    def make(self, write: Callable[[Path], Facts]) -> Int8File:
        """Keep what `write` writes, in the place of what was there."""
        before = self.conversion.candidates()
        facts: list[Facts] = []
        path = self.conversion.make(lambda part: facts.append(write(part)))
        write_whole(_facts_path(path), json.dumps(asdict(facts[0]), indent=1).encode())
        for old in before:
            if old != path:
                self._delete(old)
        return Int8File(path, self.runtime, facts[0])

    def _delete(self, path: Path) -> None:
        for part in (path, weights_file(path), _facts_path(path)):
            part.unlink(missing_ok=True)


def int8_place(cache_dir: Path, model: str, source_sha256: str, runtime: str) -> Int8Place:
    """The place of a model in int8, made of the weights with this hash by the versions here."""
    kind = f"int8-{_versions(runtime)}"
    return Int8Place(conversion(cache_dir, model, source_sha256, FORMS[runtime], kind), runtime)


def int8_files(model: str, cache_dir: Path | None = None) -> list[Int8File]:
    """What there is of a model in int8 in the cache, of whatever weights, made by the versions here."""
    folder = (cache_dir or default_cache_dir()) / "converted"
    files = []
    for runtime in FORMS:
        places = {
            path.name.split("-int8-")[0] for path in folder.glob(f"{model}-*-int8-{_versions(runtime)}-*")
        }
        for name in sorted(places):
            place = int8_place(folder.parent, model, name.removeprefix(f"{model}-"), runtime)
            files.append(place.find())
    return [file for file in files if file is not None]


def can_build(runtime: str) -> bool:
    """Whether the packages that building int8 for a runtime needs are installed."""
    return all(find_spec(package) is not None for package in (runtime, _QUANTISERS[runtime]))


def build_int8(
    place: Int8Place,
    source: Path,
    card: ModelCard,
    label: Label,
    size: int,
    own: Calibration | None = None,
) -> Int8File:
    """Quantise the ONNX file `source` for the runtime of `place`, or return what was made of the same pictures before.

    It is kept even where it misses the budget: `Facts.within_budget` tells. Raises `ModelError` where it cannot be
    made or kept.
    """
    identity = _identity(own)
    found = place.find()
    if found is not None and found.facts.calibration == identity:
        return found
    with place.conversion.alone():
        found = place.find()
        if found is not None and found.facts.calibration == identity:
            return found  # another process made it in the meantime
        network = _quantised(place.runtime, source, *_frames(card, size, own))
        return place.make(lambda path: _write(path, network, label, identity, place.runtime))


def _write(path: Path, network: QuantisedNetwork, label: Label, identity: str, runtime: str) -> Facts:
    from streamdepth.engine.int8.search import restore

    found = restore(network, _score, BUDGET)
    network.write(found.floats, path, label)
    judged = agreement(zip(network.reference(), network.maps(found.floats), strict=True))
    return Facts(
        agreement=round(judged.share, 5),
        worst=round(judged.worst, 5),
        frames=judged.frames,
        calibration=identity,
        layers=len(network.layers),
        floats=len(found.floats),
        versions=_versions(runtime),
    )


def _quantised(
    runtime: str, source: Path, calibration: list[NDArray[np.float32]], judging: list[NDArray[np.float32]]
) -> QuantisedNetwork:
    if runtime == "openvino":
        from streamdepth.engine.int8.openvino import OpenVinoInt8
        from streamdepth.engine.runtimes.openvino import float_rest

        return OpenVinoInt8(source, calibration, judging, float_rest())
    from streamdepth.engine.int8.onnx import OnnxInt8

    return OnnxInt8(source, calibration, judging)


def _score(reference: Sequence[Map], maps: Sequence[Map]) -> Score:
    from streamdepth.engine.int8.search import Score

    pairs = list(zip(reference, maps, strict=True))
    if not all(np.isfinite(candidate).all() for candidate in maps):
        return Score(0.0, np.inf)
    return Score(agreement(pairs).share, sum(residual(*pair) for pair in pairs) / len(pairs))


def _frames(
    card: ModelCard, size: int, own: Calibration | None
) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]:
    """Inputs to calibrate on, and others to judge by; every third picture of the user's own is for judging."""
    from streamdepth.models.pictures import TILE, batch_of, calibration_pictures, judging_pictures
    from streamdepth.models.preprocess import network_size

    fits = network_size(card, *TILE, size)
    calibration = [batch_of(picture, card, fits) for picture in calibration_pictures()]
    judging = [batch_of(picture, card, fits) for picture in judging_pictures()]
    for index, picture in enumerate(own.pictures if own else ()):
        mine = network_size(card, picture.shape[1], picture.shape[0], size)
        (judging if index % 3 == 2 else calibration).append(batch_of(picture, card, mine))
    return calibration, judging


def _identity(own: Calibration | None) -> str:
    return own.identity if own else "pictures of the package"


def _versions(runtime: str) -> str:
    quantiser = _QUANTISERS[runtime]
    return f"{runtime}{package_version(runtime)}-{quantiser}{package_version(quantiser)}"


def _facts_path(path: Path) -> Path:
    return path.with_name(f"{path.stem}.json")


def refused(file: Int8File, model: str) -> ModelError:
    """The error for a network whose int8 misses the budget."""
    return ModelError(
        f"int8 of {model} for {file.runtime} {file.facts}; {BUDGET * 100:g} % would be needed",
        "use bf16 or fp32, or calibrate on your own pictures with --calibrate",
    )
