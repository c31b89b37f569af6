"""What depth takes in several sizes of a network's input: measured once, in turns, and remembered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from streamdepth.engine.engine import Engine
from streamdepth.engine.selection.memory import Memory, machine_facts
from streamdepth.engine.selection.timing import time_ways

SHAPE = (1280, 720)
"""(width, height) of the picture that the sizes are measured for: other shapes take other times in the same ratios."""

Notify = Callable[[str], None]


def times_of(
    engine: Engine, sizes: Sequence[int], cache: Path, threads: int | None, notify: Notify
) -> dict[int, float]:
    """Seconds of a depth map in each of `sizes`; `notify` gets a line if it takes a moment."""
    facts = {
        **machine_facts(threads),
        "table": list(sizes),
        "model": engine.sha256,
        "runtime": engine.runtime_name,
        "precision": engine.precision,
    }
    memory = Memory(cache, facts)
    known = _read(memory.read().get("seconds"), sizes)
    if known is not None:
        return known
    counted = "1 size" if len(sizes) == 1 else f"{len(sizes)} sizes"
    notify(f"measuring {engine.name} in {counted}, once: a few seconds")
    found = time_ways({size: _run(engine, size) for size in sizes})
    memory.write({"seconds": {str(size): seconds for size, seconds in found.items()}})
    return found


def _read(stored: object, sizes: Sequence[int]) -> dict[int, float] | None:
    """What was remembered, where it is whole."""
    if not isinstance(stored, Mapping):
        return None
    found = {size: stored.get(str(size)) for size in sizes}
    numbers = {size: float(value) for size, value in found.items() if isinstance(value, float) and value > 0}
    return numbers if len(numbers) == len(sizes) else None


def _run(engine: Engine, size: int) -> Callable[[], object]:
    columns, rows = engine.resized(size).input_size(*SHAPE)
    batch = np.zeros((1, 3, rows, columns), np.float32)
    return lambda: engine.runtime.infer(batch)
