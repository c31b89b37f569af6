"""What becomes of each frame of a run: counted, and passed to a witness of each."""

from __future__ import annotations

from streamdepth.frames import Estimate, Frame, Rendered
from streamdepth.pipeline.stats import RunStats
from streamdepth.protocols import Witness


class Accounts:
    """Keeps `stats`, and informs the `witness` about each frame; from any thread."""

    def __init__(self, stats: RunStats, witness: Witness | None = None) -> None:
        self.stats = stats
        self._witness = witness

    def captured(self, frame: Frame, seconds: float) -> None:
        """A frame was read, which took `seconds`."""
        self.stats.captured(seconds)
        if self._witness is not None:
            self._witness.captured(frame, seconds)

    def dropped(self, frame: Frame, cause: str) -> None:
        """A captured frame will not be inferred, because of `cause`."""
        self.stats.dropped(cause)
        if self._witness is not None:
            self._witness.dropped(frame, cause)

    def inferred(self, estimate: Estimate) -> None:
        """A frame has depth."""
        self.stats.inferred(estimate.seconds)
        if self._witness is not None:
            self._witness.inferred(estimate)

    def reused(self, estimate: Estimate) -> None:
        """A frame has the depth of the last one that was inferred."""
        self.stats.reused()
        if self._witness is not None:
            self._witness.inferred(estimate)

    def written(self, rendered: Rendered, drawing: float, writing: float) -> None:
        """All sinks have a picture, which was drawn in `drawing` and written in `writing` seconds."""
        self.stats.written(writing, rendered.estimate.frame.captured_at)
        if self._witness is not None:
            self._witness.written(rendered, drawing, writing)
