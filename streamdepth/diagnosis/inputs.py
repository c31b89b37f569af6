"""Cameras, and the input that is to be looked at."""

from __future__ import annotations

import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

from streamdepth.addresses import redact_address
from streamdepth.diagnosis.finding import Finding, Grade
from streamdepth.errors import NoFrameYet
from streamdepth.frames import Frame, SourceInfo
from streamdepth.protocols import Source, warnings_of
from streamdepth.sources import SourceOptions, is_animation, open_camera, open_source
from streamdepth.sources.camera.identity import Camera
from streamdepth.sources.camera.listing import list_cameras

WATCHED = 3.0
"""Seconds for which an input is read."""
MOST = 300
"""Pictures after which a file is known well enough."""
BOUND = 30.0
"""Seconds for the opening and reading of an input, whose own time-outs are 10 and 5."""
LOOKED_THROUGH = 15.0
"""Seconds for which an animation is read on, since damage in it shows by reading it alone."""


def cameras() -> list[Finding]:
    """Every camera that is connected."""
    found = list_cameras()
    if not found:
        return [Finding("camera", "none is connected", facts={"cameras": 0})]
    return [_camera(camera) for camera in found]


def _camera(camera: Camera) -> Finding:
    facts: dict[str, Any] = {
        "number": camera.number,
        "name": camera.name,
        "path": str(camera.stable_path or camera.path or ""),
    }
    if camera.trouble:
        cure = f"streamdepth doctor {camera.number} says more"
        return Finding("camera", f"{camera.label}: {camera.trouble.lower()}", Grade.NOTE, cure, facts)
    largest = max(camera.modes, key=lambda mode: (mode.width * mode.height, mode.rates), default=None)
    size = f", up to {largest.width}x{largest.height}" if largest else ""
    return Finding("camera", f"{camera.label}{size}", facts=facts)


def given_input(wanted: str) -> list[Finding]:
    """Open an input, read it for some seconds, and report its size, its rate and the warnings of its source.

    An animation is read to its end, as far as that takes no more than `LOOKED_THROUGH`. Raises SourceError as opening
    does.
    """
    if wanted == "browser":
        text = "browser: nothing to open: the camera is sent by whoever opens the page of the web service"
        return [Finding("input", text, facts={"kind": "browser", "live": True})]
    begin = time.monotonic()
    source = _open(wanted)
    opened = time.monotonic() - begin
    with closing(source):
        count, seconds = _read(source)
        ends_at = _looked_through(source) if is_animation(wanted) else None
    name = redact_address(wanted)
    remarks = [line if name in line else f"{name}: {line}" for line in warnings_of(source)]
    if ends_at is not None:
        remarks.append(
            f"{name}: whether it is whole after {ends_at} s was not checked, which would take longer"
        )
    lines = [Finding("input", line, Grade.NOTE, facts={"input": name}) for line in remarks]
    return [_measured(source, name, opened, count, seconds), *lines]


def _open(wanted: str) -> Source:
    """As `--input`, or as `--camera` where no file and no address but a camera is called so."""
    word = wanted.casefold()
    if (
        "/" not in wanted
        and not Path(wanted).exists()
        and any(word in camera.name.casefold() for camera in list_cameras())
    ):
        return open_camera(wanted)
    return open_source(wanted, SourceOptions(polls=True))


def _read(source: Source) -> tuple[int, float]:
    """How many pictures came after the first, and in how many seconds; live, without those that lay waiting."""
    if _next(source, time.monotonic() + WATCHED) is None:
        return 0, 0.0
    came = [time.monotonic()]
    until = came[0] + WATCHED
    while came[-1] < until and len(came) <= MOST and _next(source, until) is not None:
        came.append(time.monotonic())
    first = _first_waited_for(came, source.info) if source.info.live else 0
    return len(came) - 1 - first, came[-1] - came[first]


def _first_waited_for(came: list[float], info: SourceInfo) -> int:
    """Behind which picture the next one had to be waited for; what came while it was opened is there at once."""
    pause = 0.5 / float(info.rate) if info.rate else 0.0
    waited = (n for n, (one, next_one) in enumerate(pairwise(came)) if next_one - one >= pause)
    return next(waited, 0)


def _next(source: Source, until: float) -> Frame | None:
    """Its next picture, None at its end, and where a live one gives none by then."""
    while True:
        try:
            return source.read()
        except NoFrameYet:
            if time.monotonic() >= until:
                return None


def _looked_through(source: Source) -> str | None:
    """Read on to the end; returns where that was given up, in seconds of the animation, if it was."""
    give_up_at = time.monotonic() + LOOKED_THROUGH
    while (frame := source.read()) is not None:
        if time.monotonic() > give_up_at:
            return f"{float(frame.pts):.1f}"
    return None


def _measured(source: Source, name: str, opened: float, count: int, seconds: float) -> Finding:
    info = source.info
    rate = count / seconds if count and seconds > 0 else None
    rate_text = f"{float(info.rate):.5g} frames/s" if info.rate else "no rate stated"
    does = "sends" if info.live else "is read at"
    measured = f", {does} {rate:.1f} frames/s" if rate else ""
    text = f"{name}: {info.kind}, {info.width}x{info.height}, {rate_text}{measured}, opened in {opened:.1f} s"
    facts = {
        "input": name,
        "kind": info.kind,
        "width": info.width,
        "height": info.height,
        "rate": str(info.rate) if info.rate else None,
        "measured_rate": round(rate, 2) if rate else None,
        "live": info.live,
        "opened_seconds": round(opened, 2),
    }
    slow = info.live and rate is not None and info.rate is not None and rate < 0.7 * float(info.rate)
    cure = "look at the network or the light: cameras slow down in the dark, and lose pictures on bad links"
    return Finding("input", text, Grade.NOTE if slow else Grade.FINE, cure if slow else "", facts)
