"""Networks in int8 in the cache, each with what came of it when it was judged against float32."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from streamdepth.engine.agreement import Agreement
from streamdepth.engine.backend import Backend
from streamdepth.engine.runtimes.registry import with_int8
from streamdepth.files import write_whole
from streamdepth.models.export.conversions import Conversion, conversion, package_version
from streamdepth.models.export.formats import weights_file
from streamdepth.models.weights.store import default_cache_dir
from streamdepth.values import dataclass


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
    hurried: bool = False
    """Whether the machine was too busy to look for all layers that must stay in float32."""

    @property
    def agreement_found(self) -> Agreement:
        """The first three together."""
        return Agreement(self.agreement, self.worst, self.frames)

    @property
    def within_budget(self) -> bool:
        """Whether it may be used without being asked for by name."""
        return self.agreement_found.within_budget

    @property
    def is_final(self) -> bool:
        """Whether it would not be better if it was made again of the same pictures."""
        return self.within_budget or not self.hurried

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
class Int8Place:
    """Where the cache keeps a model in int8 for one backend."""

    conversion: Conversion
    backend: Backend

    def find(self) -> Int8File | None:
        """A whole network with its facts, or None; what is damaged or lacks its facts is deleted."""
        path = self.conversion.find()
        if path is None:
            return None
        try:
            return Int8File(
                path, self.backend.name, Facts(**json.loads(_facts_path(path).read_text("utf-8")))
            )
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
        return Int8File(path, self.backend.name, facts[0])

    def _delete(self, path: Path) -> None:
        for part in (path, weights_file(path), _facts_path(path)):
            part.unlink(missing_ok=True)


def int8_place(cache_dir: Path, model: str, source_sha256: str, backend: Backend) -> Int8Place:
    """The place of a model in int8 for a backend, made of the weights with this hash by the versions here."""
    kind = f"int8-{versions(backend)}"
    return Int8Place(conversion(cache_dir, model, source_sha256, backend.formats[0], kind), backend)


def int8_files(model: str, cache_dir: Path | None = None) -> list[Int8File]:
    """What there is of a model in int8 in the cache, of whatever weights, made by the versions here."""
    folder = (cache_dir or default_cache_dir()) / "converted"
    files = []
    for backend in with_int8():
        kind = f"int8-{versions(backend)}"
        for name in sorted({path.name.split("-int8-")[0] for path in folder.glob(f"{model}-*-{kind}-*")}):
            place = int8_place(folder.parent, model, name.removeprefix(f"{model}-"), backend)
            files.append(place.find())
    return [file for file in files if file is not None]


def versions(backend: Backend) -> str:
    """What makes int8 for a backend here: the packages with their versions."""
    packages = (backend.package, backend.quantiser.package) if backend.quantiser else (backend.package,)
    return "-".join(f"{package}{package_version(package)}" for package in packages)


def _facts_path(path: Path) -> Path:
    return path.with_name(f"{path.stem}.json")
