"""The file of a model that a backend opens: shipped, from the cache, or made now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from streamdepth.engine.backend import Backend
from streamdepth.engine.options import EngineOptions
from streamdepth.engine.selection.model import ChosenModel, Notify
from streamdepth.models.export.formats import NetworkFormat

if TYPE_CHECKING:
    from streamdepth.engine.int8.calibration import Calibration
    from streamdepth.engine.int8.store import Int8File


def file_for(
    backend: Backend, precision: str, chosen: ChosenModel, options: EngineOptions, notify: Notify
) -> Path:
    """What `Backend.open` gets to run a model in a precision; raises as `quantised` and `converted`."""
    if precision == "int8":
        return _int8_as_asked(chosen, backend, options, notify)
    if backend.converts_to is None:
        return chosen.path
    return converted(chosen, backend.converts_to, options, notify)


def quantised(
    chosen: ChosenModel,
    backend: Backend,
    options: EngineOptions,
    notify: Notify,
    calibration: Calibration | None = None,
) -> Int8File:
    """The model in int8 for a backend: from the cache, else made now, which `notify` reports.

    `calibration` is the user's own pictures, on top of those of the package. Raises `ModelError` where it cannot be
    made, and `WeightsError` as `converted` does.
    """
    from streamdepth.engine.int8.build import build_int8
    from streamdepth.models.export.write import make_metadata

    source = converted(chosen, NetworkFormat.ONNX, options, notify)
    notify(f"quantising {chosen.card.name} to int8 for {backend.name}: this takes up to 90 s, once")
    place = chosen.int8_place(backend, options.cache)
    metadata = make_metadata(chosen.card, chosen.sha256)
    return build_int8(place, source, chosen.card, metadata, options.size, calibration)


def converted(chosen: ChosenModel, form: NetworkFormat, options: EngineOptions, notify: Notify) -> Path:
    """The model in another format: shipped, else from the cache, else made now, which `notify` reports.

    Raises `WeightsError` where the weights are not the model's and `ModelError` where they cannot be converted.
    """
    place = chosen.conversion(form, options.cache)
    return chosen.shipped(form) or place.find_or_make(_writer(chosen, form, notify))


def _writer(chosen: ChosenModel, form: NetworkFormat, notify: Notify) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        from streamdepth.models.export.write import make_metadata, write_network
        from streamdepth.models.networks.build import load_network

        network = load_network(chosen.card, chosen.path)
        notify(f"converting {chosen.card.name} to {form.title}, once for these weights")
        write_network(form, network, path, make_metadata(chosen.card, chosen.sha256))

    return write


def _int8_as_asked(chosen: ChosenModel, backend: Backend, options: EngineOptions, notify: Notify) -> Path:
    """int8 that was asked for by name runs whatever came of it, but not without saying so."""
    file = chosen.int8_place(backend, options.cache).find() or quantised(chosen, backend, options, notify)
    if not file.facts.within_budget:
        notify(f"warning: int8 of {chosen.card.name} {file.facts}; --precision auto would not use it")
    return file.path
