"""A recording beside live outputs, which go on where it fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streamdepth.errors import SinkError
from streamdepth.frames import Rendered
from streamdepth.protocols import Notify, Sink, warnings_of


class ExpendableSink:
    """A recording beside live outputs: where it fails it ends with a sentence, and they go on.

    The failure is raised when the run is over, so that it shows in the exit status.
    """

    def __init__(self, sink: Sink, notify: Notify) -> None:
        self._sink = sink
        self._notify = notify
        self._failure: SinkError | None = None

    @property
    def warnings(self) -> Sequence[str]:
        """Those of the recording."""
        return warnings_of(self._sink)

    def write(self, rendered: Rendered) -> None:
        """Pass one picture on, while there is a recording."""
        if self._failure is None:
            self._try(lambda: self._sink.write(rendered))
            if self._failure is not None:
                self._try(self._sink.close)

    def close(self, *, complete: bool = True) -> None:
        """Complete the recording; raises what ended it before."""
        if self._failure is not None:
            raise self._failure
        self._sink.close(complete=complete)

    def _try(self, call: Callable[[], None]) -> None:
        try:
            call()
        except SinkError as error:
            if self._failure is None:
                self._failure = error
                self._notify(f"the recording has ended, everything else continues: {error}")
