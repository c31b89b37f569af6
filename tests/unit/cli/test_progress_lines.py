"""Progress as JSON lines."""

from __future__ import annotations

import io
import json
from pathlib import Path

from streamdepth.batch.outcome import Outcome, State
from streamdepth.cli.progress_lines import ProgressLines
from streamdepth.reporting.events import FrameWritten, RunBegan
from streamdepth.reporting.overall import Overall


class Clock:
    now = 10.0

    def __call__(self) -> float:
        return self.now


def test_lines_tell_of_a_file_and_of_all_about_once_a_second() -> None:
    told, clock = [], Clock()
    lines = ProgressLines(told.append, clock)
    lines.began(Overall(2, 4, "b.mp4", 0.25, 0.5, 20.0), [Path("out/b.mp4")])
    lines(RunBegan(is_live=False, writes_files=True, frames=40))
    for count in range(1, 31):
        clock.now += 0.125
        lines(FrameWritten(count))
    assert [json.loads(line)["event"] for line in told] == ["begin", *["frames"] * 4]
    assert json.loads(told[0]) == {
        "event": "begin",
        "file": 2,
        "files": 4,
        "input": "b.mp4",
        "outputs": ["out/b.mp4"],
    }
    last = json.loads(told[-1])
    assert {name: last[name] for name in ("file", "done", "total", "fps", "seconds_left")} == {
        "file": 2,
        "done": 25,
        "total": 40,
        "fps": 8.0,
        "seconds_left": 1.9,
    }
    assert last["all_done"] == 0.5625
    assert last["all_seconds_left"] == 18.0


def test_a_limit_holds_where_a_film_turns_out_to_have_fewer_frames_than_was_thought() -> None:
    told: list[str] = []
    lines = ProgressLines(told.append, clock := Clock())
    lines(RunBegan(is_live=False, writes_files=True, frames=500))
    for count, of in ((1, None), (2, 900), (3, 400)):
        clock.now += 1
        lines(FrameWritten(count, of))
    assert [json.loads(line)["total"] for line in told] == [500, 500, 400]


def test_what_nobody_knows_is_null() -> None:
    told, clock = [], Clock()
    lines = ProgressLines(told.append, clock)
    lines(RunBegan(is_live=False, writes_files=True, frames=None))
    lines(FrameWritten(1))
    frames = json.loads(told[0])
    assert [frames[name] for name in ("total", "seconds_left", "all_seconds_left")] == [None, None, None]


def test_the_end_has_the_figures_and_the_total_counts_them() -> None:
    stream = io.StringIO()
    lines = ProgressLines.on(stream)
    outcome = Outcome("a.mp4", State.FAILED, "no video", report={"frames": {}})
    lines.ended(1, 1, outcome)
    lines.total([outcome], 2.0)
    end, total = map(json.loads, stream.getvalue().splitlines())
    assert (end["event"], end["state"], end["reason"], end["file"]) == ("end", "failed", "no video", 1)
    assert "report" not in end
    assert (total["event"], total["counts"]["failed"], total["seconds"]) == ("total", 1, 2.0)
