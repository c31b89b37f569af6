"""The sentences of the command line, each for what happens in a run."""

from __future__ import annotations

import logging
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from streamdepth.cli.words import TOKEN_IN_THE_OPEN, Line, lines_of, summary_of
from streamdepth.frames import SourceInfo
from streamdepth.pipeline import StatsSnapshot
from streamdepth.reporting.events import (
    Alive,
    Event,
    FrameWritten,
    InputOpened,
    LastMinute,
    LoadBegan,
    LoadEnded,
    MuchMemory,
    NetworkLoaded,
    OptionUnused,
    OutputRenamed,
    OutputReplaced,
    OutputsClosed,
    PageServed,
    PictureASecond,
    RunBegan,
    Said,
    Stopping,
)

CAMERA = SourceInfo(640, 480, Fraction(30000, 1001), live=True, read_timeout=1.0, kind="camera")
MINUTE = LastMinute(1500, 25.04, {"stale": 3, "late": 12}, (41, 97), 512.4, "away (refused)")
MEMORY = "pictures of 7680x4320 take about 3.6 GB of memory"


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (Said("it is back", False), Line("it is back")),
        (Said("it is away", True), Line("it is away", logging.WARNING)),
        (InputOpened(CAMERA), Line("input: camera, 640x480 at 29.97 frames/s, live", logging.DEBUG)),
        (
            InputOpened(replace(CAMERA, kind="image", rate=None, live=False)),
            Line("input: image, 640x480, every frame", logging.DEBUG),
        ),
        (
            NetworkLoaded("nano", "openvino", "bf16"),
            Line("network: nano on openvino in bf16", logging.DEBUG),
        ),
        (
            OptionUnused("--camera-fps", "cameras"),
            Line("--camera-fps has no effect here: it is for cameras", logging.WARNING),
        ),
        (
            PictureASecond(),
            Line("each picture is shown for a second; for a sequence, name its rate (--input-fps 25)"),
        ),
        (
            OutputRenamed(Path("a.mp4"), Path("a-2.mp4")),
            Line("a.mp4 already exists and is kept; this recording is a-2.mp4"),
        ),
        (
            OutputReplaced(Path("a.mp4")),
            Line("a.mp4 already exists; it is replaced when the new one is complete"),
        ),
        (MuchMemory((7680, 4320), 3_649_536_000, 10**10), Line(MEMORY)),
        (MuchMemory((7680, 4320), 3_649_536_000, None), Line(MEMORY)),
        (
            MuchMemory((7680, 4320), 3_649_536_000, 2 * 10**9),
            Line(f"{MEMORY}, and 2.0 GB are free (name a smaller input, or free some)", logging.WARNING),
        ),
        (PageServed("http://h:8080/", False), Line("watch at http://h:8080/", is_link=True)),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, Line) else "",
)
def test_what_happens_has_its_sentence(event: Event, line: Line) -> None:
    assert lines_of(event) == [line]


@pytest.mark.parametrize(
    "event",
    [
        LoadBegan(),
        LoadEnded(),
        RunBegan(is_live=True, writes_files=False, frames=None),
        FrameWritten(1),
        Alive(),
        OutputsClosed(complete=True),
        Stopping(),
    ],
)
def test_what_shows_otherwise_has_none(event: Event) -> None:
    assert lines_of(event) == []


def test_a_token_that_others_can_read_is_warned_of_below_the_address() -> None:
    link, warning = lines_of(PageServed("http://h:8080/?token=abc", True))
    assert (link.is_link, link.level, link.text) == (True, logging.INFO, "watch at http://h:8080/?token=abc")
    assert (warning.is_link, warning.level, warning.text) == (False, logging.WARNING, TOKEN_IN_THE_OPEN)


def test_the_last_minute_is_told_in_one_line_and_in_numbers() -> None:
    (line,) = lines_of(MINUTE)
    assert line.text == (
        "last minute: 1500 frames, 25.0 frames/s, 15 dropped (12 late, 3 stale), latency 41/97 ms, "
        "512 MB, source away (refused)"
    )
    assert line.fields == {
        "frames": 1500,
        "fps": 25.04,
        "dropped_by": {"stale": 3, "late": 12},
        "latency_ms": {"p50": 41, "p95": 97},
        "rss_mb": 512.4,
        "condition": "away (refused)",
    }


def test_a_minute_without_pictures_leaves_out_what_nobody_knows() -> None:
    (line,) = lines_of(LastMinute(0, 0.0, {}, (None, None), None, None))
    assert line.text == "last minute: 0 frames, 0.0 frames/s, 0 dropped"
    assert line.fields["latency_ms"] == {"p50": None, "p95": None}


@pytest.mark.parametrize(
    ("stats", "summary"),
    [
        (StatsSnapshot(), "0 frames in 0.0 s, 0.0 frames/s"),
        (StatsSnapshot(written=1, seconds=2.0), "1 frame in 2.0 s, 0.5 frames/s"),
        (
            StatsSnapshot(written=250, seconds=10.04, dropped_by={"late": 2, "stale": 1}),
            "250 frames in 10.0 s, 24.9 frames/s, 3 dropped",
        ),
    ],
)
def test_a_run_is_summed_up(stats: StatsSnapshot, summary: str) -> None:
    assert summary_of(stats) == summary
