"""A run of a film that others have begun: it takes over what they drew, and the depth of what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from streamdepth.frames import DepthRange
from streamdepth.protocols import Source
from streamdepth.run.network.engines import RunEngine
from streamdepth.values import dataclass

if TYPE_CHECKING:
    from streamdepth.resuming.resumable_output import ResumableOutput


class KnownDepth(Protocol):
    """Depth of an input that was inferred before it is drawn."""

    @property
    def span(self) -> DepthRange | None:
        """The range of all of it, where it is to be drawn in that."""

    @property
    def count(self) -> int:
        """How many pictures it is of."""

    @property
    def behind(self) -> int:
        """How many were gone through before those that are to be drawn, all times together."""

    def with_depth(self, source: Source) -> Source:
        """The same input once more, whose frames bring that depth along."""

    def discard(self) -> None:
        """It is not needed any more."""


@dataclass(frozen=True)
class Begun:
    """What others have done of a run."""

    resumable: ResumableOutput
    """Whose borders they reached."""
    depth: KnownDepth
    engine: RunEngine
    """What inferred it."""
