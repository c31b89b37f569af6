"""One camera, and whether another one is the same."""

from __future__ import annotations

from pathlib import Path

from streamdepth.sources.camera.v4l2 import Mode
from streamdepth.values import dataclass


@dataclass(frozen=True)
class Camera:
    """One camera."""

    number: int
    """What `--camera` takes; another one after the next start or replug is possible."""
    name: str
    path: Path | None = None
    """Its device file; None on systems that have none."""
    stable_path: Path | None = None
    """A path that stays the same however cameras are plugged in; None where the system makes none."""
    bus: str = ""
    modes: tuple[Mode, ...] = ()
    """Empty where they are not known."""
    trouble: str = ""
    """Why it could not be asked."""

    def is_same(self, other: Camera) -> bool:
        """Whether `other` is this camera, perhaps plugged in again: by lasting path, else by name."""
        if self.stable_path is not None or other.stable_path is not None:
            return self.stable_path == other.stable_path
        return self.name == other.name

    @property
    def label(self) -> str:
        """Number and name, for a sentence."""
        return f"{self.number} ({self.name})"
