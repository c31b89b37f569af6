"""What is wanted of sessions: to record one, or to replay one."""

from __future__ import annotations

from pathlib import Path

from streamdepth.values import dataclass


@dataclass(frozen=True)
class SessionSpec:
    """Sessions of live inputs."""

    record: Path | None = None
    """The .mkv that gets what came, when it came, its depth, and what happened; the run goes on as without it."""
    replay: bool = False
    """Whether the input is such a file, and is played as it came: what was dropped then is dropped again.

    Its depth is the one that was recorded, unless a network is named.
    """

    @property
    def places(self) -> tuple[Path, ...]:
        """The file that is recorded, if one is."""
        return () if self.record is None else (self.record,)
