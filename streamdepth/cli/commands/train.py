"""`streamdepth train`: fine-tune a network on pictures with depth."""

from __future__ import annotations

import contextlib
import re
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Group, Parameter

from streamdepth.cli.commands.data_options import DATA, DataOptions, places_read
from streamdepth.cli.option_groups import RUN
from streamdepth.cli.options import CommonOptions
from streamdepth.cli.signals import heeded, says_more
from streamdepth.reporting.console import ErrorConsole
from streamdepth.run.places import Place, check_apart, reads, writes
from streamdepth.training.settings import DataSettings, FineTuneSettings, LearningSettings, RunSettings

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from streamdepth.evaluation.metrics import Scores
    from streamdepth.training.finetune import Outcome
    from streamdepth.training.loop import Progress

LINE_EVERY = 10.0
"""Seconds between two plain lines where there is no terminal."""


def _default_text(default: object) -> str | None:
    """What help says of a default: nothing of a switch that is off."""
    return None if default is None or default is False else str(default)


app = App(
    name="train",
    help_epilogue="streamdepth train DATA --output weights.safetensors fine-tunes the bundled network; "
    "docs/guide/training.md says how.",
    help_format="plaintext",
    default_parameter=Parameter(negative=(), show_default=_default_text),
)
LEARNING = Group("Learning", sort_key=2)
_OF_RUN = re.compile(r"checkpoint\.pt|log\.csv|curve\.png|validation-\d+\.png", re.IGNORECASE)
_READING, _DATA, _LEARNING, _RUN = DataOptions(), DataSettings(), LearningSettings(), RunSettings()


@app.default
def train(
    data: Annotated[Path, Parameter(help="A folder of colour pictures with depth.", group=DATA)],
    /,
    *,
    reading: Annotated[DataOptions, Parameter(name="*")] = _READING,
    division: Annotated[DataSettings, Parameter(name="*", group=DATA)] = _DATA,
    model: Annotated[
        str, Parameter(help="Where to start: nano, midas-small, or weights of one of them.", group=LEARNING)
    ] = "nano",
    learning: Annotated[LearningSettings, Parameter(name="*", group=LEARNING)] = _LEARNING,
    run: Annotated[RunSettings, Parameter(name="*", group=RUN)] = _RUN,
    common: Annotated[CommonOptions, Parameter(name="*")] = CommonOptions(),
) -> int:
    """Fine-tune a network on your own pictures with depth."""
    from streamdepth.cli.observer import ConsoleObserver
    from streamdepth.run.network.loading import word_of_loading
    from streamdepth.training.dataset import RgbdFolder
    from streamdepth.training.finetune import Surroundings, fine_tune
    from streamdepth.training.trainable import load_trainable

    settings = FineTuneSettings(division, learning, run)
    folder = RgbdFolder(data, tuple(reading.find(data)))
    read = places_read(data, folder.pairs, model, common.config)
    check_apart([*read, *_split(division), *_written(run)])
    console = ErrorConsole()
    with word_of_loading(ConsoleObserver(console)) as word:
        trainable = load_trainable(model, common.cache_dir, word.progress)
    today = datetime.now(UTC).date().isoformat()
    with _Display(console) as display, _signals(display) as received:
        surroundings = Surroundings(display, lambda: bool(received), time.monotonic, today)
        outcome = fine_tune(trainable, folder, settings, surroundings)
    print(_summary(outcome, run.output))
    if outcome.complete or not received:
        return 0
    print("streamdepth: stopped early; the same command with --resume continues", file=sys.stderr)
    return 128 + received[0]


def _split(division: DataSettings) -> list[Place]:
    return reads("--split", *([division.split] if division.split is not None else ()))


def _written(run: RunSettings) -> list[Place]:
    folder = "--output" if run.folder is None else "--folder"
    return [
        *writes("--output", run.output),
        *writes(folder, run.run_folder(), holds=lambda name: _OF_RUN.fullmatch(name) is not None),
    ]


class _Display:
    """Tells of a run: a bar on a terminal, plain lines elsewhere."""

    def __init__(self, console: ErrorConsole) -> None:
        self._console = console
        self._next_line = time.monotonic() + LINE_EVERY
        self._bar: Bar | None = None
        self._work = ""
        self.begun = False
        """Whether there is something that a checkpoint would keep."""

    def __enter__(self) -> _Display:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        self._console.print(line)

    def examined(self, done: int, total: int) -> None:
        """Show how many of the pictures were read."""
        self._move("reading", "", done, total)

    def stepped(self, progress: Progress, total: int) -> None:
        """Show how many steps were taken, and the loss."""
        self.begun = True
        self._move("training", f", loss {progress.loss:.4f}", progress.step, total)

    def judged(self, step: int, total: int, scores: Scores) -> None:
        """Print the scores of the held-out pictures."""
        self.begun = True
        self.say(
            f"step {step} of {total}: held-out pictures: delta < 1.25 {scores.delta_1:.3f}, "
            f"AbsRel {scores.abs_rel:.3f}, RMSE {scores.rmse:.3f} m"
        )

    def _move(self, work: str, more: str, done: int, total: int) -> None:
        """Move the bar, or print a line every ten seconds."""
        if self._console.is_terminal:
            self._bar = self._bar or _started_bar(self._console)
            task = self._bar.task_ids[0]
            if work != self._work:  # the time left is of this work, not of the one before
                self._bar.reset(task)
                self._work = work
            self._bar.update(task, completed=done, total=total, what=work + more)
        elif time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + LINE_EVERY
            self.say(f"{work} {done} of {total}{more}")


def _started_bar(console: ErrorConsole) -> Bar:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.fields[what]}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console.drawing, transient=True)
    bar.add_task("", what="")
    bar.start()
    return bar


def _summary(outcome: Outcome, output: Path) -> str:
    before, after = outcome.first.delta_1, outcome.best.delta_1
    if outcome.best_step == 0:
        return f"{output}: no better than before on the held-out pictures (delta < 1.25 {before:.3f})"
    return f"{output}: delta < 1.25 {before:.3f} -> {after:.3f} on the held-out pictures (step {outcome.best_step})"


@contextlib.contextmanager
def _signals(display: _Display) -> Iterator[list[int]]:
    """The first signal that ends a run is kept, for this one to end with a checkpoint.

    The second, or one before there is anything to keep, leaves at once.
    """
    received: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        if not says_more(number, received):
            return
        received.append(number)
        if len(received) > 1 or not display.begun:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, ask) for number in heeded()}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
