"""`streamdepth evaluate`: how good is the depth of a network, against pictures with true depth."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Group, Parameter

from streamdepth.cli.commands.data_options import DATA, DataOptions, places_read
from streamdepth.cli.observer import ConsoleObserver, say_unused
from streamdepth.cli.option_groups import obeying
from streamdepth.cli.options import CommonOptions, JudgedNetworkOptions
from streamdepth.files import check_output
from streamdepth.reporting.console import ErrorConsole
from streamdepth.reporting.logs import log_info, warn
from streamdepth.run.network.loading import load_network
from streamdepth.run.places import Place, check_apart, writes
from streamdepth.run.rules import ABOVE_ZERO
from streamdepth.values import dataclass

if TYPE_CHECKING:
    from streamdepth.evaluation.judge import Judged, Results, Subject
    from streamdepth.evaluation.page import Page
    from streamdepth.evaluation.rgbd import RgbdPair

app = App(
    name="evaluate",
    help_epilogue="streamdepth evaluate DATA --model nano scores the bundled network; docs/guide/evaluation.md says "
    "what each figure means.",
    help_format="plaintext",
)
RESULTS = Group("Results", sort_key=2)
_SHEET = re.compile(r"index\.html|sheet-\d+\.png", re.IGNORECASE)
_MUCH = 0.2
"""Share of the readings beyond the cap from which on the scores say little of the whole."""
_LINES = 10
"""How often a long run says how far it is where there is no terminal for a bar."""


def _finite(_type: Any, value: float) -> None:
    if not 0 < value < inf:
        raise ValueError("It must be above 0 and finite.")


def _result(help: str) -> Parameter:
    return Parameter(group=RESULTS, help=help, show_default=False, negative=())


@Parameter(name="*")
@dataclass(frozen=True)
class EvaluateOptions:
    """What is judged, and where the results go."""

    cap: Annotated[
        float,
        Parameter(
            group=DATA,
            help="Farthest depth in metres that counts: 10 (default) indoors, 80 on the road.",
            show_default=False,
            validator=_finite,
        ),
    ] = 10.0
    limit: Annotated[
        int | None,
        Parameter(
            group=DATA,
            help="Judge only this many pictures, evenly chosen.",
            show_default=False,
            negative=(),
            validator=obeying(ABOVE_ZERO),
        ),
    ] = None
    depth: Annotated[
        Path | None,
        Parameter(
            group=DATA,
            help="Judge depth that --depth-output wrote for these pictures, instead of a network.",
            show_default=False,
            negative=(),
        ),
    ] = None
    json: Annotated[
        Path | None, _result("Write the scores, including those of each picture, to this .json.")
    ] = None
    pictures: Annotated[
        Path | None,
        _result("Write sheets of colour, prediction, truth and error, and a page, into this folder."),
    ] = None


_DEFAULT = EvaluateOptions()
_DEFAULT_DATA = DataOptions()


@app.default
def evaluate(
    data: Annotated[Path, Parameter(help="A folder of colour pictures with depth.", group=DATA)],
    /,
    *,
    reading: Annotated[DataOptions, Parameter(name="*")] = _DEFAULT_DATA,
    options: Annotated[EvaluateOptions, Parameter(name="*")] = _DEFAULT,
    network: Annotated[JudgedNetworkOptions, Parameter(name="*")] = JudgedNetworkOptions(),
    common: Annotated[CommonOptions, Parameter(name="*")] = CommonOptions(),
) -> int:
    """Score a network on pictures with true depth."""
    from streamdepth.evaluation.judge import describe
    from streamdepth.evaluation.page import Page
    from streamdepth.reporting.report import write_report

    console = ErrorConsole()
    found = reading.find(data)
    check_apart([*places_read(data, found, network.model, common.config), *_written(options)])
    pairs = _evenly(found, options.limit)
    if options.json is not None:
        check_output(options.json)
    page = Page(options.pictures) if options.pictures else None
    engine, judged = _subject(options, network, common, (found, pairs), console)
    results = _results(judged, options.cap, page)
    _warn_of_unit(results, console)
    if options.json is not None:
        write_report(options.json, describe(results, engine, data))
    index = None if page is None else page.finish(results, *_headline(results, engine, data))
    _print_table(results, engine, data)  # last: whoever reads it may want no more, as `| head`
    if index is not None:
        log_info(console, f"the pictures are in {index}")
    return 0


def _written(options: EvaluateOptions) -> Iterator[Place]:
    if options.json is not None:
        yield from writes("--json", options.json)
    if options.pictures is not None:
        yield from writes(
            "--pictures", options.pictures, holds=lambda name: _SHEET.fullmatch(name) is not None
        )


def _evenly(pairs: Sequence[RgbdPair], limit: int | None) -> Sequence[RgbdPair]:
    """At most `limit` pairs, from the whole of the data: neighbours in a recording are nearly the same."""
    if limit is None or limit >= len(pairs):
        return pairs
    return [pairs[index * len(pairs) // limit] for index in range(limit)]


def _subject(
    options: EvaluateOptions,
    network: JudgedNetworkOptions,
    common: CommonOptions,
    data: tuple[Sequence[RgbdPair], Sequence[RgbdPair]],
    console: ErrorConsole,
) -> tuple[Subject, Iterator[Judged | RgbdPair]]:
    """What is judged, and what comes of each picture; `data` is all pairs, and those to judge."""
    from streamdepth.evaluation.judge import judge, judge_written

    found, pairs = data
    if options.depth is None:
        engine = load_network(network, common.cache_dir, ConsoleObserver(console))
        return engine, judge(engine, _counted(pairs, console), cap=options.cap)
    from streamdepth.evaluation.written import Written

    say_unused(ConsoleObserver(console), network, "a network that is judged, without --depth")
    written = Written.open(options.depth)
    return written, judge_written(written.of(pairs, found), cap=options.cap)


def _results(judgements: Iterable[Judged | RgbdPair], cap: float, page: Page | None) -> Results:
    from streamdepth.evaluation.judge import Judged, Results

    verdicts, truths, left_out = [], [], []
    for judged in judgements:
        if not isinstance(judged, Judged):
            left_out.append(judged)
            continue
        verdicts.append(judged.verdict)
        truths.append(judged.distances)
        if page is not None:
            page.add(judged)
    return Results(cap, tuple(verdicts), tuple(truths), tuple(left_out))


def _warn_of_unit(results: Results, console: ErrorConsole) -> None:
    beyond = results.truth.beyond_cap
    if beyond > _MUCH:
        warn(
            console,
            f"{beyond:.0%} of the true depth lies beyond {results.cap:g} m and does not count (raise --cap, or check "
            "--depth-kind and --depth-scale)",
        )


def _counted(pairs: Sequence[RgbdPair], console: ErrorConsole) -> Iterable[RgbdPair]:
    if not console.is_terminal:
        return _in_lines(pairs, console)
    from rich.progress import track

    return track(pairs, "", console=console.drawing, transient=True)


def _in_lines(pairs: Sequence[RgbdPair], console: ErrorConsole) -> Iterator[RgbdPair]:
    step = max(_LINES, -(-len(pairs) // _LINES))
    for done, pair in enumerate(pairs):
        if done and done % step == 0:
            log_info(console, f"{done} of {len(pairs)} pictures")
        yield pair


def _print_table(results: Results, engine: Subject, data: Path) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from streamdepth.evaluation.page import LABELS, label, shown

    scores, baseline = results.scores, results.baseline
    console = Console()
    title, about = _headline(results, engine, data)
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    table.add_column("mean over pictures")
    for heading in (engine.name, "row baseline"):
        table.add_column(heading, justify="right")
    for name in LABELS:
        table.add_row(label(name), shown(name, getattr(scores, name)), shown(name, getattr(baseline, name)))
    console.print(f"{title}\n{about}\n", soft_wrap=True, highlight=False, markup=False)
    console.print(table)


def _headline(results: Results, engine: Subject, data: Path) -> tuple[str, str]:
    """A title, and what else must be known to compare the figures."""
    count, truth = len(results.verdicts), results.truth
    left_out = (
        f", {len(results.left_out)} left out for want of a reading within the cap" if results.left_out else ""
    )
    return (
        f"{engine.name} on {data.resolve().name}",
        f"{count} picture{'s' if count != 1 else ''}{left_out}; depth from {truth.nearest:.4g} to "
        f"{truth.farthest:.4g} m, of which up to {results.cap:g} m counts; input size {engine.size}, "
        f"{engine.runtime_name}, {engine.precision}",
    )
