"""The automatic choice: the fastest way to run a network here that agrees with float32, measured once.

Of a network that somebody else made, a runtime that gives other depth in float32 than the reference does is left out
and named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial

from streamdepth.engine.agreement import BUDGET, Agreement
from streamdepth.engine.engine import Engine
from streamdepth.engine.options import EngineOptions
from streamdepth.engine.selection.memory import memory_of
from streamdepth.engine.selection.model import ChosenFile, ChosenModel, Notify
from streamdepth.engine.selection.reference import REFERENCE, Open, batches, compared, other_depth
from streamdepth.engine.selection.timing import fastest, time_ways
from streamdepth.engine.selection.ways import Way
from streamdepth.errors import ModelError, WeightsError
from streamdepth.heap import let_go
from streamdepth.threads.pool import Pool


def pick_way(
    ways: Sequence[Way],
    chosen: ChosenModel | ChosenFile,
    options: EngineOptions,
    notify: Notify,
    open_way: Open,
) -> Engine:
    """The engine of the best of several ways: as remembered, else measured now and remembered.

    `notify` gets a line that it takes a moment, and one with the result. Raises what `open_way` raises where no
    way is left.
    """
    memory = memory_of(chosen, options)
    remembered = memory.recall(ways)
    if remembered is not None:
        return open_way(remembered)
    able = [way for way in ways if way.backend.computes(way.precision)] or [ways[0]]
    engines = _opened(able, open_way, notify)
    are_compared = len(engines) > 1
    if are_compared:
        notify("measuring which engine and precision are the fastest here, once: a few seconds")
    verdicts = _judged(engines, chosen, options)
    way, line = _best(engines, verdicts, options)
    line += "".join(f"; no {name} here" for name in dict.fromkeys(w.precision for w in ways if w not in able))
    memory.keep(way, line)
    notify(line)
    if not are_compared:
        return engines[way]
    engines.clear()  # with what was compiled for the pictures that they were compared with
    let_go()
    return open_way(way)


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
    at_work = {way: engine.lanes[0] if options.side_by_side else engine for way, engine in engines.items()}
    foreign = isinstance(chosen, ChosenFile)
    exact = [way for way in engines if way.precision == "fp32"]
    reference = REFERENCE if foreign and REFERENCE in engines else next(iter(exact), None)
    for way, engine in at_work.items():
        is_judged = way.precision == "bf16" or (foreign and way.precision == "fp32")
        if is_judged and reference not in (None, way):
            verdicts[way] = compared(at_work[reference], engine)
        elif way.precision == "int8" and isinstance(chosen, ChosenModel):
            built = chosen.int8_place(way.backend, options.cache).find()
            if built is not None:
                verdicts[way] = built.facts.agreement_found
    return verdicts


def _best(
    engines: dict[Way, Engine], verdicts: Mapping[Way, Agreement], options: EngineOptions
) -> tuple[Way, str]:
    """The way to take, and the line that says why; engines that do not agree are let go, with the memory they hold."""
    forced = options.precision not in ("auto", "fp32")
    fit = [way for way in engines if forced or way not in verdicts or verdicts[way].within_budget]
    missed = [way for way in engines if way not in fit]
    for other in missed:
        del engines[other]
    let_go()
    times = _timed(engines, fit, options) if len(fit) > 1 else {fit[0]: 1.0}
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
        return f"; {way} is left out: {other_depth(verdict)}"
    return f"; {way} agrees on {verdict} only ({BUDGET * 100:g} % needed)"


def _timed(engines: Mapping[Way, Engine], fit: Sequence[Way], options: EngineOptions) -> dict[Way, float]:
    """Seconds of a picture, or of one in each lane at the same time: all runtimes that are timed have as many."""
    with ExitStack() as stack:
        make = partial(_in_each_lane, stack) if options.side_by_side else _repeatable
        return time_ways({way: make(engines[way]) for way in fit})


def _repeatable(engine: Engine) -> Callable[[], object]:
    (batch,) = batches(engine, 1)
    return lambda: engine.runtime.infer(batch)


def _in_each_lane(stack: ExitStack, engine: Engine) -> Callable[[], object]:
    runs = [_repeatable(lane) for lane in engine.lanes]
    threads = stack.enter_context(Pool("timing", len(runs)))
    return lambda: list(threads.map(lambda run: run(), runs))
