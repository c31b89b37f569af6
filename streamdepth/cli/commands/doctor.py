"""`streamdepth doctor`: what is here, what works, and the best command line for this machine."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from streamdepth.cli.option_groups import CACHE_DIR
from streamdepth.cli.standard_output import say

if TYPE_CHECKING:
    from streamdepth.diagnosis.advice import Advice
    from streamdepth.diagnosis.finding import Finding
    from streamdepth.diagnosis.probe import Probe

app = App(
    name="doctor",
    usage="Usage: streamdepth doctor [INPUT] [OPTIONS]",
    help="Look at this machine, and at an input: what works, what is missing, what to type.",
    help_epilogue="streamdepth doctor looks at this machine; streamdepth doctor rtsp://192.168.1.20/stream opens "
    "that camera, too.",
    help_format="plaintext",
)


@app.default
def doctor(
    input: Annotated[
        str | None,
        Parameter(help="An address, a file or a camera to open and measure as well.", show_default=False),
    ] = None,
    *,
    as_json: Annotated[
        bool, Parameter("--json", help="Print one JSON object.", negative=(), show_default=False)
    ] = False,
    cache_dir: Annotated[
        Path | None,
        Parameter(help=CACHE_DIR, show_default=False),
    ] = None,
) -> int:
    """Look at this machine, and at an input: what works, what is missing, what to type.

    Exits with 1 when something essential does not work.
    """
    from streamdepth.addresses import redact_address
    from streamdepth.diagnosis.advice import advise
    from streamdepth.diagnosis.finding import Grade

    findings: list[Finding] = []
    for finding in _look(input, cache_dir):
        findings.append(finding)
        if not as_json:
            _print(finding)
    advice = advise(findings, redact_address(input) if input is not None else None)
    healthy = all(finding.grade is not Grade.PROBLEM for finding in findings)
    if as_json:
        print(json.dumps(_as_json(findings, advice, healthy), indent=1))
    else:
        _print_end(advice, healthy)
    return 0 if healthy else 1


def _look(wanted: str | None, cache_dir: Path | None) -> Iterator[Finding]:
    """One probe after the other: they would spoil each other's measurements."""
    from streamdepth.diagnosis.runtimes import verdict

    found: list[Finding] = []
    for probe in _probes(wanted, cache_dir):
        found += (new := probe.findings())
        yield from new
    yield from verdict(found)


def _probes(wanted: str | None, cache_dir: Path | None) -> Iterator[Probe]:
    import streamdepth
    from streamdepth.diagnosis import inputs, machine, media, runtimes, storage
    from streamdepth.diagnosis.finding import Grade
    from streamdepth.diagnosis.probe import Probe

    yield Probe("system", partial(machine.system, streamdepth.__version__))
    yield Probe("processor", machine.processor)
    yield Probe("memory", machine.memory)
    yield Probe("libraries", machine.packages)
    yield Probe("weights", storage.bundled_weights, failing=Grade.PROBLEM)
    yield Probe("cache", partial(storage.cache, cache_dir))
    for package, names in runtimes.GROUPS:
        look = partial(runtimes.runtimes, package, names, cache_dir)
        yield Probe("runtime", look, bound=runtimes.BOUND + 5)
    yield Probe("codecs", media.codecs, failing=Grade.PROBLEM)
    yield Probe("display", partial(media.display, os.environ))
    yield Probe("camera", inputs.cameras)
    if wanted is not None:
        yield Probe("input", partial(inputs.given_input, wanted), inputs.BOUND, failing=Grade.PROBLEM)


def _print(finding: Finding) -> None:
    say(f"{finding.grade.value:<8} {finding.topic:<12} {finding.text}")
    if finding.cure:
        say(f"{'':<21} -> {finding.cure}")


def _print_end(advice: Advice, healthy: bool) -> None:
    print()
    print(
        "All that is needed works."
        if healthy
        else "Something that is needed does not work: see problem above."
    )
    say(f"{'On this machine' if healthy else 'Once that is fixed'}: {advice.command}")
    for reason in advice.reasons:
        say(f"  because {reason}")


def _as_json(findings: list[Finding], advice: Advice, healthy: bool) -> dict[str, object]:
    return {
        "ok": healthy,
        "findings": [finding.as_json() for finding in findings],
        "command": advice.command,
        "reasons": list(advice.reasons),
    }
