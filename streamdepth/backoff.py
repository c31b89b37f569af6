"""How long to wait between tries. Reads no clock and draws no chance."""

from __future__ import annotations

from streamdepth.values import dataclass


@dataclass(frozen=True)
class Backoff:
    """Delays in seconds that grow with each failure in a row; jitter keeps many that wait from coming back at once."""

    first: tuple[float, ...]
    """Before each of the first tries."""
    last: float
    """Before every further try, for ever."""
    shorter: float
    """The share by which jitter makes a delay shorter at most."""
    longer: float
    """The share by which it makes one longer at most."""

    def delay(self, failures: int, chance: float) -> float:
        """Seconds to wait after so many `failures` in a row, 0 for the first; `chance` in 0..1 makes the jitter."""
        usual = self.first[failures] if failures < len(self.first) else self.last
        return usual * (1.0 - self.shorter + (self.shorter + self.longer) * chance)
