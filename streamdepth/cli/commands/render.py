"""What `streamdepth` does without a command: one run, or several with one network."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from streamdepth.addresses import redact, redact_address
from streamdepth.batch.choice import is_batch, one_run
from streamdepth.cameras.choice import is_group, with_camera
from streamdepth.cli.commands.run_words import RunWords, Wanted, reported
from streamdepth.heap import loading
from streamdepth.reporting.console import ErrorConsole
from streamdepth.reporting.logs import log_info
from streamdepth.run.spec import RunSpec

if TYPE_CHECKING:
    from streamdepth.cli.progress_lines import ProgressLines
    from streamdepth.cluster.run import ClusterRun
    from streamdepth.reporting.events import Observe
    from streamdepth.run.run import Run
    from streamdepth.run.surroundings import Surroundings


def carry_out(wanted: Wanted, words: RunWords, *, dry_run: bool) -> int:
    """The exit status of what was asked for; raises what `Run`, `Batch` and `Group` raise."""
    import cv2  # noqa: F401 - before PyAV: loaded behind it, OpenCV hangs when it opens a window

    spec, batch = with_camera(wanted.spec, wanted.cameras), wanted.batch
    if not dry_run and is_group(wanted.spec, batch, wanted.cameras):
        from streamdepth.cli.commands.group import run_group

        return run_group(wanted, words)
    if dry_run:
        from streamdepth.cli.commands.dry_run import print_dry_run

        return print_dry_run(spec, batch, words)
    if is_batch(spec, batch):
        from streamdepth.cli.commands.batch import run_batch

        return run_batch(spec, batch, words)
    return run_one(one_run(spec, batch), words)


def run_one(spec: RunSpec, words: RunWords) -> int:
    """The exit status of a run of `spec`, with word of what happens and the report however it ends."""
    from streamdepth.cli.observer import ConsoleObserver, each
    from streamdepth.cli.signals import handled_signals
    from streamdepth.cli.words import summary_of
    from streamdepth.reporting.systemd import ServiceManager

    console, manager = ErrorConsole(), ServiceManager(words.environ)
    lines = _progress_lines() if words.log.progress == "json" else None
    observer = ConsoleObserver(
        console, words.log.log_format, manager, shows_progress=words.log.progress == "auto"
    )
    if spec.stream.wait_for_source:
        manager.waits()
    this = _run_of(spec, words.surroundings(manager), each(observer, lines))
    signals = handled_signals(this, this.write_report, leaves_parts=spec.leaves_parts)
    try:
        with signals as received, reported(this), _lines_of(this, spec, lines):
            stats = this.execute()
            if stats.written and (this.is_live or not received):
                log_info(console, summary_of(stats))
    finally:  # a failure leaves them as well
        for part in this.kept_parts():
            how = " (the same command with --resume continues)" if this.can_be_resumed else ""
            log_info(console, f"stopped early; what was done is in {part}{how}")
    return 128 + received[0] if received else 0


def _progress_lines() -> ProgressLines:
    from streamdepth.cli.progress_lines import (
        ProgressLines,  # which knows of batches all that a run does not need
    )

    return ProgressLines.on(sys.stdout)


def _run_of(spec: RunSpec, surroundings: Surroundings, observe: Observe) -> Run | ClusterRun:
    """Here, or on the cluster that is named."""
    if spec.output.cluster is None:
        with loading():
            from streamdepth.run.importing import import_for
            from streamdepth.run.run import Run

            run = Run(spec, surroundings, observe)  # which says what is wrong before the rest is there
            import_for(spec)
        return run
    from streamdepth.cluster.on_ray import OnRay
    from streamdepth.cluster.run import ClusterRun

    return ClusterRun(spec, OnRay, surroundings, observe)


@contextmanager
def _lines_of(run: Run | ClusterRun, spec: RunSpec, lines: ProgressLines | None) -> Iterator[None]:
    """The first and the last lines of a run, where lines are wanted: those of a file that is alone."""
    if lines is None:
        yield
        return
    from streamdepth.batch.outcome import Ending, State, outcome_of_run
    from streamdepth.reporting.overall import Overall

    began, state, reason = time.monotonic(), State.DONE, ""
    name = redact_address(spec.input.input or f"camera {spec.input.camera}")
    lines.began(Overall(1, 1, name, 0.0, 1.0, 0.0), spec.output.places)
    try:
        yield
        state = State.STOPPED if run.kept_parts() else State.DONE
    except BaseException as error:
        state = State.FAILED if isinstance(error, Exception) else State.STOPPED
        reason = redact(str(error)) if state is State.FAILED else ""
        raise
    finally:
        ending = Ending(state, reason, time.monotonic() - began)
        outcome = outcome_of_run(name, spec.output.places, run, ending)
        lines.ended(1, 1, outcome)
        lines.total([outcome], ending.seconds)
