"""One look, bounded in time: whatever goes wrong in it is a finding too."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streamdepth.diagnosis.finding import Finding, Grade
from streamdepth.errors import StreamdepthError
from streamdepth.threads.worker import Worker
from streamdepth.values import dataclass

_HEED_SIGNALS = 0.1

Findings = Sequence[Finding]


@dataclass(frozen=True)
class Probe:
    """A look at one matter."""

    topic: str
    look: Callable[[], Findings]
    bound: float = 20.0
    """Seconds after which it is given up."""
    failing: Grade = Grade.NOTE
    """What it means that the look itself fails."""

    def findings(self) -> Findings:
        """What it found; a look that fails or takes too long is one finding that says so."""
        found: list[Finding] = []
        worker = Worker(self.topic, lambda: found.extend(self.look()), on_error=lambda _error: None).start()
        waited = 0.0
        while worker.is_running(_HEED_SIGNALS):  # in short steps, so that Ctrl-C is handled
            waited += _HEED_SIGNALS
            if waited >= self.bound:
                return [Finding(self.topic, f"no answer within {self.bound:g} s", self.failing)]
        return [self._failed(worker.error)] if worker.error is not None else found

    def _failed(self, error: BaseException) -> Finding:
        if isinstance(error, StreamdepthError):
            return Finding(self.topic, error.what, self.failing, error.cure)
        return Finding(self.topic, f"{type(error).__name__}: {' '.join(str(error).split())}", self.failing)
