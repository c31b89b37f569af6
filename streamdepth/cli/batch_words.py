"""Sentences about several inputs: a line for each, the table at the end, and the exit status that says as much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from streamdepth.batch.events import InputEnded
from streamdepth.batch.outcome import Outcome, State, counts_of
from streamdepth.counted import counted, per_second
from streamdepth.reporting.overall import duration

FAILED_ALL, FAILED_SOME = 1, 3
_NOT_FAILED = (State.DONE, State.SKIPPED, State.STOPPED)
"""How it ends with what was begun otherwise; a camera that is stopped before its first picture did not fail."""
MOST_DONE = 40
"""Rows of inputs that are done; of more the table has their number alone, and the report all of them."""


def line_of(ended: InputEnded) -> str:
    """What is said at once of an input that is done or failed."""
    place = "" if ended.number is None else f"{ended.number} of {ended.count}: "
    outcome = ended.outcome
    if outcome.state is State.FAILED:
        return f"{place}{outcome.name} failed: {outcome.reason}"
    return f"{place}{outcome.name} is {_result(outcome)}"


def table(outcomes: Sequence[Outcome], seconds: float) -> Iterator[str]:
    """A row for each input, and a last one for all."""
    done = sum(outcome.state is State.DONE for outcome in outcomes)
    rows = [outcome for outcome in outcomes if outcome.state is not State.DONE or done <= MOST_DONE]
    width = max((len(outcome.name) for outcome in rows), default=0)
    for outcome in rows:
        said = _result(outcome) if outcome.state is State.DONE else outcome.reason
        kept = "".join(f"; what was done is in {part}" for part in outcome.kept)
        yield f"{outcome.state.value:<9}  {outcome.name:<{min(width, 60)}}  {said}{kept}"
    counts = ", ".join(f"{count} {state.value}" for state, count in counts_of(outcomes).items() if count)
    yield f"{counts or 'nothing to do'}, in {duration(seconds)}"


def exit_status(outcomes: Sequence[Outcome]) -> int:
    """0 where none failed, 3 where some did, 1 where all did that were begun."""
    counts = counts_of(outcomes)
    if not counts[State.FAILED]:
        return 0
    return FAILED_SOME if any(counts[state] for state in _NOT_FAILED) else FAILED_ALL


def _result(outcome: Outcome) -> str:
    rate = per_second(outcome.frames / outcome.seconds) if outcome.seconds > 0 else 0.0
    frames = counted(outcome.frames, "frame")
    places = " and ".join(map(str, outcome.outputs))
    return f"{places} ({frames} in {outcome.seconds:.1f} s, {rate} frames/s)".lstrip()
