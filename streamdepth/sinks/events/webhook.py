"""Events to a webhook, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from streamdepth.delivery.deliverer import Deliverer
from streamdepth.delivery.standing import Standing
from streamdepth.delivery.webhook import Webhook
from streamdepth.said_once import Say
from streamdepth.sinks.events.event import Event


class WebhookWriter:
    """Posts each event until it is taken; `clock` gives seconds since 1970."""

    def __init__(self, hook: Webhook, say: Say, clock: Callable[[], float] = time.time) -> None:
        self._hook = hook
        self._clock = clock
        self._posts: Deliverer[Event] = Deliverer("events-webhook", self._post, Standing(hook.name, say))

    @property
    def failure(self) -> BaseException | None:
        """What ended its thread although it was not asked to."""
        return self._posts.failure

    def put(self, event: Event) -> None:
        """Let one be posted."""
        self._posts.put(event)

    def end(self) -> None:
        """No more comes."""
        self._posts.end()

    def close(self, *, complete: bool) -> None:
        """Post what waits, in a bounded time."""
        self._posts.close()

    def figures(self) -> dict[str, Any]:
        """As the report has them."""
        return self._posts.figures()

    def _post(self, event: Event) -> None:
        self._hook.post(event.identity, event.line.encode(), self._clock())
