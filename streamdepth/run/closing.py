"""Letting go of what was opened for a run that never came to its pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from streamdepth.protocols import Sink, Source

if TYPE_CHECKING:
    from streamdepth.resuming.resumable_output import ResumableOutput


@contextmanager
def closed_on_error(
    source: Source, sinks: Sequence[Sink], resumable: ResumableOutput | None = None
) -> Iterator[None]:
    """Close what the pipeline would have closed, had it come to a run; `resumable` comes to be one of `sinks`."""
    try:
        yield
    except BaseException:
        closings: list[Callable[[], None]] = [source.close]
        left = [*sinks, *([resumable] if resumable is not None and resumable not in sinks else [])]
        closings += [partial(sink.close, complete=False) for sink in left]
        for close in closings:
            # The first error is the one to raise, and the others must be closed, too.
            with suppress(Exception):
                close()
        raise
