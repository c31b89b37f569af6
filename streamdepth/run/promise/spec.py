"""What a run promises of live pictures, as plain values."""

from fractions import Fraction

from streamdepth.run.rules import ABOVE_ZERO, RULE, Rule
from streamdepth.values import dataclass, field

_RATE = Rule("from 0.01 to 1000", lambda rate: Fraction(1, 100) <= rate <= 1000)


@dataclass(frozen=True)
class PromiseSpec:
    """What is promised of live pictures; the network, its size up to the one asked for and its rate follow from it."""

    target_latency: float | None = field(default=None, metadata={RULE: ABOVE_ZERO})
    """Seconds from the capture of a picture until all outputs have it with its depth."""
    target_fps: Fraction | None = field(default=None, metadata={RULE: _RATE})
    """Pictures a second that are shown with depth."""

    @property
    def is_made(self) -> bool:
        """Whether anything is promised."""
        return self.target_latency is not None or self.target_fps is not None
