"""The manifest of a movie that a run has completed."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from streamdepth.frames import SourceInfo
from streamdepth.reporting.events import Observe, Said
from streamdepth.run.spec import RunSpec

_SETTINGS = ("picture", "encoding", "depth", "network", "amount")
"""What of a spec says how the pictures came about; nothing that holds a secret."""
_FIGURES = ("model", "engine", "precision")


def write_proof(spec: RunSpec, info: SourceInfo, report: dict[str, Any], observe: Observe) -> None:
    """Read the movie of a run that is over, and write what it holds beside it.

    `report` is that of the run. Raises SourceError where the movie cannot be read, SinkError where nothing can be
    written.
    """
    from streamdepth.proof.manifest import make_manifest, write_manifest

    movie = spec.output.output
    assert movie is not None, "it was checked that there is one"
    settings = {name: asdict(getattr(spec, name)) for name in _SETTINGS}
    made_with = {**{name: report[name] for name in _FIGURES}, "settings": settings}
    origin = info.origin if info.kind != "image" and isinstance(info.origin, Path) else None
    path = write_manifest(movie, make_manifest(movie, origin, made_with))
    observe(Said(f"{path} says what is in {movie}; streamdepth verify compares them"))
