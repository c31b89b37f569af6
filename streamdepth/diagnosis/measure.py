"""The process that measures runtimes: `python -m streamdepth.diagnosis.measure RUNTIME[,RUNTIME] [CACHE_DIR]`.

It prints one JSON object a line for each runtime and precision, as soon as it is known.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from streamdepth.engine import Engine, EngineOptions, load_engine
from streamdepth.engine.runtimes.registry import find_backend
from streamdepth.errors import StreamdepthError

WIDTH, HEIGHT = 1280, 720
ROUNDS = 30
ENOUGH = 1.5
"""Seconds of measuring."""
_WARM = 3  # TorchScript optimises in its first runs
_MEASURED = ("fp32", "bf16")
"""Precisions that need no preparation: others are made from weights, which takes minutes."""


def main(arguments: Sequence[str]) -> None:
    """Measure what the arguments name."""
    cache_dir = Path(arguments[1]) if len(arguments) > 1 else None
    for runtime in arguments[0].split(","):
        backend = find_backend(runtime)
        for precision in (
            name for name in backend.precisions if name in _MEASURED and backend.computes(name)
        ):
            line = json.dumps(_measured(runtime, precision, cache_dir))
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


def _measured(runtime: str, precision: str, cache_dir: Path | None) -> dict[str, Any]:
    named: dict[str, Any] = {"runtime": runtime, "precision": precision}
    try:
        options = EngineOptions("nano", runtime=runtime, precision=precision, cache_dir=cache_dir)
        engine = load_engine(options)
        engine.warm_up(WIDTH, HEIGHT)
        return {**named, "ms": round(_median_ms(engine), 2)}
    except (StreamdepthError, ImportError) as error:
        return {**named, "error": " ".join(str(error).split())}


def _median_ms(engine: Engine) -> float:
    """Milliseconds from a picture to its depth: what a frame waits for."""
    picture = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    for _ in range(_WARM):
        engine.estimate(picture)
    times: list[float] = []
    end = time.perf_counter() + ENOUGH
    while len(times) < ROUNDS and (not times or time.perf_counter() < end):
        begin = time.perf_counter()
        engine.estimate(picture)
        times.append(time.perf_counter() - begin)
    return statistics.median(times) * 1000


if __name__ == "__main__":
    main(sys.argv[1:])
