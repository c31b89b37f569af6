"""From what was asked for to a loaded engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamdepth.engine.convert import file_for
from streamdepth.engine.engine import Engine
from streamdepth.engine.network_file import load_file
from streamdepth.engine.options import EngineOptions
from streamdepth.engine.selection.automatic import pick_way
from streamdepth.engine.selection.check import check
from streamdepth.engine.selection.model import ChosenFile, ChosenModel, Notify, choose_model
from streamdepth.engine.selection.reference import REFERENCE, warn_of_other_depth
from streamdepth.engine.selection.ways import Way, possible_ways
from streamdepth.machine import told_threads

if TYPE_CHECKING:
    from streamdepth.models.weights.download import Progress


def load_engine(
    options: EngineOptions, progress: Progress | None = None, notify: Notify | None = None
) -> Engine:
    """Load a network, ready to run; fetches and converts it first where that is needed.

    `streamdepth.load_engine`, which this is behind, says what each option may be and which errors are raised.
    `progress` is called during a download, with the bytes so far and in all (or None). `notify` gets a line
    each for the model of `auto`, a conversion that takes a moment, and anything unexpected. Where it is
    there, a network of others on a runtime that was asked for is compared with the reference once.
    """
    check(options)
    notify_once = _once(notify)
    chosen = choose_model(options, progress, notify_once)
    ways = possible_ways(options, chosen)

    def open_way(way: Way) -> Engine:
        return _open(chosen, way, options, notify_once)

    engine = pick_way(ways, chosen, options, notify_once, open_way) if len(ways) > 1 else open_way(ways[0])
    if notify is not None and isinstance(chosen, ChosenFile) and REFERENCE not in ways:
        warn_of_other_depth(engine, chosen, options, notify_once, open_way)
    return engine


def _once(notify: Notify | None) -> Notify:
    """`notify`, but for lines that it had: each runtime that is opened says the same of a network."""
    notified: set[str] = set()

    def notify_once(line: str) -> None:
        if notify is not None and line not in notified:
            notified.add(line)
            notify(line)

    return notify_once


def _open(chosen: ChosenModel | ChosenFile, way: Way, options: EngineOptions, notify: Notify) -> Engine:
    way.backend.precisions[way.precision]()  # before a conversion that would be for nothing
    if isinstance(chosen, ChosenFile):
        return load_file(chosen, way, options, notify)
    path = file_for(way.backend, way.precision, chosen, options, notify)
    runtime = way.backend.open(path, chosen.card, way.precision, told_threads(options.threads))
    return Engine(runtime, chosen.card, chosen.sha256, options.size)
