"""The best command line for this machine, from what was found."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import Any

from streamdepth.addresses import is_remote
from streamdepth.diagnosis.finding import Finding, Grade
from streamdepth.engine.runtimes.registry import BY_SPEED
from streamdepth.values import dataclass

_WORTH_IT = 1.3
"""How many times as fast another runtime must be to be named: less is the noise of a short measurement."""
_USUAL = tuple(backend.name for backend in BY_SPEED if backend.is_timed)
"""The runtimes that `--engine auto` measures and chooses from."""


@dataclass(frozen=True)
class Advice:
    """A command line and why."""

    command: str
    reasons: tuple[str, ...]


def advise(findings: Sequence[Finding], wanted: str | None) -> Advice:
    """What to type for the input `wanted` (secrets blanked out), else for a camera, else for the built-in scene."""
    source = _input(findings, wanted)
    parts = [source, _output(findings, is_live=_is_live(findings, source[0])), _engine(findings)]
    words = [word for options, _ in parts for word in options]
    return Advice(shlex.join(["streamdepth", *words]), tuple(reason for _, reason in parts if reason))


def _input(findings: Sequence[Finding], wanted: str | None) -> tuple[list[str], str]:
    if wanted is not None:
        is_camera = any(f.topic == "input" and f.facts.get("kind") == "camera" for f in findings)
        return ["--camera" if is_camera else "--input", wanted], ""
    able = (f for f in findings if f.topic == "camera" and f.grade is Grade.FINE and "number" in f.facts)
    camera = next(able, None)
    if camera is None:
        return ["--input", "demo"], "no camera is here: the built-in scene moves without one"
    return ["--camera", str(camera.facts["number"])], f"camera {camera.text}"


def _is_live(findings: Iterable[Finding], options: Sequence[str]) -> bool:
    """Whether what `options` name goes on for ever; an address that could not be looked at is taken for a camera."""
    option, wanted = options
    looked_at = next((f.facts["live"] for f in findings if f.topic == "input" and "live" in f.facts), None)
    return option == "--camera" or (looked_at if looked_at is not None else is_remote(wanted))


def _output(findings: Iterable[Finding], *, is_live: bool) -> tuple[list[str], str]:
    if any(f.facts.get("kind") == "browser" for f in findings):
        return [], "the page on which the camera is sent shows its depth"
    if any(f.facts.get("window") for f in findings):
        return [], "a window can be opened"
    if is_live:
        return ["--webrtc"], "no window can be opened here, so it is watched in a browser"
    return ["--output", "depth.mp4"], "no window can be opened here, so depth is written to a file"


def _engine(findings: Iterable[Finding]) -> tuple[list[str], str]:
    """Only what `--engine auto` would not choose by itself and is much faster."""
    measured = [f.facts for f in findings if "ms" in f.facts]
    if not measured:
        return [], ""
    fastest = min(measured, key=_ms)
    usual = min((facts for facts in measured if facts["runtime"] in _USUAL), key=_ms, default=fastest)
    rate = 1000 / usual["ms"]
    reason = f"{_name(usual)} takes {usual['ms']:.1f} ms a picture with nano, enough for {rate:.0f} frames/s"
    if usual["ms"] < _WORTH_IT * fastest["ms"]:
        return [], reason
    options = ["--engine", str(fastest["runtime"]), "--precision", str(fastest["precision"])]
    return (
        options,
        f"{_name(fastest)} takes {fastest['ms']:.1f} ms a picture with nano, {_name(usual)} {usual['ms']:.1f}",
    )


def _ms(facts: Any) -> float:
    return float(facts["ms"])


def _name(facts: Any) -> str:
    return f"{facts['runtime']} in {facts['precision']}"
