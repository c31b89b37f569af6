"""A live source that comes back: its connection is made again, for ever, and none of its calls can hang a run."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

from streamdepth.errors import NoFrameYet, SourceError, SourceTimeout, StageStuck, StopRequested, Trouble
from streamdepth.frames import Condition, Frame, Outages, SourceInfo, SourceState
from streamdepth.protocols import Notify, Source, load_of, silent, warnings_of
from streamdepth.sources.live.freeze_detector import FreezeDetector
from streamdepth.sources.live.patience import PICTURES, Connecting, patience_for
from streamdepth.sources.live.reconnection import LinkState, Reconnection
from streamdepth.sources.live.stream import LOOK, Stream
from streamdepth.sources.timeline import Fitted, LiveTimeline
from streamdepth.threads.aside import run_bounded
from streamdepth.values import dataclass

MOST_REASONS = 16
"""That are remembered: a host whose every answer is another one is reported again and again."""
READ_MARGIN = 1.0
"""Seconds beside those that a slow source has for a picture by itself."""


@dataclass(frozen=True)
class Persistence:
    """How long a live source is held on to; times in seconds."""

    reconnect: bool = True
    """Connect again when it is lost, for ever."""
    wait_for_source: bool = False
    """Also when the very first connection cannot be made."""
    frozen_after: float = 10.0
    """A picture that has not changed for so long counts as frozen; 0 switches that off."""
    open_patience: float = 100.0
    """A connection that has not given its first picture by then is left behind, whatever it hangs in."""
    read_patience: float = 6.0
    """The same for each further picture, of a source that gives some in that time."""


def open_reconnecting(
    connect: Callable[[], Source],
    name: str,
    persistence: Persistence,
    *,
    notify: Notify = silent,
    is_stopped: Callable[[], bool] = lambda: False,
    is_aside: bool = True,
) -> Source:
    """What `connect` opens, as a source that comes back; a recording, which is not live, comes as it is.

    `name` is shown: it holds no password. `notify` gets one line about each reason why it is waited for, each loss and
    each return. Raises what `connect` raises, unless `persistence.wait_for_source`; an address of an
    unknown kind is never waited for. Once `is_stopped` none is, and a try that hangs is left behind; the first ones are
    made by the caller's own thread unless `is_aside`.
    """
    reconnection, began = Reconnection(random.random), time.monotonic()
    reasons: deque[str] = deque(maxlen=MOST_REASONS)
    while True:
        try:
            first = _connect(connect, name, persistence.open_patience, is_stopped) if is_aside else connect()
        except SourceError as error:
            is_waited_for = persistence.wait_for_source and error.trouble is not Trouble.KIND_OF_ADDRESS
            if not is_waited_for or is_stopped():
                raise
            reconnection.lost(time.monotonic(), error.trouble.value)
            if error.what not in reasons:  # a camera that is off for a week is no news each minute
                reasons.append(error.what)
                notify(f"{error.what}; it is tried again until it is there ({error.cure})")
            while (left := reconnection.wait_left(time.monotonic())) > 0:
                if is_stopped():
                    raise
                time.sleep(min(left, LOOK))
            reconnection.retry()
        else:
            if reasons:
                notify(f"{name} is there after {time.monotonic() - began:.0f} s")
            return ReconnectingSource(first, connect, name, persistence, notify) if first.info.live else first


def _connect(
    connect: Callable[[], Source], name: str, patience: float, is_stopped: Callable[[], bool]
) -> Source:
    try:
        return run_bounded(
            "connection", connect, patience, discard=lambda late: late.close(), is_stopped=is_stopped
        )
    except StopRequested as stop:
        raise SourceTimeout(f"{name} was not opened: the run was ended first", "") from stop
    except StageStuck as stuck:
        raise SourceTimeout(
            f"{name} could not be opened within {patience:g} s",
            "check the network and the name server",
            Trouble.TIMEOUT,
        ) from stuck


class ReconnectingSource:
    """The pictures of a live source over all its connections, with timestamps of one clock and in one size.

    `first` is the open source and `connect` opens it again. Each connection is read by a thread of its own; one that
    is silent for longer than its patience is left behind, and closes itself should it ever return. Timestamps are
    the seconds since the very first picture, in units of 1/90000 s. Pictures of another size are fitted into the
    first one's; `Frame.connection` shows that a new connection began.
    """

    def __init__(
        self,
        first: Source,
        connect: Callable[[], Source],
        name: str,
        persistence: Persistence,
        notify: Notify = silent,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connect = connect
        self._wait = wait
        self._name = name
        self._persistence = persistence
        self._notify = notify
        self._clock = clock
        self._learns = connect if isinstance(connect, Connecting) else None
        self._picture_patience = self._learns.for_pictures if self._learns else patience_for(first.info.rate)
        self._pictures = 0
        """Of this connection."""
        self._info = replace(first.info, read_timeout=persistence.read_patience, time_base=None)
        self._fitted = Fitted((first.info.width, first.info.height), first.info.sample_aspect)
        # How one of many connections ended is no news at the end of the run.
        self._warnings = list(warnings_of(first)) if persistence.reconnect else warnings_of(first)
        self._reconnection = Reconnection(random.random)
        self._told: set[str] = set()
        """The reasons of the present outage."""
        self._freezes = FreezeDetector()
        self._timeline = LiveTimeline(first.info.rate)
        self._connection = 0
        self._condition = Condition()
        """Replaced whole, so that any thread may look at it."""
        self._stream = Stream(lambda: first)
        self._began_at = self._heard_at = clock()

    @property
    def info(self) -> SourceInfo:
        """That of the first connection; live."""
        return self._info

    @property
    def condition(self) -> Condition:
        """Live, frozen, or away; from any thread."""
        return self._condition

    @property
    def outages(self) -> Outages:
        """How often and how long it was away so far; from any thread."""
        return self._reconnection.outages(self._clock())

    @property
    def load(self) -> float | None:
        """That of the connection of now; see `protocols.Decodes`."""
        return load_of(self._stream.source)

    @property
    def warnings(self) -> list[str]:
        """One sentence each on what was wrong, once the run has ended."""
        outages = self.outages
        away = f"the source was away for {outages.seconds:.0f} s in all; it came back {_times(outages.reconnects)}"
        return [*self._warnings, *([away] if outages.seconds else [])]

    def stand_by(self) -> None:
        """See `StandsBy`."""
        self._stream.stand_by()

    def read(self) -> Frame | None:
        """The next picture; raises NoFrameYet after a moment without one.

        Without reconnection None is the end of the stream, and SourceError or SourceTimeout say how it was lost.
        """
        if self._reconnection.state is LinkState.WAITING:
            self._wait_or_retry()
        frame = self._stream.next(LOOK, self._check_patience)
        if frame is not None:
            return self._placed(frame)
        self._lost(self._stream.failure)
        return None

    def close(self) -> None:
        """Let go of the connection; one that hangs is left behind."""
        self._reconnection.close(self._clock())
        self._stream.leave()

    def _wait_or_retry(self) -> None:
        left = self._reconnection.wait_left(self._clock())
        if left > 0:
            self._wait(min(left, LOOK))
            raise NoFrameYet
        self._reconnection.retry()
        if self._learns is not None:
            self._picture_patience = self._learns.for_pictures
        self._stream, self._pictures = Stream(self._connect), 0
        self._heard_at = self._clock()

    def _check_patience(self) -> None:
        up, persistence = self._reconnection.state is LinkState.UP, self._persistence
        patience = persistence.read_patience if up else persistence.open_patience
        if self._stream.waits.is_set():
            self._stream.waits.clear()
            self._heard_at = self._clock()
        if self._clock() - self._heard_at < max(patience, self._picture_patience + READ_MARGIN):
            return
        self._stream.leave()
        what, trouble = (
            ("sends no more pictures", Trouble.SILENT) if up else ("does not answer", Trouble.TIMEOUT)
        )
        self._lost(SourceTimeout(f"{self._name} {what}", "check the camera and the network", trouble))

    def _lost(self, failure: BaseException | None) -> None:
        """Note the loss and raise NoFrameYet; without reconnection raise `failure`, or return where it ended."""
        if failure is not None and not isinstance(failure, SourceError):
            raise failure
        if not self._persistence.reconnect:
            if failure is None:
                return
            raise failure
        self._plan(Trouble.ENDED.value if failure is None else failure.trouble.value, failure)

    def _plan(self, reason: str, failure: SourceError | None) -> NoReturn:
        if self.condition.state is not SourceState.AWAY:
            self._told = set()
        news = reason not in self._told
        self._told.add(reason)
        if self._learns is not None and reason == Trouble.SILENT.value:
            self._learns.fell_silent(self._pictures, self._heard_at - self._began_at)
        self._reconnection.lost(self._clock(), reason)
        self._condition = self._reconnection.condition
        if news:
            what = failure.what if failure is not None else f"{self._name} ended the stream"
            cure = f" ({failure.cure})" if failure is not None and failure.cure else ""
            self._notify(f"{what}; it is tried again until it is back{cure}")
        if failure is not None:
            failure.with_traceback(None)  # it leads to what was open, which leads to it
        raise NoFrameYet

    def _placed(self, frame: Frame) -> Frame:
        """`frame` in the count, time and size of this source."""
        # By the clock, not by its capture: the first frame lies waiting while the network is loaded.
        self._heard_at, now = self._clock(), frame.captured_at
        self._began_at = self._began_at if self._pictures else self._heard_at
        self._pictures += 1
        away_since = self._reconnection.condition.since
        if self._reconnection.picture(now):
            self._begin(now, away_since)
        self._watch_for_freeze(frame, now)
        return self._timeline.placed(frame, self._connection, self._fitted)

    def _begin(self, now: float, away_since: float) -> None:
        self._freezes.reset()
        if not self._timeline.has_begun:
            return
        self._connection += 1
        self._notify(f"{self._name} is back after {now - away_since:.0f} s")

    def _watch_for_freeze(self, frame: Frame, now: float) -> None:
        after, condition = self._persistence.frozen_after, Condition()
        still = self._freezes.update(frame.picture, now) if after > 0 else -1.0
        if self._info.kind == "snapshot":  # asked once a second, some make a new picture once a minute
            after = max(after, float(PICTURES) * self._freezes.usual)
        if still >= after:
            condition = Condition(SourceState.FROZEN, "the same picture again and again", self._freezes.since)
        self._condition = condition


def _times(count: int) -> str:
    return {0: "not yet", 1: "once", 2: "twice"}.get(count, f"{count} times")
