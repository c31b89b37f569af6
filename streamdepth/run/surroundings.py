"""What is around a run: the same spec runs on another machine in other surroundings."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path

from streamdepth.heap import keep_for_pictures
from streamdepth.values import dataclass, field


@dataclass(frozen=True)
class Surroundings:
    """What a run finds where it is started, given by the caller, since a run reads no environment itself."""

    environ: MutableMapping[str, str] = field(default_factory=dict)
    """The environment of the process: it names the display, and the one for Qt is set there."""
    cache_dir: Path | None = None
    """Where downloads and conversions are kept; None is the user's cache folder."""
    config: Path | None = None
    """The file that the spec was read from, which the run must not write over."""
    pulse_every: float = 0.0
    """Seconds between two `Alive` events; 0 where nobody waits for signs of life."""


def set_process_up() -> None:
    """For a run: memory of one picture is kept for the next, and OpenCV has one thread.

    The stages already run beside each other, and OpenCV's pool would wait for theirs.
    """
    import cv2

    keep_for_pictures()
    cv2.setNumThreads(1)
