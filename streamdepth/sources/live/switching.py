"""Several inputs of which one is shown: another is opened aside, and takes over with its first picture."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from streamdepth.addresses import short_name
from streamdepth.errors import NoFrameYet, SourceError, SourceMissing, SourceTimeout, Trouble, UsageError
from streamdepth.frames import Condition, Frame, Outages, SourceInfo, SourceState
from streamdepth.pixels import Picture
from streamdepth.protocols import (
    Notify,
    Source,
    Watched,
    condition_of,
    load_of,
    outages_of,
    silent,
    warnings_of,
)
from streamdepth.sources.live.aside import Aside
from streamdepth.sources.live.stream import LOOK, StandsBy, Stream
from streamdepth.sources.timeline import Fitted, LiveTimeline
from streamdepth.threads.worker import Lock
from streamdepth.values import dataclass

OPEN_PATIENCE = 100.0
"""Seconds within which an input must give its first picture."""
READ_MARGIN = 1.0
REPLAY_GAP = 1.0
"""Seconds between two beginnings of a file that is over: one of a single picture must not keep a core busy."""


@dataclass(frozen=True)
class Input:
    """Something that can be shown. `open` gives a live source; `name` is for viewers and holds no secret."""

    name: str
    open: Callable[[], Source]


@dataclass(frozen=True)
class Choice:
    """Which input is shown, by its place; which is being opened; why the last one that was wanted is not shown."""

    shown: int = 0
    coming: int | None = None
    trouble: str = ""


def names_of(specs: Sequence[str]) -> list[str]:
    """What to call paths, words and addresses: short, without passwords, each different from the others."""
    names: list[str] = []
    for spec in specs:
        name, count = short_name(spec), 1
        while name in names:
            count += 1
            name = f"{short_name(spec)} ({count})"
        names.append(name)
    return names


class SwitchingSource:
    """The pictures of one of several live inputs; `choose` takes another.

    `first` is the first of `inputs`, already open. The one that is shown goes on until the one that was chosen gives
    its first picture, and for ever where that fails. Each input is opened and read by a thread of its own. A file that
    is over begins again. An input that fails while it is shown gives way to the first; where the first fails, `read`
    raises what it raises, unless it could not be opened again after another: then it is away, and tried again.
    Timestamps are the seconds since the very first picture, in units of 1/90000 s; `Frame.connection` shows that
    another input, or another connection of it, began, and `Frame.switched_to` which. `size` is what pictures are
    fitted into, for outputs that cannot change theirs; None leaves them as they are. `notify` gets one line for each
    change.

    Raises UsageError where `first` is not live.
    """

    def __init__(
        self,
        first: Source,
        inputs: Sequence[Input],
        *,
        size: tuple[int, int] | None = None,
        notify: Notify = silent,
        clock: Callable[[], float] = time.monotonic,
        patience: float = OPEN_PATIENCE,
    ) -> None:
        if not first.info.live:
            raise UsageError(
                "--switch-to is for live pictures: of a file every frame is rendered",
                "leave it out, or add --live",
            )
        self._inputs = tuple(inputs)
        self._fitted = None if size is None else Fitted(size, first.info.sample_aspect)
        self._notify = notify
        self._clock = clock
        self._patience = patience
        self._lock = Lock()
        self._choice = Choice()
        self._info = replace(first.info, time_base=None)
        self._timeline = LiveTimeline(first.info.rate)
        self._stream = Stream(lambda: first)
        self._first_stands_by = isinstance(first, StandsBy)
        self._aside = Aside(clock, patience)
        self._began = self._last_frame_at = clock()
        self._outages_before = Outages()
        self._away: Condition | None = None
        self._captured_at = self._began
        self._connection = 0
        self._connection_of_input = (self._stream, 0)

    @property
    def info(self) -> SourceInfo:
        """That of the input that is shown; live."""
        return self._info

    @property
    def condition(self) -> Condition:
        """That of the input that is shown; from any thread."""
        return self._away or condition_of(self._stream.source)

    @property
    def outages(self) -> Outages:
        """Those of all that was shown, while it was; from any thread."""
        before, now = self._outages_before, outages_of(self._stream.source)
        return Outages(before.reconnects + now.reconnects, before.seconds + now.seconds)

    @property
    def load(self) -> float | None:
        """That of the input that is shown; see `protocols.Decodes`."""
        return load_of(self._stream.source)

    @property
    def warnings(self) -> list[str]:
        """What the shown input has to report."""
        return list(warnings_of(self._stream.source))

    @property
    def names(self) -> tuple[str, ...]:
        """Of the inputs, in the order in which they were given."""
        return tuple(one.name for one in self._inputs)

    @property
    def choice(self) -> Choice:
        """What is shown and what is to come; from any thread."""
        with self._lock:
            return self._choice

    def choose(self, number: int) -> None:
        """Show another input soon, from any thread; IndexError where there is none of that number."""
        if not 0 <= number < len(self._inputs):
            raise IndexError(number)
        with self._lock:
            shown = self._choice.shown
            self._choice = Choice(shown, None if number == shown else number)

    def stand_by(self) -> None:
        """See `StandsBy`; a file waits to be played."""
        if self._first_stands_by:
            self._stream.stand_by()

    def read(self) -> Frame | None:
        """The next picture; raises NoFrameYet after a moment without one, and SourceError as the first input does.

        None is the end of a live address or camera that is the first and does not come back.
        """
        frame = self._first_of_chosen()
        if frame is not None:
            return self._placed(frame)
        frame = self._stream.next(LOOK, self._check_patience)
        if frame is not None:
            return self._placed(frame)
        self._go_on(self._stream.failure)
        return None

    def close(self) -> None:
        """Let go of what is open; what hangs is left behind."""
        self._aside.want(None)
        self._stream.leave()

    def _first_of_chosen(self) -> Frame | None:
        """The first picture of the input that was chosen, which then is the one that is shown."""
        coming = self.choice.coming
        try:
            self._aside.want(coming, None if coming is None else self._inputs[coming].open)
            found = self._aside.first()
        except (
            Exception
        ) as failure:  # whatever it is, the input that is shown goes on, and its viewers get a line
            assert coming is not None
            self._report_trouble(coming, failure)
            return None
        if found is None or coming is None:
            return None
        self._show(coming, found[0])
        self._notify(f"now showing {self._inputs[coming].name}")
        return found[1]

    def _show(self, number: int, stream: Stream, trouble: str = "") -> None:
        with self._lock:
            coming = self._choice.coming  # the viewer may have chosen again
            self._choice = Choice(number, None if coming == number else coming, trouble)
        self._follow(stream)

    def _follow(self, stream: Stream) -> None:
        self._outages_before = self.outages
        self._aside.let_go(self._stream)
        if self._stream.failure is not None:
            self._stream.failure.with_traceback(None)  # it leads to what was open, which leads to it
        self._stream = stream
        self._began = self._last_frame_at = self._clock()

    def _report_trouble(self, number: int, failure: BaseException) -> None:
        name = self._inputs[number].name
        self._notify(f"{name} is not shown: {failure}")
        with self._lock:
            if self._choice.coming == number:
                self._choice = Choice(self._choice.shown, None, f"{name}: {_words(failure)}")

    def _check_patience(self) -> None:
        """Give up an input that is silent and does not say itself that it is away."""
        source = self._stream.source
        if isinstance(source, Watched):
            return
        patience = self._patience if source is None else source.info.read_timeout + READ_MARGIN
        if self._clock() - self._last_frame_at >= patience:
            what = f"{self._inputs[self.choice.shown].name} sends no more pictures"
            self._go_on(SourceTimeout(what, "check the disk or the network", Trouble.SILENT))

    def _go_on(self, failure: BaseException | None) -> None:
        """After the end of what is shown: raises NoFrameYet, with a new beginning; returns where there is none."""
        number = self.choice.shown
        if failure is None and not isinstance(self._stream.source, Watched):
            self._play_again(number)
        elif number != 0:
            words = f"{self._inputs[number].name}: {_words(failure)}"
            self._notify(f"{words}; showing {self._inputs[0].name} instead")
            self._show(0, Stream(self._inputs[0].open), words)
        elif failure is not None and self._stream.source is None:  # it was open before, so it will be again
            self._away = Condition(SourceState.AWAY, _words(failure), self._captured_at)
            self._play_again(number)
        elif failure is not None:
            raise failure
        else:
            return
        raise NoFrameYet

    def _play_again(self, number: int) -> None:
        left = self._began + REPLAY_GAP - self._clock()
        if left > 0:
            time.sleep(min(left, LOOK))
        else:
            self._follow(Stream(self._inputs[number].open))

    def _placed(self, frame: Frame) -> Frame:
        """`frame` in the count, time and size of this source."""
        self._last_frame_at, self._captured_at, self._away = self._clock(), frame.captured_at, None
        if (self._stream, frame.connection) != self._connection_of_input:
            self._connection_of_input = (self._stream, frame.connection)
            self._connection += 1
        placed = self._timeline.placed(frame, self._connection, self._fitted)
        if number := self.choice.shown:
            placed = replace(placed, switched_to=self._inputs[number].name)
        self._describe(placed.picture)
        return placed

    def _describe(self, picture: Picture) -> None:
        source = self._stream.source
        assert source is not None  # a picture came of it
        shown = source.info
        self._info = replace(
            self._info, width=picture.width, height=picture.height, rate=shown.rate, kind=shown.kind
        )


def _words(failure: BaseException | None) -> str:
    """Why an input is not shown, without an address or a path."""
    if failure is None:
        return Trouble.ENDED.value
    if isinstance(failure, SourceMissing) and failure.trouble is Trouble.OTHER:
        return "there is nothing of that name"
    return failure.trouble.value if isinstance(failure, SourceError) else Trouble.OTHER.value
