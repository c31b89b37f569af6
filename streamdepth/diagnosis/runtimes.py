"""Which runtimes load here, and what a picture costs in each: measured in processes of their own.

A library built for another processor ends its process without a word; that must not be ours.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from streamdepth.diagnosis.finding import Finding, Grade
from streamdepth.engine.runtimes.registry import BY_SPEED
from streamdepth.packages import how_to_install, is_installed

GROUPS = tuple(
    (package, ",".join(backend.name for backend in backends))
    for package, backends in groupby(BY_SPEED, key=lambda backend: backend.package)
)
"""A package, and the runtimes that it brings."""
BOUND = 60.0
"""Seconds for the runtimes of one package: reading PyTorch from a slow disk takes half a minute."""


def runtimes(package: str, names: str, cache_dir: Path | None, python: str = sys.executable) -> list[Finding]:
    """One finding for each runtime and precision of a package."""
    if not is_installed(package):
        return [
            _absent(name, f"{package} is not installed", how_to_install(package)) for name in names.split(",")
        ]
    command = [python, "-m", "streamdepth.diagnosis.measure", names, *([str(cache_dir)] if cache_dir else [])]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=BOUND, check=False
        )
    except subprocess.TimeoutExpired as error:
        output = error.stdout or b""
        printed = output.decode(errors="replace") if isinstance(output, bytes) else output
        return [*_read(printed), *_silent(names, printed)]
    found = list(_read(done.stdout))
    if done.returncode != 0:
        found.append(_absent(names, _why(done), "install it again in a version for this processor"))
    return found


def _silent(names: str, printed: str) -> list[Finding]:
    """Those of `names` that reported nothing in time, or else the last: mostly the machine has other work."""
    named = {finding.facts["runtime"] for finding in _read(printed)}
    what, cure = f"no answer within {BOUND:g} s", "look again when the machine has less to do"
    all_names = names.split(",")
    silent = [name for name in all_names if name not in named] or all_names[-1:]
    return [_absent(name, what, cure) for name in silent]


def _read(output: str) -> Iterator[Finding]:
    for line in output.splitlines():
        if line.startswith("{"):  # libraries print too
            yield _finding(json.loads(line))


def _finding(row: dict[str, Any]) -> Finding:
    if "error" in row:
        return _absent(row["runtime"], row["error"], "install it again")
    text = f"{row['runtime']} {row['precision']}: {row['ms']:.1f} ms a picture of 1280x720 with nano"
    return Finding("runtime", text, facts=row)


def _absent(name: str, why: str, cure: str) -> Finding:
    return Finding("runtime", f"{name}: {why}", Grade.NOTE, cure, {"runtime": name})


def _why(done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode < 0:
        return f"its process was ended by signal {-done.returncode}"
    lines = done.stderr.strip().splitlines()
    return lines[-1] if lines else f"its process ended with {done.returncode}"


def verdict(found: Sequence[Finding]) -> list[Finding]:
    """A problem where no runtime works at all."""
    if any("ms" in finding.facts for finding in found):
        return []
    cure = "install streamdepth again: pip install --force-reinstall onnxruntime"
    return [Finding("runtime", "no runtime works here: no picture can be made", Grade.PROBLEM, cure)]
