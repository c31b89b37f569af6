"""Which model and which runtime, from what was asked for and what there is here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from streamdepth.engine.engine import EngineOptions
from streamdepth.errors import UsageError, WeightsError
from streamdepth.models import weights
from streamdepth.models._download import Progress
from streamdepth.models.checkpoint import SUFFIXES, identify
from streamdepth.models.export import can_export, converted_path
from streamdepth.models.registry import MIDAS_SMALL, NANO, ModelCard, find_card, model_names
from streamdepth.models.weights import default_cache_dir, file_sha256, find_weights

RUNTIMES = ("torch", "onnxruntime")
PRECISIONS = ("fp32",)

Notify = Callable[[str], None]


@dataclass(frozen=True)
class ChosenModel:
    """A model with the weights file it is to run with."""

    card: ModelCard
    path: Path
    sha256: str
    """Of the file, in hexadecimal."""

    def onnx_path(self, cache_dir: Path | None) -> Path:
        """Where its ONNX file is, or will be once it is made."""
        shipped = self.path.with_suffix(".onnx")
        if self.path.parent == weights.DATA and shipped.is_file():
            return shipped
        return converted_path(cache_dir or default_cache_dir(), self.card.name, self.sha256)


def check(options: EngineOptions) -> None:
    """Raise `UsageError` for a value that does not exist, saying which there are."""
    _one_of("engine", options.runtime, RUNTIMES)
    _one_of("precision", options.precision, PRECISIONS)
    if options.threads is not None and options.threads < 1:
        raise UsageError(f"{options.threads} threads cannot run a network", "use 1 or more")
    stride = MIDAS_SMALL.stride
    if options.size < stride:
        raise UsageError(f"a network input of {options.size} pixels is too small", f"use {stride} or more")
    if options.weights is None and not _is_file_name(options.model) and options.model != "auto":
        find_card(options.model)


def choose_model(options: EngineOptions, progress: Progress | None, notify: Notify) -> ChosenModel:
    """The model asked for with its weights, downloaded if need be.

    Raises `WeightsError` where they cannot be had. `auto` is midas-small where it can be had, else nano, and says
    which.
    """
    if options.weights is not None:
        return _of_file(options.weights, options.model)
    if options.model == "auto":
        return _auto(options.cache_dir, progress, notify)
    if options.model in model_names():
        # Whoever names it wants it tried, even if it failed an hour ago.
        return _with_hash(
            find_card(options.model),
            find_weights(options.model, options.cache_dir, progress, retry=True),
        )
    return _of_file(Path(options.model), "auto")


def choose_runtime(options: EngineOptions, onnx: Path) -> str:
    """The runtime asked for; `auto` is ONNX Runtime where its file is there or can be made, else torch."""
    if options.runtime != "auto":
        return options.runtime
    return "onnxruntime" if onnx.is_file() or can_export() else "torch"


def _auto(cache_dir: Path | None, progress: Progress | None, notify: Notify) -> ChosenModel:
    try:
        path = find_weights(MIDAS_SMALL.name, cache_dir, progress)
    except WeightsError as error:
        notify(f"model: {NANO.name}, as {error}")
        return _with_hash(NANO, find_weights(NANO.name))
    notify(f"model: {MIDAS_SMALL.name}")
    return _with_hash(MIDAS_SMALL, path)


def _of_file(path: Path, model: str) -> ChosenModel:
    card = identify(path)
    if model not in ("auto", card.name):
        raise WeightsError(f"{path} holds weights of {card.name}, not of {model}", f"use --model {card.name}")
    return _with_hash(card, path)


def _with_hash(card: ModelCard, path: Path) -> ChosenModel:
    return ChosenModel(card, path, file_sha256(path))


def _is_file_name(model: str) -> bool:
    """Whether this can only be meant as a path: then a missing file is a missing file and no unknown name."""
    path = Path(model)
    return path.suffix in SUFFIXES or "/" in model or "\\" in model or path.is_file()


def _one_of(what: str, value: str, known: Iterable[str]) -> None:
    if value not in ("auto", *known):
        raise UsageError(f"there is no {what} '{value}'", f"there are auto, {', '.join(known)}")
