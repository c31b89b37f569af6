"""A whole film of several: rendered by one machine, with all that it has, as a run there renders it."""

from __future__ import annotations

import time
from dataclasses import replace

from streamdepth.cluster.infer import engines_here
from streamdepth.cluster.tasks import Render, Whole
from streamdepth.files import journal_path
from streamdepth.reporting.events import Event, Said
from streamdepth.resuming.finished import recall, remember
from streamdepth.run.run import Run
from streamdepth.run.spec import RunSpec
from streamdepth.run.surroundings import Surroundings


def render(task: Render) -> Whole:
    """Render it; where a worker that was lost left a part of it, that is gone on with. Raises as `Run` does."""
    said: list[tuple[str, bool]] = []

    def observe(event: Event) -> None:
        if isinstance(event, Said):
            said.append((event.line, event.is_warning))

    began = time.monotonic()
    spec, cache_dir = task.film.spec, task.film.cache_dir
    if task.finished is not None:
        remember(spec.output.places, task.finished, cache_dir)
    run = Run(going_on(spec), Surroundings(cache_dir=cache_dir), observe, engines_here())
    run.execute()
    finished = recall(spec.output.places, cache_dir)
    return Whole(run.report(), tuple(said), time.monotonic() - began, finished)


def going_on(spec: RunSpec) -> RunSpec:
    """`spec` so that it goes on with what is left of it; what was said of that holds."""
    final = spec.output.output or spec.output.depth_output
    is_left = final is not None and journal_path(final).exists()
    if spec.output.resume is not None or not is_left:
        return spec
    return replace(spec, output=replace(spec.output, resume=True))
