"""Records what a live run is given and does, beside it: a thread of its own writes, and nobody waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from av.error import FFmpegError

from streamdepth.addresses import redact
from streamdepth.counted import counted
from streamdepth.errors import SinkError
from streamdepth.files import OutputFile, from_os_error
from streamdepth.frames import Condition, DepthMap, Estimate, Frame, Outages, Rendered, SourceState
from streamdepth.protocols import STOPPED, Notify, Source, condition_of, outages_of
from streamdepth.sessions.item import Item
from streamdepth.sessions.lines import (
    Began,
    Came,
    Ended,
    Happened,
    Inferred,
    Left,
    Told,
    Turned,
    Written,
)
from streamdepth.sessions.sent import as_annex_b, can_be_kept
from streamdepth.sessions.writer import SessionWriter
from streamdepth.threads.handoff import Handoff
from streamdepth.threads.scheduling import give_way
from streamdepth.threads.worker import Lock, Worker

MOST_WAITING = 64_000_000
"""Bytes of pictures and maps that wait for the disk: 46 pictures of 1280x720, or minutes of a camera's own stream."""
MUCH_WAITING = 8_000_000
"""Bytes from which on pictures that were not worked on are left out, where they must be encoded here."""
MOST_LINES = 20_000
"""Lines that wait for it."""
CLOSE_PATIENCE, HURRY_PATIENCE = 3.5, 1.5
"""Seconds for the pictures that wait when the run is over, which has eight to end, and then for all but those."""
PROVEN_EVERY = 1.0
"""Seconds between two pictures whose check sum is kept."""


