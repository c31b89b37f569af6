"""`--dry-run`: what would be rendered, in what time, space and memory, and what of the inputs would not be kept."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence

from streamdepth.batch.estimate import Estimate, estimate
from streamdepth.batch.plan import Plan, plan_batch
from streamdepth.batch.spec import BatchSpec
from streamdepth.cli.commands.run_words import RunWords
from streamdepth.cli.observer import ConsoleObserver
from streamdepth.cli.standard_output import say
from streamdepth.counted import byte_size, counted
from streamdepth.errors import UsageError
from streamdepth.reporting.console import ErrorConsole
from streamdepth.reporting.overall import duration
from streamdepth.reporting.report import current_rss_mb, peak_rss_mb
from streamdepth.reporting.systemd import ServiceManager
from streamdepth.run.network.engines import LoadedOnce
from streamdepth.run.network.loading import load_network
from streamdepth.run.outputs.files import replaced
from streamdepth.run.spec import RunSpec


def print_dry_run(spec: RunSpec, batch: BatchSpec, words: RunWords) -> int:
    """Print a paragraph for each input and a line for all; 1 where one of them would fail."""
    if spec.input.camera is not None or not spec.writes_files:
        raise UsageError("--dry-run is for files that are written", "add --input FILE --output FILE")
    surroundings = words.surroundings(ServiceManager(words.environ))
    plan = plan_batch(spec, batch, surroundings)
    engines = LoadedOnce(load_network)
    engines(
        spec.wanted_network, surroundings.cache_dir, ConsoleObserver(ErrorConsole(), words.log.log_format)
    )
    network = _bytes_of(current_rss_mb())
    for left in plan.left_out:
        _print([f"{left.name}: {'would fail' if left.is_failure else 'left out'}: {left.reason}"])
    estimates = []
    for one in estimate(plan, surroundings, engines):
        estimates.append(one)
        _print(lines_of(one))
    memory = network + max((one.trial.memory for one in estimates), default=0)
    _print([total_of(plan, estimates, max(memory, _bytes_of(peak_rss_mb())))])
    failing = any(left.is_failure for left in plan.left_out) or any(one.trial.error for one in estimates)
    return 1 if failing else 0


def lines_of(one: Estimate) -> Iterator[str]:
    """What is said of one input."""
    planned, trial = one.planned, one.trial
    places = " and ".join(map(str, planned.outputs))
    if one.is_there:
        yield f"{planned.name}: skipped, {places} is there already"
        return
    if trial.error:
        yield f"{planned.name}: would fail: {trial.error}"
        return
    assert trial.info is not None, "what did not fail was opened"
    rate = f" at {float(trial.info.rate):.5g} frames/s" if trial.info.rate else ""
    count = "nobody knows how many frames" if trial.frames is None else counted(trial.frames, "frame")
    yield f"{planned.name} -> {places}"
    yield f"    {trial.info.width}x{trial.info.height}{rate}, {count}{_cost(one)}"
    fate = "completed, or kept if it is whole" if planned.spec.output.resume else "replaced"
    for path in replaced(planned.spec):
        yield f"    {path} already exists and would be {fate}"
    for note in trial.notes:
        yield f"    {note}"


def total_of(plan: Plan, estimates: Sequence[Estimate], memory: int) -> str:
    """One line for all, which take so much memory in bytes."""
    good = [one for one in estimates if not one.trial.error and not one.is_there]
    wanted = len(plan.runs) + sum(left.is_failure for left in plan.left_out)
    seconds, needed = sum(one.seconds or 0.0 for one in good), sum(one.bytes or 0 for one in good)
    unknown = sum(one.seconds is None for one in good)
    parts = [
        f"{len(good)} of {wanted} would be rendered",
        f"about {duration(seconds)}",
        f"{byte_size(needed)}{_free(plan, needed)}",
        f"{byte_size(memory)} of memory",
        f"{unknown} of unknown length not counted" if unknown else "",
    ]
    return "all: " + ", ".join(part for part in parts if part)


def _bytes_of(megabytes: float | None) -> int:
    """Bytes; 0 if the platform does not report it."""
    return round((megabytes or 0.0) * 2**20)


def _cost(one: Estimate) -> str:
    if one.seconds is None or one.bytes is None:
        return ""
    return f": about {duration(one.seconds)}, {byte_size(one.bytes)}"


def _free(plan: Plan, needed: int) -> str:
    """What the disk of the outputs has beside what is wanted."""
    output = next((path for planned in plan.runs for path in planned.outputs), None)
    if output is None:
        return ""
    there = next(folder for folder in output.absolute().parents if folder.is_dir())
    free = shutil.disk_usage(there).free
    return (
        f" of {byte_size(free)} that are free" if needed <= free else f", and only {byte_size(free)} are free"
    )


def _print(lines: Iterator[str] | Sequence[str]) -> None:
    for line in lines:
        say(line)
