"""`--dry-run`: what would be rendered, in what time, space and memory, and what of the inputs would not be kept."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence

from streamdepth.batch.estimate import Estimate, estimate
from streamdepth.batch.plan import Plan, plan_batch
from streamdepth.batch.spec import BatchSpec
from streamdepth.cli.commands.console import error_console
from streamdepth.cli.commands.render import RunWords
from streamdepth.cli.observer import ConsoleObserver
from streamdepth.cli.standard_output import say
from streamdepth.counted import counted
from streamdepth.errors import UsageError
from streamdepth.reporting.overall import duration
from streamdepth.reporting.report import current_rss_mb, peak_rss_mb
from streamdepth.reporting.systemd import ServiceManager
from streamdepth.run.engines import LoadedOnce
from streamdepth.run.loading import load_network
from streamdepth.run.spec import RunSpec

_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def print_dry_run(spec: RunSpec, batch: BatchSpec, words: RunWords) -> int:
    """Print a paragraph for each input and a line for all; 1 where one of them would fail."""
    if spec.input.camera is not None or not spec.writes_files:
        raise UsageError("--dry-run is for files that are written", "add --input FILE --output FILE")
    surroundings = words.surroundings(ServiceManager(words.environ))
    plan = plan_batch(spec, batch, surroundings)
    engines = LoadedOnce(load_network)
    engines(spec.network, surroundings.cache_dir, ConsoleObserver(error_console(), words.log.log_format))
    network = octets_of(current_rss_mb())
    for left in plan.left_out:
        _print([f"{left.name}: {'would fail' if left.is_failure else 'left out'}: {left.reason}"])
    estimates = []
    for one in estimate(plan, surroundings, engines):
        estimates.append(one)
        _print(lines_of(one))
    memory = network + max((one.trial.memory for one in estimates), default=0)
    _print([total_of(plan, estimates, max(memory, octets_of(peak_rss_mb())))])
    failing = any(left.is_failure for left in plan.left_out) or any(one.trial.error for one in estimates)
    return 1 if failing else 0


def lines_of(one: Estimate) -> Iterator[str]:
    """What is said of one input."""
    job, trial = one.job, one.trial
    places = " and ".join(map(str, job.outputs))
    if one.is_there:
        yield f"{job.name}: skipped, {places} is there already"
        return
    if trial.error:
        yield f"{job.name}: would fail: {trial.error}"
        return
    assert trial.info is not None, "what did not fail was opened"
    rate = f" at {float(trial.info.rate):.5g} frames/s" if trial.info.rate else ""
    count = "nobody knows how many frames" if trial.frames is None else counted(trial.frames, "frame")
    yield f"{job.name} -> {places}"
    yield f"    {trial.info.width}x{trial.info.height}{rate}, {count}{_cost(one)}"
    for note in trial.notes:
        yield f"    {note}"


def total_of(plan: Plan, estimates: Sequence[Estimate], memory: int) -> str:
    """One line for all, which take so much memory in bytes."""
    good = [one for one in estimates if not one.trial.error and not one.is_there]
    wanted = len(plan.jobs) + sum(left.is_failure for left in plan.left_out)
    seconds, octets = sum(one.seconds or 0.0 for one in good), sum(one.octets or 0 for one in good)
    unknown = sum(one.seconds is None for one in good)
    parts = [
        f"{len(good)} of {wanted} would be rendered",
        f"about {duration(seconds)}",
        f"{size(octets)}{_free(plan, octets)}",
        f"{size(memory)} of memory",
        f"{unknown} of unknown length not counted" if unknown else "",
    ]
    return "all: " + ", ".join(part for part in parts if part)


def size(octets: int) -> str:
    """Bytes, as people read them."""
    unit, name = next((pair for pair in _UNITS if octets >= pair[0]), _UNITS[-1])
    return f"{octets / unit:.0f} {name}" if octets >= 10 * unit else f"{octets / unit:.1f} {name}"


def octets_of(megabytes: float | None) -> int:
    """Bytes; 0 where the platform does not tell."""
    return round((megabytes or 0.0) * 2**20)


def _cost(one: Estimate) -> str:
    if one.seconds is None or one.octets is None:
        return ""
    return f": about {duration(one.seconds)}, {size(one.octets)}"


def _free(plan: Plan, octets: int) -> str:
    """What the disk of the outputs has beside what is wanted."""
    output = next((path for job in plan.jobs for path in job.outputs), None)
    if output is None:
        return ""
    there = next(folder for folder in output.absolute().parents if folder.is_dir())
    free = shutil.disk_usage(there).free
    return f" of {size(free)} that are free" if octets <= free else f", and only {size(free)} are free"


def _print(lines: Iterator[str] | Sequence[str]) -> None:
    for line in lines:
        say(line)
