"""What says how a network of others is meant, and how other ways to run it are compared with that.

It is not taken for granted that each runtime does what a file says: OpenVINO 2026.4 leaves out some settings of ONNX
without a word. ONNX Runtime, whose authors define the format, is the reference.
"""

from __future__ import annotations

from collections.abc import Callable

from streamdepth.engine.agreement import Agreement, standing_in
from streamdepth.engine.engine import Engine
from streamdepth.engine.options import EngineOptions
from streamdepth.engine.runtime import Batch
from streamdepth.engine.runtimes.registry import runners
from streamdepth.engine.selection.memory import memory_of
from streamdepth.engine.selection.model import ChosenFile, Notify
from streamdepth.engine.selection.ways import Way
from streamdepth.errors import ModelError
from streamdepth.models.export.formats import NetworkFormat

_JUDGED = 6
"""Pictures on which bf16 is judged: it has little to get wrong, and the first start must not take long."""

REFERENCE = Way(next(backend.name for backend in runners(NetworkFormat.ONNX) if backend.is_reference), "fp32")

Open = Callable[[Way], Engine]


def warn_of_other_depth(
    engine: Engine, chosen: ChosenFile, options: EngineOptions, notify: Notify, open_way: Open
) -> None:
    """Notify once where an engine that was asked for gives other depth than the reference."""
    way = Way(engine.runtime_name, engine.precision)
    if chosen.form is not NetworkFormat.ONNX or chosen.quantised or way.runtime == REFERENCE.runtime:
        return
    if not REFERENCE.backend.is_installed:
        return
    memory = memory_of(chosen, options, compared=str(way))
    line = memory.line()
    if line is None:
        try:
            verdict = compared(open_way(REFERENCE), engine)
        except ModelError:
            return  # then there is nothing to compare with
        line = "" if verdict.within_budget else f"warning: {way}: {other_depth(verdict)}; use --engine auto"
        memory.keep(way, line)
    if line:
        notify(line)


def other_depth(verdict: Agreement) -> str:
    """Why a runtime is not to be used for a network, in words."""
    return f"it gives other depth than {REFERENCE.runtime} for this network (agrees on {verdict})"


def compared(reference: Engine, engine: Engine) -> Agreement:
    """How well an engine agrees with another on some pictures of the package."""
    pairs = [(_run(reference, batch), _run(engine, batch)) for batch in batches(engine, _JUDGED)]
    return standing_in(pairs)


def batches(engine: Engine, count: int) -> list[Batch]:
    """Inputs for an engine, made of so many pictures of the package."""
    from streamdepth.models.pictures import TILE, batch_of, judging_pictures

    size = engine.input_size(*TILE)
    return [batch_of(picture, engine.card, size) for picture in judging_pictures()[:count]]


def _run(engine: Engine, batch: Batch) -> Batch:
    depth: Batch = engine.runtime.infer(batch)[0]
    return depth
