"""Which model and which runtime, from what was asked for and what there is here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from streamdepth.engine.engine import EngineOptions
from streamdepth.engine.int8.store import Int8Place, can_build, int8_place
from streamdepth.engine.selection.ways import EXACTNESS, Way
from streamdepth.errors import UsageError, WeightsError
from streamdepth.machine import require_int8
from streamdepth.models.export.conversions import Conversion, conversion
from streamdepth.models.export.formats import (
    GRAPH_SUFFIXES,
    NetworkFormat,
    format_of,
    is_quantised,
    weights_file,
)
from streamdepth.models.export.write import can_export
from streamdepth.models.registry import MIDAS_SMALL, NANO, ModelCard, find_card, model_names
from streamdepth.models.weights import store as weights
from streamdepth.models.weights.checkpoint import SUFFIXES, identify
from streamdepth.models.weights.download import Progress
from streamdepth.models.weights.store import (
    WeightsNotDelivered,
    default_cache_dir,
    file_sha256,
    find_weights,
)

PRECISIONS = {
    "torch": ("fp32",),
    "torchscript": ("fp32",),
    "onnxruntime": ("fp32", "int8"),
    "openvino": ("fp32", "bf16", "int8"),
}
"""What each runtime computes in."""
_PACKAGES = {
    "torch": "torch",
    "torchscript": "torch",
    "onnxruntime": "onnxruntime",
    "openvino": "openvino",
}
RUNTIMES_OF = {
    NetworkFormat.ONNX: ("openvino", "onnxruntime"),
    NetworkFormat.OPENVINO: ("openvino",),
    NetworkFormat.TORCHSCRIPT: ("torchscript",),
}
"""What runs each format, the one that `auto` takes first (figures: docs/benchmarks/runtimes.md)."""

Notify = Callable[[str], None]


@dataclass(frozen=True)
class ChosenModel:
    """A model with the weights file it is to run with."""

    card: ModelCard
    path: Path
    sha256: str
    """Of the file, in hexadecimal."""

    def shipped(self, form: NetworkFormat) -> Path | None:
        """The network file that the package has beside its bundled weights, or None."""
        beside = self.path.with_suffix(form.suffix)
        return beside if self.path.parent == weights.DATA and beside.is_file() else None

    def conversion(self, form: NetworkFormat, cache_dir: Path | None) -> Conversion:
        """Where the cache keeps it in another format."""
        return conversion(cache_dir or default_cache_dir(), self.card.name, self.sha256, form)

    def int8_place(self, runtime: str, cache_dir: Path | None) -> Int8Place:
        """Where the cache keeps it in int8 for a runtime."""
        return int8_place(cache_dir or default_cache_dir(), self.card.name, self.sha256, runtime)


@dataclass(frozen=True)
class ChosenFile:
    """A network file, graph and weights, to be run as it is."""

    path: Path
    form: NetworkFormat
    sha256: str
    """Of the file with the weights, in hexadecimal."""
    model: str
    """The name that its network must have, or `auto`."""
    quantised: bool = False
    """Whether it is in int8 as it is."""


MOST_SIZE = 2048
"""Of the longer side of the network's input: the smallest network takes 0.8 GB for a square of it."""


def check(options: EngineOptions) -> None:
    """Raise `UsageError` for a value that does not exist, saying which there are, or that cannot be had here."""
    _one_of("engine", options.runtime, PRECISIONS)
    _one_of("precision", options.precision, _all_precisions())
    if options.precision not in ("auto", *_precisions_of(options.runtime)):
        able = " or ".join(name for name, known in PRECISIONS.items() if options.precision in known)
        raise UsageError(
            f"{options.runtime} does not compute in {options.precision}",
            f"use --engine {able}, or --precision auto",
        )
    if options.precision == "int8":
        require_int8()  # before anything is fetched, converted or built
    if options.threads is not None and options.threads < 1:
        raise UsageError(f"{options.threads} threads cannot run a network", "use 1 or more")
    stride = MIDAS_SMALL.stride
    if options.size < stride:
        raise UsageError(f"a network input of {options.size} pixels is too small", f"use {stride} or more")
    if options.size > MOST_SIZE:
        raise UsageError(
            f"a network input of {options.size} pixels takes more memory and time than it is worth",
            f"use {MOST_SIZE} or less; 256 to 512 are usual",
        )
    if options.weights is None and not _is_file_name(options.model) and options.model != "auto":
        find_card(options.model)


