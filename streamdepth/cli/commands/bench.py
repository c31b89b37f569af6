"""`streamdepth bench`: how fast the networks run here, or what bounds the rate of a whole run on a clip."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Group, Parameter

from streamdepth.addresses import redact_address
from streamdepth.cli.observer import ConsoleObserver, say_unused
from streamdepth.cli.option_groups import obeying
from streamdepth.cli.options import CommonOptions, NetworkOptions
from streamdepth.machine import admitted, thread_count
from streamdepth.reporting.console import ErrorConsole
from streamdepth.reporting.logs import log_info
from streamdepth.reporting.report import check_report_place, write_report
from streamdepth.run.network.loading import engine_options, load_network, word_of_loading
from streamdepth.run.places import Place, check_apart, network_files, reads, writes
from streamdepth.run.rules import ABOVE_ZERO
from streamdepth.values import dataclass

if TYPE_CHECKING:
    from streamdepth.cli.commands.bench_candidate import Task
    from streamdepth.cli.commands.bench_clip import ClipBench
    from streamdepth.cli.commands.bench_networks import Row

_Found = tuple[dict[str, Any], Callable[[], None]]
"""The figures, and what prints them."""

app = App(
    name="bench",
    help_epilogue="streamdepth bench --model nano compares all runtimes; streamdepth bench --input street.mp4 shows "
    "what each stage of a run costs.",
    help_format="plaintext",
)
MEASURE = Group("What is measured", sort_key=1)


def _option(help: str, **more: Any) -> Parameter:
    return Parameter(group=MEASURE, help=help, show_default=False, negative=(), **more)


@Parameter(name="*")
@dataclass(frozen=True)
class BenchOptions:
    """What is measured, and for how long."""

    input: Annotated[
        str | None,
        _option(
            "A clip: measure whole runs on it, stage by stage, instead of the runtimes.",
            metavar="PATH_OR_URL",
        ),
    ] = None
    frames: Annotated[
        int | None, _option("Use this many frames of the clip (default: all).", validator=obeying(ABOVE_ZERO))
    ] = None
    seconds: Annotated[
        float,
        _option(
            "Seconds to measure each configuration in each process (default 1).",
            validator=obeying(ABOVE_ZERO),
        ),
    ] = 1.0
    rounds: Annotated[
        int,
        _option(
            "Processes per runtime, or runs of the clip; the best one counts (default 2).",
            validator=obeying(ABOVE_ZERO),
        ),
    ] = 2
    json: Annotated[Path | None, _option("Write the figures to this .json.")] = None


_DEFAULT = BenchOptions()


@app.default
def bench(
    *,
    options: Annotated[BenchOptions, Parameter(name="*")] = _DEFAULT,
    network: Annotated[NetworkOptions, Parameter(name="*")] = NetworkOptions(),
    common: Annotated[CommonOptions, Parameter(name="*")] = CommonOptions(),
) -> int:
    """Measure the runtimes on this machine, or a whole run on a clip."""
    console = ErrorConsole()
    if options.json is not None:
        check_apart(_places(options, network, common, options.json))
        check_report_place(options.json)
    is_clip = options.input is not None
    unused, whom = (
        (("seconds",), "the runtimes, without --input") if is_clip else (("frames",), "a clip, as --input")
    )
    say_unused(ConsoleObserver(console), options, whom, unused)
    measured = _clip if is_clip else _networks
    figures, show = measured(options, network, common, console)
    if options.json is not None:
        write_report(options.json, figures)
    show()  # last: whoever reads it may want no more, as `| head`
    return 0


def _places(
    options: BenchOptions, network: NetworkOptions, common: CommonOptions, figures: Path
) -> Iterator[Place]:
    from streamdepth.sources import files_of

    yield from reads("--input", *(files_of(options.input) if options.input is not None else ()))
    yield from reads("--model", *network_files(network.model))
    yield from reads("--config", *([common.config] if common.config is not None else ()))
    yield from writes("--json", figures)


def _networks(
    options: BenchOptions, network: NetworkOptions, common: CommonOptions, console: ErrorConsole
) -> _Found:
    from streamdepth.cli.commands.bench_networks import described, drawn_pictures, measure_all

    tasks = _tasks(options, network, common, console)
    rows = measure_all(tasks, options.rounds, lambda line: log_info(console, line), drawn_pictures())
    size = next(row.measured.input for row in rows if row.measured)
    title = f"{Path(tasks[0].options.model).stem}, input {size[0]}x{size[1]}, {thread_count(network.threads)} threads"
    for row in rows:
        if row.failure:
            log_info(console, f"{row.runtime} in {row.precision} does not run: {row.failure}")
    figures = {
        "model": tasks[0].options.model,
        "input": list(size),
        "threads": thread_count(network.threads),
        "rows": [described(row) for row in rows],
    }
    return figures, lambda: _print_rows(title, rows)


def _tasks(
    options: BenchOptions, network: NetworkOptions, common: CommonOptions, console: ErrorConsole
) -> list[Task]:
    """The candidates for the network asked for, which is here once this returns."""
    from streamdepth.cli.commands.bench_candidate import Task
    from streamdepth.cli.commands.bench_networks import candidates
    from streamdepth.engine.runtimes.registry import BACKENDS, runners
    from streamdepth.engine.selection.check import check
    from streamdepth.engine.selection.model import ChosenFile, choose_model
    from streamdepth.engine.selection.reference import REFERENCE

    wanted = engine_options(network, common.cache_dir)
    check(wanted)
    with word_of_loading(ConsoleObserver(console)) as word:
        chosen = choose_model(wanted, word.progress, word.notify)
    task = Task(replace(wanted, model=str(chosen.path)), options.seconds)
    if isinstance(chosen, ChosenFile):
        return candidates(task, runners(chosen.form), REFERENCE.runtime)
    return candidates(task, BACKENDS)


def _print_rows(title: str, rows: list[Row]) -> None:
    table, console = _table("runtime", "precision")
    for heading in ("ms", "ms p95", "frames/s", "agreement", "MB", "start, s"):
        table.add_column(heading, justify="right")
    for row in rows:
        measured = row.measured
        if measured is None:
            table.add_row(row.runtime, row.precision, "does not run")
            continue
        table.add_row(
            row.runtime,
            row.precision,
            f"{measured.p50 * 1000:.1f}",
            f"{measured.p95 * 1000:.1f}",
            f"{measured.rate:.1f}",
            str(row.agreement).removesuffix(" of pixels") if row.agreement else "reference",
            f"{measured.memory:.0f}" if measured.memory else "?",
            f"{measured.start:.2f}",
        )
    console.print(title, highlight=False, markup=False)
    console.print(table)
    notes = (
        "ms: one picture at a time. frames/s: several at once, as in rendering a file. agreement: pixels within 2 % of",
        "the reference. MB: memory, and start: time to the first depth map, of a fresh process.",
    )
    for note in notes:
        console.print(note, highlight=False, markup=False, soft_wrap=True)


def _clip(
    options: BenchOptions, network: NetworkOptions, common: CommonOptions, console: ErrorConsole
) -> _Found:
    from streamdepth.cli.commands.bench_clip import bench_clip, described
    from streamdepth.sources import open_source
    from streamdepth.threads.scheduling import long_turns

    open_source(str(options.input)).close()  # its errors come before engines are measured
    with long_turns():  # as in a run that renders a file
        engine = load_network(replace(network, side_by_side=True), common.cache_dir, ConsoleObserver(console))
        found = bench_clip(str(options.input), engine, options.frames, options.rounds, admitted())
    name = redact_address(str(options.input))
    title = f"{name}: {engine.name} on {engine.runtime_name} in {engine.precision}"
    figures = {
        "input": name,
        "model": engine.name,
        "engine": engine.runtime_name,
        "precision": engine.precision,
        **described(found),
    }
    return figures, lambda: _print_clip(found, title)


def _print_clip(found: ClipBench, title: str) -> None:
    run = found.run
    table, console = _table("stage")
    for heading in ("core-ms a frame", "share"):
        table.add_column(heading, justify="right")
    for cost in found.costs:
        table.add_row(cost.name, f"{cost.cpu:.2f}", f"{100 * cost.cpu / found.cpu:.0f} %")
    table.add_row("all", f"{found.cpu:.2f}", "100 %")
    console.print(title, highlight=False, markup=False, soft_wrap=True)
    console.print(table)
    lines = (
        f"{run.frames} frames at {run.rate:.1f} frames/s, which took {run.cores_used:.2f} of {found.cores} cores",
        f"bound: {found.bound:.1f} frames/s, by {found.bounded_by}; reached {100 * found.share:.0f} % of it",
    )
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _table(*columns: str) -> Any:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table, console
