"""The run of one camera that a client sends: from its first offer until it has been gone for a while."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from streamdepth.reporting.events import Event, Said
from streamdepth.run.network.engines import Engines
from streamdepth.run.outputs.live import Page, shown_of
from streamdepth.run.run import Run
from streamdepth.run.spec import InputSpec, RunSpec
from streamdepth.sources.browser.open import WORD
from streamdepth.threads.worker import Worker
from streamdepth.viewers.bridge import Host
from streamdepth.viewers.sink import StreamSink

if TYPE_CHECKING:
    from streamdepth.live.encoder import LiveEncoder
    from streamdepth.protocols import Source
    from streamdepth.rendering import Renderer
    from streamdepth.reporting.events import Observe
    from streamdepth.viewers.settings import WebSettings
    from streamdepth.viewers.state import RunFacts

logger = logging.getLogger(__name__)

STEPS = ("captured", "inferred", "rendered", "written")
"""Of a frame, as a report counts them."""


class LiveRun:
    """A run in a thread of its own, whose stream `host` shows; made and asked on the event loop."""

    def __init__(self, name: str, engines: Engines, host: Host) -> None:
        self.name = name
        self.is_stopped = False
        self._host = host
        self._opened = asyncio.Event()
        spec = RunSpec(input=InputSpec(input=WORD, called=name))
        self._run = Run(spec, observe=self._heed, engines=engines, pages=self._page)
        self._worker = Worker("live", self._execute, on_error=self._fail).start()

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes of it."""
        return not self._worker.is_running(0)

    @property
    def frames(self) -> Mapping[str, int]:
        """How many came how far: captured, inferred, rendered, written."""
        counts: Mapping[str, Any] = self._run.report()["frames"]
        return {step: counts[step] for step in STEPS}

    async def opened(self, patience: float) -> None:
        """Wait so many seconds at most until its stream is shown, or never will be."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._opened.wait()

    def stop(self) -> None:
        """Ask it to end soon; call this until it has ended, since a run that is just starting ignores it."""
        self.is_stopped = True
        self._run.stop()

    def _execute(self) -> None:
        try:
            self._run.execute()
        finally:
            self._host.on_loop(self._opened.set)  # nobody waits for it any longer

    def _page(
        self,
        settings: WebSettings,
        encoder: LiveEncoder,
        renderer: Renderer,
        source: Source,
        facts: RunFacts,
        observe: Observe,
    ) -> Page:
        """Its stream; see `Pages`."""
        sink = StreamSink(self._host, self.name, shown_of(encoder, renderer, source, facts))
        self._host.on_loop(self._opened.set)
        return sink

    def _heed(self, event: Event) -> None:
        if isinstance(event, Said):
            logger.log(logging.WARNING if event.is_warning else logging.INFO, "live: %s", event.line)

    def _fail(self, error: BaseException) -> None:
        error = error.with_traceback(None)  # which would keep all that the run had
        if not self.is_stopped:
            logger.error("a live run failed: %s", error)
