"""Traces of requests, as OpenTelemetry has them: each is a span, with a span for each step of its picture."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Protocol

from streamdepth.server.pictures import Spans
from streamdepth.values import dataclass, field

PARENT = b"traceparent"
"""The header in which a client says of which trace its request is (W3C Trace Context)."""
_PARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")
_SAMPLED = 1
_BILLION = 1_000_000_000


@dataclass(frozen=True)
class Place:
    """Where in which trace something happens."""

    trace: str
    span: str
    parent: str = ""

    def below(self) -> Place:
        """A new place below this one."""
        return Place(self.trace, secrets.token_hex(8), self.span)


@dataclass(frozen=True)
class Span:
    """What happened, and when."""

    place: Place
    name: str
    began: int
    """Nanoseconds since 1970."""
    ended: int
    attributes: Mapping[str, str | int] = field(default_factory=dict)
    is_request: bool = False
    failed: bool = False


class Traces(Protocol):
    """Gets what happens; lives on the event loop."""

    def begin(self, parent: str) -> None:
        """A request begins, whose header says `parent`; what follows in its task is below it."""

    def steps(self, spans: Spans) -> None:
        """The steps of a picture have just ended, for the request of this task."""

    def end(self, name: str, seconds: float, attributes: Mapping[str, str | int], *, failed: bool) -> None:
        """The request of this task has ended."""

    def close(self) -> None:
        """No more comes."""


class NoTraces:
    """Keeps nothing."""

    def begin(self, parent: str) -> None:
        """Nothing."""

    def steps(self, spans: Spans) -> None:
        """Nothing."""

    def end(self, name: str, seconds: float, attributes: Mapping[str, str | int], *, failed: bool) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class Recorder:
    """`Traces` that hands each span to `put`; a request whose trace its client does not sample gives none."""

    def __init__(
        self,
        put: Callable[[Span], object],
        close: Callable[[], None] = lambda: None,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._put = put
        self._close = close
        self._clock = clock
        self._here: ContextVar[Place | None] = ContextVar("here", default=None)

    def begin(self, parent: str) -> None:
        """See `Traces`."""
        match = _PARENT.fullmatch(parent)
        if match is None:
            self._here.set(Place(secrets.token_hex(16), secrets.token_hex(8)))
            return
        trace, span, flags = match.groups()
        is_sampled = int(flags, 16) & _SAMPLED
        self._here.set(Place(trace, span).below() if is_sampled else None)

    def steps(self, spans: Spans) -> None:
        """See `Traces`."""
        here = self._here.get()
        if here is None:
            return
        ended = self._clock()
        for name, seconds in reversed(vars(spans).items()):
            began = ended - round(seconds * _BILLION)
            self._put(Span(here.below(), name, began, ended))
            ended = began

    def end(self, name: str, seconds: float, attributes: Mapping[str, str | int], *, failed: bool) -> None:
        """See `Traces`."""
        here = self._here.get()
        if here is not None:
            now = self._clock()
            began = now - round(seconds * _BILLION)
            self._put(Span(here, name, began, now, attributes, is_request=True, failed=failed))

    def close(self) -> None:
        """See `Traces`."""
        self._close()
