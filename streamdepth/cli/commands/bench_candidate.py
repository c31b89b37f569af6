"""One candidate of `streamdepth bench`, measured in a process of its own.

    python -m streamdepth.cli.commands.bench_candidate FOLDER

The folder holds `task.json` and `pictures.npy`; `result.json` and `maps.npy` are written beside them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamdepth.engine import EngineOptions, load_engine
from streamdepth.errors import StreamdepthError
from streamdepth.values import dataclass

TASK, RESULT, PICTURES, MAPS = "task.json", "result.json", "pictures.npy", "maps.npy"
PATIENCE = 600.0
"""Seconds for one process: a conversion or an int8 network may have to be made first."""


@dataclass(frozen=True)
class Task:
    """A network in one runtime and precision, and how long it is measured."""

    options: EngineOptions
    seconds: float
    """For each of the two ways of running."""

    @property
    def way(self) -> tuple[str, str]:
        """Runtime and precision."""
        return self.options.runtime, self.options.precision

    def to_json(self) -> str:
        """For the process that measures, with the time at which it was asked to."""
        return json.dumps({**asdict(self), "begin": time.time()}, default=str)

    @classmethod
    def from_json(cls, text: str) -> tuple[Task, float]:
        """The task of `to_json`, and its time."""
        document = json.loads(text)
        paths = {name: document["options"][name] for name in ("weights", "cache_dir")}
        found = {name: None if path is None else Path(path) for name, path in paths.items()}
        return cls(EngineOptions(**{**document["options"], **found}), document["seconds"]), document["begin"]


@dataclass(frozen=True)
class Measured:
    """What one process found; times in seconds, memory in MB."""

    p50: float
    p95: float
    rate: float
    """Pictures a second, as many at once as there are lanes."""
    lanes: int
    start: float
    """From the start of the process to the first depth map."""
    memory: float | None
    """Resident at the end (the peak if the platform reports no other); None if it reports nothing."""
    input: tuple[int, int]


def measure_apart(
    task: Task, pictures: NDArray[np.uint8], folder: Path
) -> tuple[Measured, NDArray[np.float32]] | str:
    """The figures and the depth maps, (N, h, w), of (N, H, W, 3) uint8 BGR pictures; or why there are none."""
    result = folder / RESULT
    result.unlink(missing_ok=True)
    (folder / TASK).write_text(task.to_json(), encoding="utf-8")
    np.save(folder / PICTURES, pictures)
    command = [sys.executable, "-m", "streamdepth.cli.commands.bench_candidate", str(folder)]
    try:
        done = subprocess.run(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return f"it did not end within {PATIENCE:g} s"
    if not result.exists():
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return f"its process ended with status {done.returncode}" + (f": {said[-1]}" if said else "")
    found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    if "error" in found:
        return str(found["error"])
    return Measured(**{**found, "input": tuple(found["input"])}), np.load(folder / MAPS)


def measure_here(folder: Path, clock: Callable[[], float] = time.time) -> None:
    """Do the task of a folder and write what was found there; what cannot run is named in the result."""
    task, begin = Task.from_json((folder / TASK).read_text(encoding="utf-8"))
    try:
        found = asdict(_measured(task, folder, begin, clock))
    except StreamdepthError as error:
        found = {"error": str(error)}
    (folder / RESULT).write_text(json.dumps(found), encoding="utf-8")


def _measured(task: Task, folder: Path, begin: float, clock: Callable[[], float]) -> Measured:
    from streamdepth.evaluation.speed import measure
    from streamdepth.reporting.report import current_rss_mb

    engine = load_engine(task.options)
    pictures = np.load(folder / PICTURES, mmap_mode="r")
    first = engine.estimate(np.array(pictures[0]))
    start = clock() - begin
    rest = [engine.estimate(np.array(picture)).values for picture in pictures[1:]]
    np.save(folder / MAPS, np.stack([first.values, *rest]))
    size = engine.input_size(pictures.shape[2], pictures.shape[1])
    speed = measure(engine, size, task.seconds)
    return Measured(
        p50=speed.one.p50 or 0.0,
        p95=speed.one.p95 or 0.0,
        rate=speed.rate,
        lanes=speed.lanes,
        start=start,
        memory=current_rss_mb(),
        input=size,
    )


if __name__ == "__main__":
    measure_here(Path(sys.argv[1]))
