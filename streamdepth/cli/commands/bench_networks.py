"""The table of `streamdepth bench`: each runtime and precision that there is here, in turns."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamdepth.cli.commands.bench_candidate import Measured, Task, measure_apart
from streamdepth.engine.agreement import Agreement, standing_in
from streamdepth.engine.backend import Backend
from streamdepth.engine.runtimes.registry import BACKENDS
from streamdepth.errors import ModelError
from streamdepth.values import dataclass

PICTURE_SIZE = (1280, 720)
_PICTURES = 6
_REFERENCE = "fp32"
Maps = NDArray[np.float32]


@dataclass(frozen=True)
class Row:
    """One line of the table: figures, or why there are none."""

    runtime: str
    precision: str
    measured: Measured | None
    agreement: Agreement | None
    """With the reference, PyTorch or ONNX Runtime in fp32; None for that itself."""
    failure: str = ""


def measure_all(
    tasks: Iterable[Task], rounds: int, notify: Callable[[str], None], pictures: NDArray[np.uint8]
) -> list[Row]:
    """The rows, in the order of the tasks; of each the figures that other work on the machine disturbed least.

    Raises `ModelError` where nothing runs.
    """
    runs: dict[Task, list[Measured]] = {task: [] for task in tasks}
    maps: dict[Task, Maps] = {}
    failures: dict[Task, str] = {}
    with tempfile.TemporaryDirectory(prefix="streamdepth-bench-") as folder:
        for _, task in product(range(rounds), runs):
            if task in failures:
                continue
            if not runs[task]:
                notify("measuring {} in {}".format(*task.way))
            outcome = measure_apart(task, pictures, Path(folder))
            if isinstance(outcome, str):
                failures[task] = outcome
            else:
                runs[task].append(outcome[0])
                maps[task] = outcome[1]
    if not any(runs.values()):
        raise ModelError(f"nothing runs here: {next(iter(failures.values()), 'no runtime is installed')}")
    reference = _reference(list(maps))
    return [_row(task, runs[task], failures.get(task, ""), reference, maps) for task in runs]


def _row(
    task: Task, runs: list[Measured], failure: str, reference: Task | None, maps: dict[Task, Maps]
) -> Row:
    if failure or not runs:
        return Row(*task.way, None, None, failure)
    found = None
    if reference is not None and task != reference:
        found = standing_in(list(zip(maps[reference], maps[task], strict=True)))
    return Row(*task.way, least_disturbed(runs), found)


def _reference(ran: list[Task]) -> Task | None:
    """What the others are compared with: PyTorch, which the network was made in, else ONNX Runtime, in fp32."""
    exact = [task for task in ran if task.options.precision == _REFERENCE]
    faithful = [backend.name for backend in BACKENDS if backend.is_reference]
    meant = (task for name in faithful for task in exact if task.options.runtime == name)
    return next(meant, next(iter(exact), None))


def least_disturbed(runs: list[Measured]) -> Measured:
    """The quickest process; start-up is the shortest of all, for the first may have made a conversion."""
    best = min(runs, key=lambda run: run.p50)
    return replace(best, start=min(run.start for run in runs), rate=max(run.rate for run in runs))


def candidates(task: Task, backends: Iterable[Backend], reference: str | None = None) -> list[Task]:
    """`task`, whose runtime and precision may be `auto`, in all that this stands for among `backends`.

    One in fp32 is always there to compare with, where a runtime has it: the one called `reference`, where it is named.
    """
    able = [
        (backend.name, known)
        for backend in backends
        for known in backend.precisions
        if backend.computes(known)
    ]
    runtime, precision = task.way
    of_runtime = [pair for pair in able if runtime in ("auto", pair[0])]
    wanted = [pair for pair in of_runtime if precision in ("auto", pair[1])]
    named = [pair for pair in able if pair == (reference, _REFERENCE)]
    references = named or [pair for pair in of_runtime if pair[1] == _REFERENCE]
    if not set(references) & set(wanted):
        wanted = references[:1] + wanted
    options = (replace(task.options, runtime=name, precision=known) for name, known in wanted)
    return [replace(task, options=wanted) for wanted in options]


def drawn_pictures() -> NDArray[np.uint8]:
    """(N, H, W, 3) uint8 BGR: moments of the built-in scene, far enough apart to differ."""
    from streamdepth.sources.demo.source import DemoScene

    scene = DemoScene(*PICTURE_SIZE)
    return np.stack([scene.draw(number * 40) for number in range(_PICTURES)])


def described(row: Row) -> dict[str, Any]:
    """A row for JSON."""
    measured = row.measured
    figures = measured and {
        "ms": {"p50": round(measured.p50 * 1000, 2), "p95": round(measured.p95 * 1000, 2)},
        "fps": round(measured.rate, 1),
        "at_once": measured.lanes,
        "start_s": round(measured.start, 2),
        "rss_mb": measured.memory,
        "input": list(measured.input),
    }
    return {
        "engine": row.runtime,
        "precision": row.precision,
        **(figures or {"error": row.failure}),
        "agreement": row.agreement.share if row.agreement else None,
    }
