"""Watches the zones of one camera and hands what it sees to writers: a sink like any other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from streamdepth.errors import SinkError
from streamdepth.frames import Rendered
from streamdepth.sinks.events.event import Announces, Event, Writer
from streamdepth.zones.kept import check_units
from streamdepth.zones.sight import has_metres, sight_of
from streamdepth.zones.watch import ZoneWatch


class EventSink:
    """Turns pictures into events.

    `run` begins the identity of each. `when` returns when a picture was captured, in seconds since 1970, from its
    `Frame.captured_at`; None is for films, whose events have the times of the film alone.
    """

    def __init__(
        self,
        camera: str,
        watch: ZoneWatch,
        writers: Sequence[Writer],
        run: str,
        when: Callable[[float], float] | None,
    ) -> None:
        self.watch = watch
        self._camera = camera
        self._writers = tuple(writers)
        self._run = run
        self._when = when
        self._count = 0
        self._told = watch.zones
        self._announce()

    def write(self, rendered: Rendered) -> None:
        """Watch one picture, and hand over what changed.

        Raises `SinkError` where a writer has a fault of its own, `UsageError` for zones in metres where there are none.
        """
        for writer in self._writers:
            if writer.failure is not None:
                raise SinkError(
                    f"sending events failed: {type(writer.failure).__name__}",
                    "run again with --verbose and report what it prints",
                ) from writer.failure
        if self.watch.zones is not self._told:
            self._announce()
        self._learn_unit(rendered)
        if self.watch.is_idle:
            return
        frame = rendered.estimate.frame
        for change in self.watch(sight_of(rendered, with_luma=self.watch.needs_luma)):
            self._count += 1
            at = None if self._when is None else self._when(frame.captured_at)
            event = Event(f"{self._run}-{self._count}", self._camera, frame.index, at, change)
            for writer in self._writers:
                writer.put(event)

    def close(self, *, complete: bool = True) -> None:
        """End every writer, whatever becomes of the others; raises the first of their errors.

        They have their time together: several receivers that are away take no longer than one.
        """
        for writer in self._writers:
            writer.end()
        errors = []
        for writer in self._writers:
            try:
                writer.close(complete=complete)
            except Exception as error:  # each must be closed
                errors.append(error)
        if errors:
            raise errors[0]

    def figures(self) -> dict[str, Any]:
        """How many events there were, and how it goes with each writer; from any thread."""
        return {"count": self._count, "writers": [writer.figures() for writer in self._writers]}

    def _learn_unit(self, rendered: Rendered) -> None:
        """Check by the first picture whether zones can be watched at all, including those set later."""
        is_first = self.watch.has_metres is None
        self.watch.has_metres = has_metres(rendered)
        if is_first:
            check_units(self._told, has_metres=self.watch.has_metres)

    def _announce(self) -> None:
        self._told = self.watch.zones
        for writer in self._writers:
            if isinstance(writer, Announces):
                writer.announce(self._told)
