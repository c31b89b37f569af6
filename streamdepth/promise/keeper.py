"""Keeps a promise while runs go on: it gets what happens, and says which rung to be on."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Any

from streamdepth.counted import counted
from streamdepth.frames import Frame, Rendered
from streamdepth.promise.controller import (
    PROMISED,
    SETTLES,
    Seen,
    State,
    first_state,
    is_out_of_reach,
    step,
)
from streamdepth.promise.ladder import Rung
from streamdepth.promise.tally import Settled, Tally
from streamdepth.promise.target import Target
from streamdepth.threads.worker import Lock

LOOK_EVERY = 0.25
"""Seconds between two looks at what was seen."""
REMEMBERED = 5.0
"""Seconds that a look reaches back, and not before the last step."""
USUAL_RATE = 30.0
"""Pictures a second of an input that does not say."""
NEARLY = 0.05
"""A camera of 59.9 pictures a second gives twice 30."""
MEASURED = 64
"""Pictures by which the rate of an input is known."""
RARE = 1.0
"""Seconds after a picture with depth, from which on the next one gets some on a rung of any interval."""
SLOW = 0.9
"""Share of the promised rate below which an input is too slow for it."""


class Keeper:
    """One promise of one network, for all streams that it works for; may be used from any thread.

    `rungs` are a ladder. `notify` gets a sentence where the promise cannot be kept: once. With `interpolates`, pictures
    without depth of their own are shown too, so the network need not keep up with the input.
    """

    def __init__(
        self,
        target: Target,
        rungs: Sequence[Rung],
        notify: Callable[[str], None],
        *,
        interpolates: bool = False,
        lanes: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.target = target
        self.rungs = tuple(rungs)
        self.clock = clock
        self._notify = notify
        self._interpolates = interpolates
        self._lanes = lanes
        self._lock = Lock()
        self._state: State | None = None
        self._streams: list[Pace] = []
        self._settled: deque[Settled] = deque()
        self._inferences: deque[tuple[float, float]] = deque()
        self._on_rung: Counter[int] = Counter()
        self._steps = 0
        self._next_look = 0.0
        self._is_told = False

    @property
    def rung(self) -> int:
        """The number of the rung to be on, 0 the best."""
        state = self._state
        return 0 if state is None else state.rung

    def join(
        self, rate: float | None, notify: Callable[[str], None], held: Callable[[], str | None] = lambda: None
    ) -> Pace:
        """One more stream, of an input that says it gives so many pictures a second; `notify` gets its sentences.

        `held` names the network that its distances were taken with, if any were: depth of another is no line of it.
        """
        pace = Pace(self, rate or USUAL_RATE, notify, held)
        with self._lock:
            self._streams.append(pace)
            if self._state is None:
                due = pace.due_rate
                self._state = first_state(self.rungs, self.target, due, self.clock())
        return pace

    @property
    def most_used(self) -> Rung:
        """The rung of the most depth maps so far."""
        with self._lock:
            return self.rungs[max(range(len(self.rungs)), key=lambda number: self._on_rung[number])]

    def leave(self, pace: Pace) -> None:
        """A stream is over."""
        with self._lock:
            self._streams = [one for one in self._streams if one is not pace]

    def inferred(self, rung: int, seconds: float) -> None:
        """A depth map was made on a rung."""
        with self._lock:
            self._on_rung[rung] += 1
            if rung == self.rung:
                self._inferences.append((self.clock(), seconds))

    def settled(self, pictures: Sequence[Settled]) -> None:
        """It is known of some pictures how they went; now and then this leads to a step."""
        line = None
        with self._lock:
            self._settled += pictures
            now = self.clock()
            if now >= self._next_look:
                self._next_look = now + LOOK_EVERY
                line = self._look(now)
        if line is not None:
            self._notify(line)

    def figures(self) -> dict[str, Any]:
        """Where it is on the ladder, as JSON."""
        with self._lock:
            rungs = [
                {
                    "model": rung.model,
                    "size": rung.size,
                    "precision": rung.precision,
                    "interval": rung.interval,
                    "table_ms": round(rung.seconds * 1000, 2),
                    "maps": self._on_rung[number],
                }
                for number, rung in enumerate(self.rungs)
            ]
            seen = len(self._settled)
            recent = round(sum(one.in_time for one in self._settled) / seen, 4) if seen else None
            return {
                "promised_share": PROMISED,
                "held": self._held(),
                "recent_share": recent,
                "rung": self.rung,
                "steps": self._steps,
                "rungs": rungs,
            }

    def _look(self, now: float) -> str | None:
        """Take a step if it is time; a sentence where there is something to say."""
        state = self._state
        assert state is not None, "a stream joins before anything is known of it"
        self._forget(max(now - REMEMBERED, state.since + SETTLES / 2))
        seen, within = self._seen(), self._within()
        if is_out_of_reach(state, within[-1], seen, now) and not self._is_told:
            self._is_told = True
            return self._out_of_reach(self.rungs[within[-1]], seen)
        self._state = step(state, self.rungs, self.target, seen, now, within)
        if self._state.rung != state.rung:
            self._steps += 1
            self._settled.clear()
            self._inferences.clear()
        return None

    def _held(self) -> str | None:
        """The network that distances were taken with: the first of them, since others come with it."""
        return next((held for pace in self._streams if (held := pace.held()) is not None), None)

    def _within(self) -> range:
        """The rungs that may be taken now: those of one network are side by side."""
        held = self._held()
        own = [number for number, rung in enumerate(self.rungs) if rung.model == held]
        return range(own[0], own[-1] + 1) if own else range(len(self.rungs))

    def _forget(self, before: float) -> None:
        while self._settled and self._settled[0].at < before:
            self._settled.popleft()
        while self._inferences and self._inferences[0][0] < before:
            self._inferences.popleft()

    def _seen(self) -> Seen:
        late = sum(not one.in_time for one in self._settled)
        latencies = [one.latency for one in self._settled if one.latency is not None]
        due = 0.0 if self._interpolates else sum(pace.due_rate for pace in self._streams)
        inference = _high([seconds for _, seconds in self._inferences])
        return Seen(len(self._settled), late, _high(latencies), inference, due, self._lanes)

    def _out_of_reach(self, fastest: Rung, seen: Seen) -> str:
        share = 100 * (1 - seen.late / seen.pictures)
        cures = [
            "take a larger --target-latency" if self.target.latency is not None else "a smaller --target-fps"
        ]
        return (
            f"{self.target} cannot be kept here: even with {fastest}, {share:.0f} % of pictures are in time, "
            f"not {100 * PROMISED:.0f} % ({cures[0]}, smaller pictures, or end other programs of this machine)"
        )


class Pace:
    """One stream's part of a promise: it gets each picture that comes, and is a sink that gets each that is out.

    It is the last of the sinks that count.
    """

    def __init__(
        self, keeper: Keeper, rate: float, notify: Callable[[str], None], held: Callable[[], str | None]
    ) -> None:
        self._keeper = keeper
        self.held = held
        """The network that may not be changed, if there is one."""
        self._notify = notify
        self._lock = Lock()
        self._rate = rate
        self._tally = Tally(keeper.target)
        self._arrivals: deque[float] = deque(maxlen=MEASURED)
        self._since_taken = 0
        self._taken_at: float | None = None
        self._rate_is_told = False

    @property
    def due_rate(self) -> float:
        """Pictures a second that are to get depth on a rung of interval 1."""
        return self._rate / self._thinning

    @property
    def _thinning(self) -> int:
        """Every so-many-th picture is enough for the rate that is promised."""
        fps = self._keeper.target.fps
        return 1 if fps is None else max(1, int(self._rate / float(fps) + NEARLY))

    def takes(self, frame: Frame) -> bool:
        """Whether a picture that came gets depth; in order, by the thread that reads."""
        keeper = self._keeper
        with self._lock:
            self._came(frame.captured_at)
            is_taken = self._is_due(frame.captured_at, keeper.rungs[keeper.rung].interval)
            over = self._take(frame) if is_taken else []
            slow = self._slow_input()
        keeper.settled(over)
        if slow is not None:
            self._notify(slow)
        return is_taken

    def _is_due(self, at: float, interval: int) -> bool:
        """The first one is: it may be the only one, or the next one far. No interval leaves out what comes rarely."""
        if self._taken_at is None:
            return True
        self._since_taken += 1
        if at - self._taken_at >= RARE:
            interval = 1
        return self._since_taken >= self._thinning * interval

    def _take(self, frame: Frame) -> list[Settled]:
        self._since_taken, self._taken_at = 0, frame.captured_at
        return self._tally.due(frame, self._keeper.clock())

    def _slow_input(self) -> str | None:
        """A sentence, once, where the input gives fewer pictures than were promised."""
        fps, is_known = self._keeper.target.fps, len(self._arrivals) == MEASURED
        if self._rate_is_told or fps is None or not is_known or self._rate >= SLOW * float(fps):
            return None
        self._rate_is_told = True
        return (
            f"the input gives {self._rate:.1f} pictures a second, so no more can be shown "
            "(ask it for more with --camera-fps, or take a smaller --target-fps)"
        )

    def _came(self, at: float) -> None:
        arrivals = self._arrivals
        if arrivals and at - arrivals[-1] > 1.0:
            arrivals.clear()  # it was away
        arrivals.append(at)
        if len(arrivals) >= MEASURED // 4 and arrivals[-1] > arrivals[0]:
            self._rate = (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])

    def write(self, rendered: Rendered) -> None:
        """All outputs before this one have a picture."""
        if rendered.is_stand_in:
            return
        with self._lock:
            settled = self._tally.shown(rendered.estimate.frame, self._keeper.clock())
        self._keeper.settled(settled)

    def close(self, *, complete: bool = True) -> None:
        """The stream is over, and how it went is reported."""
        self._keeper.leave(self)
        tally = self._tally
        if tally.share is not None:
            kept = f"{100 * tally.share:.1f} % of {counted(tally.pictures, 'picture')}"
            self._notify(f"in time: {kept} ({self._keeper.target}), mostly with {self._keeper.most_used}")

    def figures(self) -> dict[str, Any]:
        """How the promise is kept, as JSON."""
        target = self._keeper.target
        with self._lock:
            tally = self._tally
            kept = {
                "target_latency_ms": None if target.latency is None else round(target.latency * 1000, 3),
                "target_fps": None if target.fps is None else float(target.fps),
                "pictures": tally.pictures,
                "in_time": tally.in_time,
                "share": None if tally.share is None else round(tally.share, 4),
            }
        return kept | self._keeper.figures()


def _high(values: Sequence[float]) -> float:
    """The 95th percentile by the nearest rank; 0 of none."""
    return sorted(values)[round((len(values) - 1) * 0.95)] if values else 0.0
