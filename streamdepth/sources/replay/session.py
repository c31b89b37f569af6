"""A session as a source: the pictures that were worked on, when they came, and what became of all others."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from math import inf
from pathlib import Path
from typing import Any

from streamdepth.errors import NoFrameYet, SourceError
from streamdepth.frames import (
    CLOCK_TICK,
    Colours,
    Condition,
    DepthMap,
    Frame,
    Outages,
    SourceInfo,
)
from streamdepth.pixel_limit import USUAL, PixelLimit
from streamdepth.pixels import Picture
from streamdepth.sessions.decode import Decoded, PictureDecoder
from streamdepth.sessions.lines import Came, Continued, Ended, Inferred, Left, Line, Turned, Written
from streamdepth.sessions.read import Piece, SessionReader
from streamdepth.values import dataclass

LOOK = 0.2
"""Seconds that a picture which is not due is waited for at a time: how soon the caller can end."""
_READ_TIMEOUT = 30.0
NOT_RECORDED = "not recorded"
"""Why a picture was not worked on, where the session does not say it."""


@dataclass
class _Coming:
    """A picture that came, as far as it is known what became of it."""

    came: Came
    picture: Picture | None = None
    is_decoded: bool = False
    depth: DepthMap | None = None
    is_settled: bool = False
    """Whether all lines about it have been read."""


@dataclass(frozen=True)
class ReplayOptions:
    """How a session is replayed."""

    at_speed: bool = False
    """Whether pictures come when they came, as from a camera; else as soon as they are wanted, as from a film."""
    with_depth: bool = True
    """Whether they bring along the depth that was recorded."""
    limit: PixelLimit = USUAL


class SessionSource:
    """Gives the pictures of a session that were worked on, each with its own index, timestamp and connection.

    `lines_until` gives the other lines of the session. Raises SourceError where the file is damaged or no session.
    """

    def __init__(
        self,
        path: Path,
        options: ReplayOptions,
        *,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._path, self._options, self._clock, self._wait = path, options, clock, wait
        self._reader = SessionReader(path)
        try:
            self._info = info_of(self._reader.about, path, live=options.at_speed)
            self._decoder = PictureDecoder(
                self._reader.pictures, self._reader.about, options.limit, str(path)
            )
        except (ValueError, KeyError, TypeError) as error:
            self._reader.close()
            raise SourceError(f"{path} is damaged, or of a newer streamdepth", "record it again") from error
        self._pieces = self._reader.pieces()
        self._coming: dict[int, _Coming] = {}
        self._inferred: deque[int] = deque()
        self._depth: DepthMap | None = None
        self._lines: list[Line] = []
        self._told: deque[tuple[float, list[Line]]] = deque()
        self._turns: deque[Turned] = deque()
        self._condition, self._outages = Condition(), Outages()
        self._next: tuple[Frame, float] | None = None
        self._zero: float | None = None
        self._lacking = 0
        self._last_shown: int | None = None
        self._end: Ended | Continued | None = None
        self._is_over = False

    @property
    def info(self) -> SourceInfo:
        """What the live source was; live where it is played at its own speed."""
        return self._info

    @property
    def about(self) -> Mapping[str, Any]:
        """What the session says of itself."""
        return self._reader.about

    @property
    def condition(self) -> Condition:
        """That of then, while it is played at its own speed; from any thread."""
        return self._condition

    @property
    def outages(self) -> Outages:
        """Those so far; from any thread."""
        return self._outages

    @property
    def warnings(self) -> list[str]:
        """What is not as it was; complete once `read` has returned None."""
        return list(self._warnings())

    def lines_until(self, index: int) -> Iterator[Line]:
        """What the session contains up to the end of the picture with this index, each line once; from one thread."""
        while self._told and self._told[0][0] <= index:
            yield from self._told.popleft()[1]

    def lines_at_end(self) -> Iterator[Line]:
        """The lines after the last picture, once no more pictures come."""
        while self._told and self._told[0][0] == inf:
            yield from self._told.popleft()[1]

    def read(self) -> Frame | None:
        """The next picture once it is due; None after the last."""
        self._next = self._next or self._found()
        if self._next is None:
            return None
        frame, at = self._next
        now = self._clock()
        self._zero = now - at if self._zero is None else self._zero
        left = self._zero + at - now if self._options.at_speed else 0.0
        self._turn(now - self._zero)
        if left > LOOK:
            self._wait(LOOK)
            raise NoFrameYet
        if left > 0:
            self._wait(left)
            self._turn(at)
        self._next = None
        return replace(frame, captured_at=self._zero + at if self._options.at_speed else now)

    def close(self) -> None:
        """Let go of the file."""
        self._pieces = iter(())
        self._reader.close()

    def _turn(self, elapsed: float) -> None:
        """Be in the condition of then, where somebody sees it."""
        while self._turns and self._options.at_speed and self._turns[0].at <= elapsed:
            turned = self._turns.popleft()
            since = turned.since + (self._zero or 0.0)
            self._condition = Condition(turned.state, turned.reason, since)
            self._outages = Outages(turned.reconnects, turned.seconds_away)

    def _found(self) -> tuple[Frame, float] | None:
        """The next picture of which all is known, with its time; None at the end."""
        while True:
            coming = self._settled()
            if coming is None:
                if self._is_over:
                    self._told.append((inf, self._lines))
                    self._lines = []
                    return None
                self._read_on()
                continue
            frame = self._frame(coming)
            if frame is None:
                self._lacking += 1
                continue
            self._told.append((frame.index, self._lines))
            self._lines = []
            return frame, coming.came.at

    def _settled(self) -> _Coming | None:
        first = self._coming.get(self._inferred[0]) if self._inferred else None
        if first is None or not (first.is_decoded and first.is_settled):
            return None
        return self._coming.pop(self._inferred.popleft())

    def _frame(self, coming: _Coming) -> Frame | None:
        came, depth = coming.came, coming.depth if self._options.with_depth else None
        if coming.picture is None or (depth is None and self._options.with_depth):
            return None
        return Frame(
            came.index,
            came.pts,
            0.0,  # when it is due is known when it is asked for
            coming.picture,
            pixel_aspect=came.aspect,
            connection=came.connection,
            switched_to=came.switched_to,
            depth=depth,
        )

    def _read_on(self) -> None:
        piece = next(self._pieces, None)
        if piece is not None:
            self._take(piece)
            return
        self._is_over = True
        self._note(self._decoder.flush())
        self._leave_out_unseen()
        for coming in self._coming.values():
            coming.is_settled = True

    def _leave_out_unseen(self) -> None:
        """Depth that came as the run ended, as with `--frames`, is that of a picture too many.

        What goes on in another file may be shown there.
        """
        if isinstance(self._end, Ended) and self._last_shown is not None:
            while self._inferred and self._inferred[-1] > self._last_shown:
                del self._coming[self._inferred.pop()]

    def _take(self, piece: Piece) -> None:
        line = piece.line
        if isinstance(line, Inferred):
            self._take_depth(line, piece)
        self._lines.append(line)
        match line:
            case Came():
                self._coming[line.index] = _Coming(line)
                self._note(self._decoder.add(line, piece.packets))
            case Left():
                self._coming.pop(line.index, None)
            case Written():
                self._last_shown = line.index
                if line.index in self._coming:
                    self._coming[line.index].is_settled = True
            case Turned():
                self._turns.append(line)
            case Ended() | Continued():
                self._end = line

    def _take_depth(self, line: Inferred, piece: Piece) -> None:
        """With the depth of a picture it is sure what became of those before it."""
        for index, coming in list(self._coming.items()):
            if index in self._inferred:
                coming.is_settled = True
            elif index < line.index:
                del self._coming[index]
                self._lines.append(Left(line.at, index, NOT_RECORDED))
        if not line.is_reused:
            self._depth = None if piece.depth is None else DepthMap(piece.depth, line.meaning)
        if line.index in self._coming:
            self._inferred.append(line.index)
            self._coming[line.index].depth = self._depth

    def _note(self, decoded: Iterator[Decoded]) -> None:
        for came, picture in decoded:
            if came.index in self._coming:
                coming = self._coming[came.index]
                coming.picture, coming.is_decoded = picture, True

    def _warnings(self) -> Iterator[str]:
        if self._is_over and self._end is None:
            yield "the session was cut short; what is there was replayed"
        if self._lacking:
            yield f"pictures that were worked on and that the session lacks: {self._lacking}"
        if self._decoder.differ:
            yield (
                "pictures are decoded to others than they were live, so a network may see other depth "
                "(another release of FFmpeg, or of streamdepth)"
            )


def info_of(about: Mapping[str, Any], path: Path, *, live: bool) -> SourceInfo:
    """The source of a session; raises ValueError, KeyError or TypeError where what it says is damaged."""
    stored = about["source"]
    colours = stored.get("colours")
    return SourceInfo(
        int(stored["width"]),
        int(stored["height"]),
        Fraction(stored["rate"]) if stored.get("rate") else None,
        live,
        _READ_TIMEOUT,
        kind=str(stored["kind"]),
        time_base=None if live else CLOCK_TICK,
        origin=path,
        colours=None if colours is None else Colours(*map(int, colours)),
        sample_aspect=Fraction(stored.get("sample_aspect", 1)),
        retold=True,
    )
