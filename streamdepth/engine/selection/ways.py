"""The ways in which a network could be run here as it was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from streamdepth.engine.backend import Backend
from streamdepth.engine.options import EngineOptions
from streamdepth.engine.runtimes.registry import BY_SPEED, find_backend, runners
from streamdepth.engine.selection.model import ChosenFile, ChosenModel
from streamdepth.errors import UsageError
from streamdepth.models.export.formats import NetworkFormat
from streamdepth.models.export.write import can_export
from streamdepth.packages import how_to_install, is_installed
from streamdepth.values import dataclass


@dataclass(frozen=True)
class Way:
    """A backend, by its name, and a precision, as the command line calls them."""

    runtime: str
    precision: str

    @property
    def backend(self) -> Backend:
        """The backend of this name."""
        return find_backend(self.runtime)

    def __str__(self) -> str:
        return f"{self.runtime} {self.precision}"


def possible_ways(options: EngineOptions, chosen: ChosenModel | ChosenFile) -> tuple[Way, ...]:
    """What could run it as asked for, with what is installed; the usually fastest first.

    There is more than one only where it is to be measured which is the best. Whether the processor has what each
    needs is not looked at. Raises `UsageError` where nothing runs it as asked for.
    """
    able = _able(options, chosen)
    names = [backend.name for backend in able]
    if options.runtime not in ("auto", *names):
        raise UsageError(
            f"{options.runtime} does not run {chosen.path.name}",
            f"use --engine {' or '.join(names)}, or give the weights",
        )
    wanted = [backend for backend in able if options.runtime in ("auto", backend.name)]
    ways = [way for backend in wanted if backend.is_installed for way in _ways_of(backend, options, chosen)]
    if not ways:
        raise _none_of(wanted, names, options, chosen)
    if options.precision == "int8" and isinstance(chosen, ChosenModel):
        # What is built already, else one to build: each takes a minute.
        built = [way for way in ways if chosen.int8_place(way.backend, options.cache).find()]
        ways = built or ways[:1]
    timed = tuple(way for way in ways if way.backend.is_timed)
    return timed if ways[0] in timed else (ways[0],)


def _none_of(
    wanted: Sequence[Backend], names: Sequence[str], options: EngineOptions, chosen: ChosenModel | ChosenFile
) -> UsageError:
    missing = _missing(wanted, options.precision, makes_it=isinstance(chosen, ChosenModel))
    if options.runtime != "auto" and not wanted[0].is_installed:
        return UsageError(f"{options.runtime} is not installed here", missing)
    return UsageError(
        f"nothing here runs {chosen.path.name} in {_wanted(options, chosen)}",
        missing or f"use --precision auto; what runs it is {' or '.join(names)}",
    )


def _missing(backends: Iterable[Backend], precision: str, *, makes_it: bool) -> str:
    """The cure where packages are missing that would run it, or make its int8; else empty."""
    fitting = [backend for backend in backends if precision in ("auto", *backend.precisions)]
    needs_quantiser = makes_it and precision == "int8"
    packages = dict.fromkeys(" ".join(_lacking(backend, needs_quantiser)) for backend in fitting)
    return " or ".join(how_to_install(words) for words in packages if words)


def _lacking(backend: Backend, needs_quantiser: bool) -> Iterator[str]:
    if not backend.is_installed:
        yield backend.package
    if needs_quantiser and backend.quantiser is not None and not is_installed(backend.quantiser.package):
        yield backend.quantiser.package


def _ways_of(backend: Backend, options: EngineOptions, chosen: ChosenModel | ChosenFile) -> Iterator[Way]:
    for precision in backend.precisions:
        if options.precision in ("auto", precision) and _is_there(backend, precision, options, chosen):
            yield Way(backend.name, precision)


def _is_there(
    backend: Backend, precision: str, options: EngineOptions, chosen: ChosenModel | ChosenFile
) -> bool:
    """Whether a network is there in this precision, or can be made of what is there as part of starting."""
    if isinstance(chosen, ChosenFile):
        return (precision == "int8") == chosen.quantised
    if precision != "int8":
        return True
    built = chosen.int8_place(backend, options.cache).find()
    if options.precision == "auto":
        return built is not None and built.facts.within_budget
    return built is not None or backend.builds_int8


def _wanted(options: EngineOptions, chosen: ChosenModel | ChosenFile) -> str:
    if options.precision != "auto":
        return options.precision
    return "int8" if isinstance(chosen, ChosenFile) and chosen.quantised else "fp32"


def _able(options: EngineOptions, chosen: ChosenModel | ChosenFile) -> tuple[Backend, ...]:
    """All backends that can run it, the usually fastest first; those last for which it cannot be converted."""
    if isinstance(chosen, ChosenFile):
        return runners(chosen.form)
    onnx = NetworkFormat.ONNX
    there = chosen.shipped(onnx) or can_export() or chosen.conversion(onnx, options.cache).candidates()
    return tuple(sorted(BY_SPEED, key=lambda backend: not there and backend.converts_to is onnx))
