"""The automatic choice: the fastest way to run a network here that agrees with float32, measured once.

Of a network that somebody else made, it is not taken for granted that each runtime does what the file says: OpenVINO
2026.4 leaves out some settings of ONNX without a word. ONNX Runtime, which is made by those who define the format, is
the reference there, and a runtime that gives other depth in float32 is left out and named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from importlib.util import find_spec
from typing import Any

from streamdepth.engine.agreement import BUDGET, Agreement, standing_in
from streamdepth.engine.engine import Batch, Engine, EngineOptions
from streamdepth.engine.selection.model import ChosenFile, ChosenModel, Notify
from streamdepth.engine.selection.ways import Way, WayMemory, fastest, time_ways
from streamdepth.errors import ModelError, WeightsError
from streamdepth.machine import has_int8, this_processor, thread_count
from streamdepth.models.export.conversions import package_version
from streamdepth.models.export.formats import NetworkFormat
from streamdepth.models.weights.store import default_cache_dir

_JUDGED = 6
"""Pictures on which bf16 is judged: it has little to get wrong, and the first start must not take long."""

REFERENCE = Way("onnxruntime", "fp32")
"""What says how a network of others is meant."""

Open = Callable[[Way], Engine]


def pick_way(
    ways: Sequence[Way],
    chosen: ChosenModel | ChosenFile,
    options: EngineOptions,
    notify: Notify,
    open_way: Open,
) -> Engine:
    """The engine of the best of several ways: as remembered, else measured now and remembered.

    `notify` is told that it takes a moment, and in one line what came of it. Raises what `open_way` raises where no
    way is left.
    """
    memory = WayMemory(options.cache_dir or default_cache_dir(), _circumstances(chosen, options))
    remembered = memory.recall(ways)
    if remembered is not None:
        return open_way(remembered)
    able = [way for way in ways if _is_able(way)] or [ways[0]]
    engines = _opened(able, open_way, notify)
    if len(engines) > 1:
        notify("measuring which engine and precision are the fastest here, once: a few seconds")
    verdicts = _judged(engines, chosen, options)
    way, line = _best(engines, verdicts, options)
    line += "".join(f"; no {name} here" for name in dict.fromkeys(w.precision for w in ways if w not in able))
    memory.keep(way, line)
    notify(line)
    return engines[way]


def warn_of_other_depth(
    engine: Engine, chosen: ChosenFile, options: EngineOptions, notify: Notify, open_way: Open
) -> None:
    """Tell `notify` where an engine that was asked for gives other depth than the reference; found out once."""
    way = Way(engine.runtime_name, engine.precision)
    if chosen.form is not NetworkFormat.ONNX or chosen.quantised or way.runtime == REFERENCE.runtime:
        return
    if find_spec(REFERENCE.runtime) is None:
        return
    compared = {**_circumstances(chosen, options), "compared": str(way)}
    memory = WayMemory(options.cache_dir or default_cache_dir(), compared)
    line = memory.told()
    if line is None:
        try:
            verdict = _compared(open_way(REFERENCE), engine)
        except ModelError:
            return  # then there is nothing to compare with
        line = "" if verdict.within_budget else f"warning: {way}: {_other_depth(verdict)}; use --engine auto"
        memory.keep(way, line)
    if line:
        notify(line)


def _circumstances(chosen: ChosenModel | ChosenFile, options: EngineOptions) -> dict[str, Any]:
    """All that the choice depends on."""
    processor = this_processor()
    return {
        "processor": processor.name,
        "flags": sha256(" ".join(sorted(processor.flags or ())).encode()).hexdigest()[:16],
        "versions": {name: package_version(name) for name in ("streamdepth", "openvino", "onnxruntime")},
        "model": chosen.sha256,
        "int8": _int8_files(chosen, options),
        "size": options.size,
        "threads": thread_count(options.threads),
        "engine": options.runtime,
        "precision": options.precision,
    }


def _int8_files(chosen: ChosenModel | ChosenFile, options: EngineOptions) -> list[str]:
    if isinstance(chosen, ChosenFile):
        return []
    places = (chosen.int8_place(runtime, options.cache_dir) for runtime in ("openvino", "onnxruntime"))
    return [path.name for place in places for path in place.conversion.candidates()]


def _is_able(way: Way) -> bool:
    """Whether the processor computes in this precision."""
    if way.precision == "bf16":
        from streamdepth.engine.runtimes.openvino import has_bf16

        return has_bf16()
    return way.precision != "int8" or has_int8()


def _opened(ways: Sequence[Way], open_way: Open, notify: Notify) -> dict[Way, Engine]:
    """Those that can be opened; a runtime that cannot run a network of others leaves the choice to the rest."""
    engines: dict[Way, Engine] = {}
    failures = []
    for way in ways:
        try:
            engines[way] = open_way(way)
        except WeightsError:
            raise  # no other way would run these
        except ModelError as error:
            failures.append(error)
            notify(f"{way} is left out: {error.what}")
    if not engines:
        raise failures[0]
    return engines


def _judged(
    engines: Mapping[Way, Engine], chosen: ChosenModel | ChosenFile, options: EngineOptions
) -> dict[Way, Agreement]:
    """How well each way agrees with the reference, where that is not known; int8 was judged when it was built."""
    verdicts = {}
    foreign = isinstance(chosen, ChosenFile)
    exact = [way for way in engines if way.precision == "fp32"]
    reference = REFERENCE if foreign and REFERENCE in engines else next(iter(exact), None)
    for way, engine in engines.items():
        is_judged = way.precision == "bf16" or (foreign and way.precision == "fp32")
        if is_judged and reference not in (None, way):
            verdicts[way] = _compared(engines[reference], engine)
        elif way.precision == "int8" and isinstance(chosen, ChosenModel):
            built = chosen.int8_place(way.runtime, options.cache_dir).find()
            if built is not None:
                verdicts[way] = built.facts.agreement_found
    return verdicts


def _best(
    engines: Mapping[Way, Engine], verdicts: Mapping[Way, Agreement], options: EngineOptions
) -> tuple[Way, str]:
    """The way to take, and the line that says why."""
    forced = options.precision not in ("auto", "fp32")
    fit = [way for way in engines if forced or way not in verdicts or verdicts[way].within_budget]
    missed = [way for way in engines if way not in fit]
    times = time_ways({way: _repeatable(engines[way]) for way in fit}) if len(fit) > 1 else {fit[0]: 1.0}
    way = fastest(times)
    return way, _line(way, times, verdicts) + "".join(_missed(other, verdicts[other]) for other in missed)


def _line(way: Way, times: Mapping[Way, float], verdicts: Mapping[Way, Agreement]) -> str:
    exact = [seconds for other, seconds in times.items() if other.precision == "fp32"]
    if way.precision != "fp32" and exact:
        agrees = f", agrees on {verdicts[way]}" if way in verdicts else ""
        return f"{way}: {min(exact) / times[way]:.1f}x the speed of fp32 here{agrees}"
    return f"{way}: the fastest of {', '.join(map(str, times))} here" if len(times) > 1 else f"{way}"


def _missed(way: Way, verdict: Agreement) -> str:
    if way.precision == "fp32":
        return f"; {way} is left out: {_other_depth(verdict)}"
    return f"; {way} agrees on {verdict} only ({BUDGET * 100:g} % needed)"


def _other_depth(verdict: Agreement) -> str:
    return f"it gives other depth than {REFERENCE.runtime} for this network (agrees on {verdict})"


def _compared(reference: Engine, engine: Engine) -> Agreement:
    pairs = [(_run(reference, batch), _run(engine, batch)) for batch in _batches(engine, _JUDGED)]
    return standing_in(pairs)


def _repeatable(engine: Engine) -> Callable[[], object]:
    (batch,) = _batches(engine, 1)
    return lambda: engine.runtime.infer(batch)


def _batches(engine: Engine, count: int) -> list[Batch]:
    from streamdepth.models.pictures import TILE, batch_of, judging_pictures

    size = engine.input_size(*TILE)
    return [batch_of(picture, engine.card, size) for picture in judging_pictures()[:count]]


def _run(engine: Engine, batch: Batch) -> Batch:
    depth: Batch = engine.runtime.infer(batch)[0]
    return depth
