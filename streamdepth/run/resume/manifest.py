"""The manifest of a movie that a run has completed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from streamdepth.files import manifest_path
from streamdepth.frames import SourceInfo
from streamdepth.reporting.events import Observe, Said
from streamdepth.run.spec import RunSpec

_SETTINGS = ("picture", "encoding", "depth", "network", "amount")
"""What of a spec says how the pictures came about; nothing that holds a secret."""
_FIGURES = ("model", "engine", "precision")


def has_proof(spec: RunSpec) -> bool:
    """Whether a manifest is there that was written after its movie."""
    movie = spec.output.output
    assert movie is not None, "it was checked that there is one"
    try:
        return manifest_path(movie).stat().st_mtime_ns >= movie.stat().st_mtime_ns
    except OSError:
        return False


def write_proof(spec: RunSpec, info: SourceInfo, report: Mapping[str, Any], observe: Observe) -> None:
    """Read the movie of a run that is over, and write what it holds beside it.

    `report` is that of the run, or has its network, runtime and precision alone. Raises SourceError where the movie
    cannot be read, SinkError where nothing can be written.
    """
    from streamdepth.proof.manifest import make_manifest, write_manifest

    movie = spec.output.output
    assert movie is not None, "it was checked that there is one"
    settings = {name: asdict(getattr(spec, name)) for name in _SETTINGS}
    made_with = {**{name: report[name] for name in _FIGURES}, "settings": settings}
    origin = info.origin if info.kind != "image" and isinstance(info.origin, Path) else None
    path = write_manifest(movie, make_manifest(movie, origin, made_with))
    observe(Said(f"{path} says what is in {movie}; streamdepth verify compares them"))
