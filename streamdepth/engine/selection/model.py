"""Which network: a model with its weights, or a network file, from what was asked for and what there is here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from streamdepth.engine.backend import Backend
from streamdepth.engine.int8.store import Int8Place, int8_place
from streamdepth.engine.options import EngineOptions
from streamdepth.errors import UsageError, WeightsError
from streamdepth.models.export.conversions import Conversion, conversion
from streamdepth.models.export.formats import (
    GRAPH_SUFFIXES,
    NetworkFormat,
    format_of,
    is_quantised,
    weights_file,
)
from streamdepth.models.registry import MIDAS_SMALL, NANO, ModelCard, find_card, model_names
from streamdepth.models.weights import store
from streamdepth.models.weights.checkpoint import SUFFIXES, identify
from streamdepth.models.weights.store import (
    WeightsNotDelivered,
    cached_weights,
    file_sha256,
    find_weights,
)
from streamdepth.packages import PYTORCH, how_to_install, is_installed
from streamdepth.values import dataclass

if TYPE_CHECKING:
    from streamdepth.models.weights.download import Progress

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
        return beside if self.path.parent == store.DATA and beside.is_file() else None

    def conversion(self, form: NetworkFormat, cache: Path) -> Conversion:
        """Where the cache keeps it in another format."""
        return conversion(cache, self.card.name, self.sha256, form)

    def int8_place(self, backend: Backend, cache: Path) -> Int8Place:
        """Where the cache keeps it in int8 for a backend."""
        return int8_place(cache, self.card.name, self.sha256, backend)


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


def choose_model(
    options: EngineOptions, progress: Progress | None, notify: Notify
) -> ChosenModel | ChosenFile:
    """The model asked for with its weights, downloaded if need be, or the network file asked for.

    `auto` is midas-small where it can be had and PyTorch is there to read it, else nano, and says which. Raises
    `WeightsError` where they cannot be had, and `UsageError` for a normalisation or a meaning of a model of ours.
    """
    chosen = _found(options, progress, notify)
    if isinstance(chosen, ChosenModel):
        refuse_known(options, chosen.card.name)
    return chosen


def refuse_known(options: EngineOptions, name: str) -> None:
    """Raise `UsageError` where something is said of a network that is known: its normalisation or its meaning."""
    if options.normalisation is not None:
        raise UsageError(
            f"the normalisation of {name} is fixed", "use --normalisation only for third-party networks"
        )
    if options.depth_kind is not None:
        raise UsageError(
            f"what depth of {name} means is fixed", "use --depth-kind only for third-party networks"
        )


def _found(options: EngineOptions, progress: Progress | None, notify: Notify) -> ChosenModel | ChosenFile:
    if options.weights is not None:
        return _of_file(options.weights, options.model)
    if options.model == "auto":
        return _auto(options.cache_dir, progress, notify)
    if options.model in model_names():
        card = find_card(options.model)
        _refuse_useless_fetch(card, options.cache_dir)
        # A user who names it wants it tried, even if it failed an hour ago.
        return _with_hash(card, find_weights(card, options.cache_dir, progress, retry=True))
    return _of_file(Path(options.model), "auto")


def _refuse_useless_fetch(card: ModelCard, cache_dir: Path | None) -> None:
    """Raise `WeightsError` before weights are fetched that nothing here reads, as after the light install."""
    if not (card.bundled or is_installed(PYTORCH) or cached_weights(card, cache_dir)):
        what = f"{card.name} needs the package {PYTORCH}, which is not installed here"
        raise WeightsError(what, f"{how_to_install(PYTORCH)}, or use --model {NANO.name}")


def _auto(cache_dir: Path | None, progress: Progress | None, notify: Notify) -> ChosenModel:
    if not is_installed(PYTORCH):
        return _bundled(notify, "")
    try:
        path = find_weights(MIDAS_SMALL.name, cache_dir, progress)
    except WeightsNotDelivered:  # the usual case without the internet: `doctor` says why and what to do
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


def is_file_name(model: str) -> bool:
    """Whether this can only be meant as a path: then a missing file is a missing file and no unknown name."""
    path = Path(model)
    return (
        path.suffix.lower() in (*SUFFIXES, *GRAPH_SUFFIXES) or "/" in model or "\\" in model or path.is_file()
    )
