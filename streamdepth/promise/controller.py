"""Which rung to be on: a pure function of measured times, with hysteresis.

Down as soon as more pictures are late than the promise allows. Up when none was for some while, and the better rung
would keep it too by what depth takes now: its time in the table, times how much slower than the table the present
rung is, since others use the machine as well. A step up that has to be taken back is tried again after twice the time,
so that a load between two rungs does not pump.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from streamdepth.promise.ladder import Rung
from streamdepth.promise.target import Target
from streamdepth.values import dataclass, field

PROMISED = 0.95
"""Share of pictures that are to be in time."""
SETTLES = 1.0
"""Seconds after a step until what is seen is that of the new rung."""
LEAST_SEEN = 8
"""Pictures by which a rung is judged."""
CHANCE = 2
"""So many late pictures say nothing, however few there are."""
ROOM = 0.85
"""Share of the target that a better rung may take by what is foretold of it."""
QUIET = 0.01
"""Share of late pictures up to which there is room for a step up."""
PATIENCE = 4.0
"""Seconds of this before a step up."""
MOST_PATIENCE = 240.0
RELAPSE = 30.0
"""A step down within so many seconds of a step up takes it back: it was one too many."""
FIRST_SHARE = 0.5
"""Of the target that the network of the first rung may take: pictures are also drawn and sent."""


@dataclass(frozen=True)
class State:
    """Where a stream is, and what is known of its steps."""

    rung: int
    """0 is the best depth."""
    since: float
    """When it came to this rung, in seconds of the caller's clock."""
    came_up: bool = False
    patience: tuple[tuple[int, float], ...] = field(default=())
    """Seconds before a step up to a rung is tried, for those that were taken back."""

    def patience_for(self, rung: int) -> float:
        """Before a step up to a rung."""
        return dict(self.patience).get(rung, PATIENCE)


@dataclass(frozen=True)
class Seen:
    """What was seen on the present rung, over the last seconds."""

    pictures: int
    late: int
    """Of them, not in time."""
    latency: float
    """Seconds from capture to outputs, the 95th percentile of those that were shown."""
    inference: float
    """Seconds of a depth map, the 95th percentile."""
    due: float
    """Pictures a second that are to get depth with interval 1, of all streams that share the network."""
    lanes: int = 1
    """Pictures that the network works on at once."""


def first_state(rungs: Sequence[Rung], target: Target, rate: float, now: float) -> State:
    """The best rung that looks easy by its table, for an input of so many pictures a second."""
    bound = FIRST_SHARE * min(1 / rate, target.latency if target.latency is not None else 1 / rate)
    fitting = (number for number, rung in enumerate(rungs) if rung.seconds <= bound)
    plain = max(number for number, rung in enumerate(rungs) if rung.interval == 1)
    return State(next(fitting, plain), now)


def step(
    state: State, rungs: Sequence[Rung], target: Target, seen: Seen, now: float, within: range | None = None
) -> State:
    """The state after a look at `seen`, at the time `now`; most looks change nothing.

    `within` are the numbers of the rungs that may be taken now, all of them where it is None.
    """
    within = within or range(len(rungs))
    if state.rung not in within:
        return State(min(max(state.rung, within[0]), within[-1]), now)
    age = now - state.since
    if age < SETTLES or seen.pictures < LEAST_SEEN:
        return state
    if _breaks(seen):
        return _down(state, rungs[: within.stop], target, seen, now)
    above = state.rung - 1
    if above not in within or seen.late > QUIET * seen.pictures or age < state.patience_for(above):
        return _forgiven(state, age)
    if not _keeps(rungs[above], rungs[state.rung], target, seen):
        return state
    return replace(state, rung=above, since=now, came_up=True)


def is_out_of_reach(state: State, fastest: int, seen: Seen, now: float) -> bool:
    """Whether not even the fastest rung, by its number, keeps the promise."""
    tried = state.rung == fastest and now - state.since >= PATIENCE
    return tried and seen.pictures >= LEAST_SEEN and _breaks(seen)


def _breaks(seen: Seen) -> bool:
    return seen.late > max(CHANCE, (1 - PROMISED) * seen.pictures)


def _down(state: State, rungs: Sequence[Rung], target: Target, seen: Seen, now: float) -> State:
    """To the next rung that should keep it; to the fastest where none should, which frees the most for the rest."""
    last = len(rungs) - 1
    if state.rung == last:
        return state
    lower = range(state.rung + 1, last + 1)
    rung = next((n for n in lower if _keeps(rungs[n], rungs[state.rung], target, seen)), last)
    patience = dict(state.patience)
    if state.came_up and now - state.since < RELAPSE:
        patience[state.rung] = min(MOST_PATIENCE, 2 * state.patience_for(state.rung))
    return State(rung, now, False, tuple(sorted(patience.items())))


def _forgiven(state: State, age: float) -> State:
    """Where a step up has held, the next one to this rung is as soon as the first."""
    if not state.came_up or age < RELAPSE:
        return state
    patience = tuple((rung, seconds) for rung, seconds in state.patience if rung != state.rung)
    return replace(state, came_up=False, patience=patience)


def _keeps(rung: Rung, present: Rung, target: Target, seen: Seen) -> bool:
    """Whether another rung should keep the promise, by what depth takes now on the present one."""
    inference = seen.inference * rung.seconds / present.seconds
    latency = seen.latency + inference - seen.inference
    if target.latency is not None and latency > ROOM * target.latency:
        return False
    return inference * seen.due <= ROOM * rung.interval * seen.lanes
