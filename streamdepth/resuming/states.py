"""What the next picture after a border depends on, of the last few borders: a file that is replaced as a whole."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from streamdepth.files import write_whole
from streamdepth.rendering import StreamState
from streamdepth.resuming.frozen import from_bytes, to_bytes
from streamdepth.values import dataclass

KEPT = 2
LAG = Fraction(5)
"""Seconds of film: what was handed to a muxer later than that before the newest picture may not be on disk."""


@dataclass(frozen=True, eq=False)
class KeptState:
    """A renderer's state at a border."""

    pictures: int
    """That it had drawn."""
    pts: Fraction
    """Of the last of them, in seconds."""
    stream: StreamState


@dataclass(frozen=True, eq=False)
class KeptStates:
    """Those of the last borders, the newest last."""

    states: tuple[KeptState, ...] = ()

    def after(self, state: KeptState) -> KeptStates:
        """With one more, and without the oldest where there are enough for a part that lags behind."""
        states = (*self.states, state)
        while len(states) > KEPT and states[1].pts <= state.pts - LAG:
            states = states[1:]
        return KeptStates(states)

    def up_to(self, pictures: int) -> KeptStates:
        """Without those of later borders."""
        return KeptStates(tuple(state for state in self.states if state.pictures <= pictures))


def read_states(path: Path) -> KeptStates:
    """The states in a file; none where there is no such file, or a damaged one."""
    try:
        return from_bytes(KeptStates, path.read_bytes())
    except (OSError, ValueError):
        return KeptStates()


def write_states(path: Path, kept: KeptStates) -> None:
    """Put them on disk, in the place of those before; raises `SinkError`, `DiskFull` where there is no room."""
    write_whole(path, to_bytes(kept))
