"""How far it is as JSON, one object a line: `--progress json`.

| `event` | when | beside it |
|---|---|---|
| `begin` | an input is begun | `file`, `files`, `input`, `outputs` |
| `frames` | about once a second | `file`, `done`, `total`, `fps`, `seconds_left`, `all_done`, `all_seconds_left` |
| `end` | an input is done with | `file`, `files`, and as in the report: `input`, `state`, `reason`, ... |
| `total` | all are done with | `counts`, `frames`, `seconds` |

What is not known is null. A run of one input has the same lines; it is file 1 of 1.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO

from streamdepth.batch.outcome import Outcome, counts_of
from streamdepth.reporting.events import Event, FrameWritten, RunBegan
from streamdepth.reporting.overall import Overall
from streamdepth.reporting.pace import Pace

EVERY = 1.0
"""Seconds between two lines of frames."""


class ProgressLines:
    """Writes lines to `write`, each whole; called from any thread, of one run at a time."""

    def __init__(self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._clock = clock
        self._overall = Overall(1, 1, "", 0.0, 1.0, 0.0)
        self._pace: Pace | None = None
        self._next_line = 0.0

    @classmethod
    def on(cls, stream: TextIO) -> ProgressLines:
        """Those on a stream, flushed line by line."""

        def write(line: str) -> None:
            stream.write(line + "\n")
            stream.flush()

        return cls(write)

    def began(self, overall: Overall, outputs: Sequence[Path]) -> None:
        """An input is begun."""
        self._overall, self._pace = overall, None
        place = {"file": overall.number, "files": overall.count}
        self._line("begin", place | {"input": overall.name, "outputs": [str(path) for path in outputs]})

    def __call__(self, event: Event) -> None:
        """Take what happens in its run."""
        now = self._clock()
        match event:
            case RunBegan():
                self._pace, self._next_line = Pace(event.all_frames, now, behind=event.behind), now
            case FrameWritten(count, of) if self._pace is not None:
                self._pace = self._pace.at(count, now, of)
                if now >= self._next_line:
                    self._next_line = now + EVERY
                    self._frames(self._pace)

    def ended(self, number: int | None, count: int, outcome: Outcome) -> None:
        """An input is done with; `number` is None of one that no run was for."""
        figures = outcome.as_json()
        del figures["report"]  # --report is for it
        self._line("end", {"file": number, "files": count} | figures)

    def total(self, outcomes: Sequence[Outcome], seconds: float) -> None:
        """All are done with."""
        counts = {state.value: count for state, count in counts_of(outcomes).items()}
        frames = sum(outcome.frames for outcome in outcomes)
        self._line("total", {"counts": counts, "frames": frames, "seconds": round(seconds, 3)})

    def _frames(self, pace: Pace) -> None:
        self._line(
            "frames",
            {
                "file": self._overall.number,
                "done": pace.done,
                "total": pace.total,
                "fps": _rounded(pace.rate, 2),
                "seconds_left": _rounded(pace.seconds_left),
                "all_done": round(self._overall.done(pace.part), 4),
                "all_seconds_left": _rounded(self._overall.seconds_left_at(pace)),
            },
        )

    def _line(self, event: str, fields: dict[str, Any]) -> None:
        self._write(json.dumps({"event": event, **fields}))


def _rounded(figure: float | None, digits: int = 1) -> float | None:
    return None if figure is None else round(figure, digits)