class Recorder:
    """A witness of a run and one of its sinks: see `protocols`. All but `close` may be called from any thread.

    If the disk is too slow pictures are left out, and that is reported; where it is full the recording ends with one
    line, the run goes on, and `close` raises what ended it.
    """

    def __init__(
        self,
        path: Path,
        about: Callable[[], Mapping[str, Any]],
        *,
        notify: Notify,
        report: Callable[[], Mapping[str, Any]] = dict,
        largest: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`about` is asked when there is depth, `report` at the end.

        `largest` is the longest side that maps may have, of a run that changes their size. Raises `SinkError` where it
        cannot be written.
        """
        file = OutputFile.numbered(path)
        self.path = file.path
        """Of the first file."""
        self._notify, self._report, self._clock = notify, report, clock
        self._source: Source | None = None
        self._zero: float | None = None
        self._condition, self._outages = Condition(), Outages()
        self._connection: int | None = None
        self._next_proof = 0.0
        self._last_depth: DepthMap | None = None
        self._lock = Lock()
        self._waiting = self._came = self._lost = 0
        self._not_worked_on: dict[int, str] = {}
        self._failure: SinkError | None = None
        self._is_over = self._hurries = False
        self._items: Handoff[Item] = Handoff(MOST_LINES, when_full="drop-oldest", on_drop=self._drop)
        self._writer = SessionWriter(
            file,
            about,
            notify=notify,
            lost=self._count_lost,
            done=self._let_go,
            leaves_out=self._leaves_out,
            largest=largest,
        )
        self._worker = Worker("session", self._write_all, on_error=self._fail).start()

    def watch(self, source: Source) -> None:
        """Record the condition of `source` from now on."""
        self._source = source

    @property
    def warnings(self) -> list[str]:
        """What the recording lacks; complete once it is closed."""
        if not self._lost or self._failure is not None:
            return []
        return [
            f"the session lacks {self._lost} of {counted(self._came, 'picture')}, first those that were not worked on: "
            "the disk or the processor was too slow for them (take a faster disk, or a smaller camera picture)"
        ]

    def captured(self, frame: Frame, seconds: float) -> None:
        """A picture was read."""
        if self._zero is None:
            self._zero = frame.captured_at
            self._put(Item(Began(self._now())))
        self.poll()
        sent = None if frame.sent is None or not can_be_kept(frame.sent) else as_annex_b(frame.sent)
        is_other, self._connection = frame.connection != self._connection, frame.connection
        line = Came(
            self._at(frame.captured_at),
            frame.index,
            frame.pts,
            frame.connection,
            seconds,
            (frame.picture.width, frame.picture.height),
            frame.picture.inner,
            frame.pixel_aspect,
            Fraction(1) if frame.sent is None else frame.sent.stretch,
            is_fresh=is_other or (sent is not None and sent.is_fresh),
            switched_to=frame.switched_to,
        )
        self._came += 1
        if sent is None:
            self._put(Item(line, picture=frame.picture))
            return
        proof = frame.picture if line.at >= self._next_proof else None
        self._next_proof = line.at + PROVEN_EVERY if proof is not None else self._next_proof
        self._put(Item(line, sent, proof=proof))

    def dropped(self, frame: Frame, cause: str) -> None:
        """It will not be inferred."""
        if self._failure is not None:
            return
        with self._lock:
            self._not_worked_on[frame.index] = cause
        self._put(Item(Left(self._now(), frame.index, cause)))

    def inferred(self, estimate: Estimate) -> None:
        """It has depth."""
        depth, index = estimate.depth, estimate.frame.index
        is_reused, self._last_depth = depth is self._last_depth, depth
        line = Inferred(self._now(), index, estimate.seconds, depth.meaning, is_reused=is_reused)
        self._put(Item(line, depth=None if is_reused else depth.values))

    def written(self, rendered: Rendered, drawing: float, writing: float) -> None:
        """It was shown."""
        self._put(Item(Written(self._now(), rendered.estimate.frame.index, drawing, writing)))

    def said(self, line: str, *, is_warning: bool = False) -> None:
        """The run said something."""
        self._put(Item(Told(self._now(), redact(line), is_warning)))

    def happened(self, event: Mapping[str, Any]) -> None:
        """An event of a zone."""
        self._put(Item(Happened(self._now(), event)))

    def write(self, rendered: Rendered) -> None:
        """`written` has it all."""

    def poll(self) -> None:
        """Look whether the source is in another condition."""
        condition, outages = condition_of(self._source), outages_of(self._source)
        if (condition.state, condition.reason) == (self._condition.state, self._condition.reason):
            return
        self._condition = condition
        state, reason = condition.state, redact(condition.reason)
        since = 0.0 if state is SourceState.LIVE else self._at(condition.since)
        self._put(Item(Turned(self._now(), state, reason, since, outages.reconnects, outages.seconds)))

    def close(self, *, complete: bool = True) -> None:
        """Write what waits, in a bounded time; raises what ended the recording before."""
        self._is_over = True
        self._put(Item(Ended(self._now(), dict(self._report()))))
        self._items.close()
        if self._worker.is_running(CLOSE_PATIENCE):
            self._hurries = True
            if self._worker.is_running(HURRY_PATIENCE):
                self._items.abandon()
                self._notify("the disk is too slow: the end of the session is left out")
        if self._failure is not None:
            raise self._failure

    def _at(self, moment: float) -> float:
        return round(moment - (moment if self._zero is None else self._zero), 6)

    def _now(self) -> float:
        return self._at(self._clock())

    def _put(self, item: Item) -> None:
        if self._failure is not None:
            return
        size = item.size
        with self._lock:
            has_room = self._waiting + size <= MOST_WAITING
            self._waiting += size if has_room else 0
        self._items.put(item if has_room else _bare(item))

    def _drop(self, item: Item) -> None:
        """A line that found no room is lost, with the picture that it is about."""
        if isinstance(item.line, Came):
            self._count_lost(item.line.index)
        self._let_go(item)

    def _let_go(self, item: Item) -> None:
        with self._lock:
            self._waiting -= item.size
            if isinstance(item.line, Left):
                self._not_worked_on.pop(item.line.index, None)

    def _leaves_out(self, index: int) -> bool:
        """Whether a picture need not be encoded: much waits, or the run is over, and a replay does not show it."""
        with self._lock:
            is_late = self._is_over or self._waiting > MUCH_WAITING
            return self._hurries or (is_late and index in self._not_worked_on)

    def _count_lost(self, index: int) -> None:
        with self._lock:
            if self._not_worked_on.get(index) == STOPPED:
                self._came -= 1
                return
            self._lost += 1
            is_first = self._lost == 1
        if is_first and not self._is_over:
            self._notify("the session cannot be written as fast as pictures come: some are left out of it")

    def _write_all(self) -> None:
        give_way()
        try:
            for item in self._items:
                self._writer.take(item)
            self._writer.close()
        except (FFmpegError, OSError) as error:
            raise from_os_error(error, self.path) from error

    def _fail(self, error: BaseException) -> None:
        ours = error if isinstance(error, SinkError) else None
        self._failure = ours or SinkError(
            f"recording the session failed: {type(error).__name__}",
            "run again with --verbose and report what it prints",
        )
        self._is_over = True
        self._failure.__cause__ = error if ours is None else error.__cause__
        self._items.abandon()
        self._writer.give_up()
        self._notify(f"the session has ended, everything else continues: {self._failure}")


def _bare(item: Item) -> Item:
    line = item.line
    if isinstance(line, Inferred):
        line = replace(line, is_kept=line.is_reused)
    return Item(line)