def choose_model(
    options: EngineOptions, progress: Progress | None, notify: Notify
) -> ChosenModel | ChosenFile:
    """The model asked for with its weights, downloaded if need be, or the network file asked for.

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


def possible_ways(options: EngineOptions, chosen: ChosenModel | ChosenFile) -> tuple[Way, ...]:
    """What could run it as asked for, with what is installed; the usually fastest first.

    There is more than one only where it is to be measured which is the best. Whether the processor has what each
    needs is not looked at. Raises `UsageError` where nothing runs it as asked for.
    """
    able = _able(options, chosen)
    if options.runtime not in ("auto", *able):
        raise UsageError(
            f"{options.runtime} does not run {chosen.path.name}",
            f"use --engine {' or '.join(able)}, or give the weights",
        )
    wanted = [name for name in able if options.runtime in ("auto", name)]
    here = [name for name in wanted if find_spec(_PACKAGES[name])]
    ways = [way for name in here for way in _ways_of(name, options, chosen)]
    if not ways:
        raise UsageError(
            f"nothing here runs {chosen.path.name} in {_wanted(options, chosen)}",
            _missing(wanted, options.precision)
            or f"use --precision auto; what runs it is {' or '.join(able)}",
        )
    if options.precision == "int8" and isinstance(chosen, ChosenModel):
        # What is built already, else one to build: each takes a minute.
        built = [way for way in ways if chosen.int8_place(way.runtime, options.cache_dir).find()]
        ways = built or ways[:1]
    # PyTorch is never faster and takes seconds to load: it is no candidate beside the others.
    measured = RUNTIMES_OF[NetworkFormat.ONNX]
    return (
        tuple(way for way in ways if way.runtime in measured) if ways[0].runtime in measured else (ways[0],)
    )


def _missing(runtimes: Iterable[str], precision: str) -> str:
    """The cure where packages are missing that would run it, as after a light install; else empty."""
    fitting = [name for name in runtimes if precision in ("auto", *PRECISIONS[name])]
    packages = dict.fromkeys(_PACKAGES[name] for name in fitting if not find_spec(_PACKAGES[name]))
    return " or ".join(f"pip install {package}" for package in packages)


def _ways_of(runtime: str, options: EngineOptions, chosen: ChosenModel | ChosenFile) -> Iterator[Way]:
    for precision in PRECISIONS[runtime]:
        if options.precision in ("auto", precision) and _is_there(runtime, precision, options, chosen):
            yield Way(runtime, precision)


def _is_there(runtime: str, precision: str, options: EngineOptions, chosen: ChosenModel | ChosenFile) -> bool:
    """Whether a network is there in this precision, or can be made of what is there as part of starting."""
    if isinstance(chosen, ChosenFile):
        return (precision == "int8") == chosen.quantised
    if precision != "int8":
        return True
    built = chosen.int8_place(runtime, options.cache_dir).find()
    if options.precision == "auto":
        return built is not None and built.facts.within_budget
    return built is not None or can_build(runtime)


def _wanted(options: EngineOptions, chosen: ChosenModel | ChosenFile) -> str:
    if options.precision != "auto":
        return options.precision
    return "int8" if isinstance(chosen, ChosenFile) and chosen.quantised else "fp32"


def _able(options: EngineOptions, chosen: ChosenModel | ChosenFile) -> tuple[str, ...]:
    """All runtimes that can run it, the fastest first."""
    if isinstance(chosen, ChosenFile):
        return RUNTIMES_OF[chosen.form]
    on_onnx = RUNTIMES_OF[NetworkFormat.ONNX]
    has_onnx = chosen.shipped(NetworkFormat.ONNX) or can_export()
    there = has_onnx or chosen.conversion(NetworkFormat.ONNX, options.cache_dir).candidates()
    return (*on_onnx, "torch", "torchscript") if there else ("torch", "torchscript", *on_onnx)


def _auto(cache_dir: Path | None, progress: Progress | None, notify: Notify) -> ChosenModel:
    try:
        path = find_weights(MIDAS_SMALL.name, cache_dir, progress)
    except WeightsNotDelivered:  # the usual case without the internet: `doctor` tells why and what to do
        return _bundled(notify, "")
    except WeightsError as error:
        return _bundled(notify, f"; {error}")
    notify(f"model: {MIDAS_SMALL.name}")
    return _with_hash(MIDAS_SMALL, path)


def _bundled(notify: Notify, more: str) -> ChosenModel:
    notify(f"model: {NANO.name} (bundled){more}")
    return _with_hash(NANO, find_weights(NANO.name))


def _of_file(path: Path, model: str) -> ChosenModel | ChosenFile:
    form = format_of(path)
    if form is not None:
        return ChosenFile(path, form, file_sha256(weights_file(path)), model, is_quantised(path))
    card = identify(path)
    check_name(path, card, model)
    return _with_hash(card, path)


def check_name(path: Path, card: ModelCard, model: str) -> None:
    """Raise `WeightsError` where the file `path`, of the model of `card`, was named as another one."""
    if model not in ("auto", card.name):
        raise WeightsError(f"{path} holds weights of {card.name}, not of {model}", f"use --model {card.name}")


def _with_hash(card: ModelCard, path: Path) -> ChosenModel:
    return ChosenModel(card, path, file_sha256(path))


def _is_file_name(model: str) -> bool:
    """Whether this can only be meant as a path: then a missing file is a missing file and no unknown name."""
    path = Path(model)
    return path.suffix in (*SUFFIXES, *GRAPH_SUFFIXES) or "/" in model or "\\" in model or path.is_file()


def _all_precisions() -> tuple[str, ...]:
    return EXACTNESS


def _precisions_of(runtime: str) -> tuple[str, ...]:
    return _all_precisions() if runtime == "auto" else PRECISIONS[runtime]


def _one_of(what: str, value: str, known: Iterable[str]) -> None:
    if value not in ("auto", *known):
        raise UsageError(f"there is no {what} '{value}'", f"there are auto, {', '.join(known)}")
