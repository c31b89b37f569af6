"""What was asked for, looked at before anything is fetched, converted or opened."""

from __future__ import annotations

from streamdepth.engine.backend import PRECISIONS
from streamdepth.engine.options import EngineOptions
from streamdepth.engine.runtimes.registry import BACKENDS, find_backend
from streamdepth.engine.selection.model import is_file_name
from streamdepth.errors import UsageError
from streamdepth.machine import require_int8
from streamdepth.models.meaning import read_meaning
from streamdepth.models.normalisation import read_normalisation
from streamdepth.models.registry import MIDAS_SMALL, find_card

MOST_SIZE = 2048
"""Of the longer side of the network's input: the smallest network takes 0.8 GB for a square of it."""


def check(options: EngineOptions) -> None:
    """Raise `UsageError` for a value that does not exist, saying which there are, or that cannot be had here."""
    if options.runtime != "auto":
        find_backend(options.runtime)
    if options.precision != "auto":
        _check_precision(options.precision, options.runtime)
    if options.normalisation is not None:
        read_normalisation(options.normalisation)
    if options.depth_kind is not None:
        read_meaning(options.depth_kind)
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
    if options.weights is None and not is_file_name(options.model) and options.model != "auto":
        find_card(options.model)


def _check_precision(precision: str, runtime: str) -> None:
    if precision not in PRECISIONS:
        raise UsageError(f"there is no precision '{precision}'", f"there are auto, {', '.join(PRECISIONS)}")
    able = [backend.name for backend in BACKENDS if precision in backend.precisions]
    if runtime not in ("auto", *able):
        raise UsageError(
            f"{runtime} does not compute in {precision}",
            f"use --engine {' or '.join(able)}, or --precision auto",
        )
    if precision == "int8":
        require_int8()  # before anything is fetched, converted or built
