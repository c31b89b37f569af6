"""From what happens in a run to the line that is logged for it: every sentence that the command line itself says."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Any

from streamdepth.cli.misread import one_line
from streamdepth.counted import byte_size, counted, per_second
from streamdepth.frames import SourceInfo
from streamdepth.pipeline import StatsSnapshot
from streamdepth.reporting.events import (
    Event,
    InputOpened,
    LastMinute,
    MuchMemory,
    NetworkLoaded,
    OptionUnused,
    OutputRenamed,
    OutputReplaced,
    PageServed,
    PictureASecond,
    Said,
)
from streamdepth.values import dataclass, field

TOKEN_IN_THE_OPEN = (
    "over plain http the token can be read in transit (add --cert and --key, or a proxy that speaks https)"
)


@dataclass(frozen=True)
class Line:
    """A sentence, its level of `logging`, and the same in numbers for logs of JSON."""

    text: str
    level: int = logging.INFO
    fields: dict[str, Any] = field(default_factory=dict)
    is_link: bool = False
    """Whether a person is to click on it, token and all; a log gets it without secrets, as every line."""


def lines_of(event: Event) -> list[Line]:
    """What is to be logged when `event` happens; nothing where it shows otherwise, or not at all."""
    match event:
        case Said(line, is_warning):
            return [Line(line, logging.WARNING if is_warning else logging.INFO)]
        case InputOpened(info):
            return [Line(f"input: {_described(info)}", logging.DEBUG)]
        case NetworkLoaded(name, runtime, precision):
            return [Line(f"network: {name} on {runtime} in {precision}", logging.DEBUG)]
        case MuchMemory():
            return [_memory(event)]
        case OptionUnused(option, meant_for):
            return [Line(f"{option} has no effect here: it is for {meant_for}", logging.WARNING)]
        case PictureASecond():
            return [
                Line("each picture is shown for a second; for a sequence, name its rate (--input-fps 25)")
            ]
        case OutputRenamed(named, written):
            return [Line(f"{named} already exists and is kept; this recording is {written}")]
        case OutputReplaced(path):
            return [Line(f"{path} already exists; it is replaced when the new one is complete")]
        case PageServed(address, exposes_token):
            exposed = [Line(TOKEN_IN_THE_OPEN, logging.WARNING)] if exposes_token else []
            return [Line(f"watch at {address}", is_link=True), *exposed]
        case LastMinute():
            return [Line(_minute(event), fields=_fields(event))]
        case _:
            return []


def summary_of(stats: StatsSnapshot) -> str:
    """What is said of a run that is over."""
    drops = f", {stats.dropped} dropped" if stats.dropped else ""
    frames = counted(stats.written, "frame")
    return f"{frames} in {stats.seconds:.1f} s, {per_second(stats.fps)} frames/s{drops}"


def _described(info: SourceInfo) -> str:
    rate = f" at {float(info.rate):.5g} frames/s" if info.rate else ""
    return f"{info.kind}, {info.width}x{info.height}{rate}, {'live' if info.live else 'every frame'}"


def _memory(much: MuchMemory) -> Line:
    width, height = much.size
    line = f"pictures of {width}x{height} take about {byte_size(much.needed)} of memory"
    if much.free is None or not much.is_too_much:
        return Line(line)
    free = f"{line}, and {byte_size(much.free)} are free (name a smaller input, or free some)"
    return Line(free, logging.WARNING)


def _minute(minute: LastMinute) -> str:
    causes = minute.dropped_by
    drops = ", ".join(f"{count} {cause}" for cause, count in sorted(causes.items()))
    middle, high = minute.latency_ms
    parts = [
        f"{counted(minute.frames, 'frame')}, {per_second(minute.fps)} frames/s",
        f"{sum(causes.values())} dropped" + (f" ({drops})" if drops else ""),
        f"latency {middle}/{high} ms" if middle is not None else "",
        f"{minute.rss_mb:.0f} MB" if minute.rss_mb is not None else "",
        f"source {minute.condition}" if minute.condition else "",
    ]
    return "last minute: " + ", ".join(part for part in parts if part)


def _fields(minute: LastMinute) -> dict[str, Any]:
    middle, high = minute.latency_ms
    return {**asdict(minute), "latency_ms": {"p50": middle, "p95": high}}


def unforeseen(error: Exception) -> str:
    """What is said of an error that nobody made a sentence of; a path that is closed to this user needs no more."""
    if isinstance(error, PermissionError) and error.filename is not None:
        return f"{error.filename} may not be read or written: permission denied (check the permissions of its folders)"
    what = f"unexpected {type(error).__name__}: {one_line(str(error))}"
    return f"{what} (run again with --verbose and report what it prints)"
