"""Webhooks that are notified when a job has ended: those that the operator allowed, retried by any service."""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from streamdepth.backoff import Backoff
from streamdepth.delivery.standing import NotDelivered
from streamdepth.delivery.webhook import Webhook
from streamdepth.errors import SinkError, StageStuck, UsageError
from streamdepth.files.listed import read_list
from streamdepth.server.jobs.record import Record
from streamdepth.server.jobs.store import Store
from streamdepth.threads.aside import run_bounded
from streamdepth.threads.worker import Flag, Worker

logger = logging.getLogger(__name__)

BACKOFF = Backoff((30.0, 60.0, 120.0, 600.0, 1800.0), 3600.0, shorter=0.0, longer=0.25)
"""Seconds after each try; the first is longer than a try takes, so that no two services send the same at once."""
MOST_TRIES = 10
"""Within about six hours."""
LOOK_EVERY = 1.0
A_TRY = 20.0
"""Seconds that one may take, however slowly an answer drips."""
ENDS_WITHIN = 1.0
_NOT_ALLOWED = ""
"""The name of those that no line of the file has any more."""


def read_webhooks(path: Path) -> dict[str, Webhook]:
    """By their names, one a line: `NAME https://SECRET@HOST/PATH`; empty lines and those with # say nothing.

    Raises `SinkError` where the file cannot be read, and `UsageError` for a line that is no such one.
    """
    failed = f"cannot read the webhooks in {path}"
    found: dict[str, Webhook] = {}
    for number, line in read_list(path, failed, "name a file with one per line", SinkError):
        name, webhook = _read_line(line, f"line {number} of {path}")
        if name in found:
            raise UsageError(f"{path} has two webhooks {name}", "name each once")
        found[name] = webhook
    if not found:
        raise UsageError(f"there is no webhook in {path}", "write NAME https://SECRET@HOST/PATH, one a line")
    return found


def _read_line(line: str, where: str) -> tuple[str, Webhook]:
    name, *rest = line.split(maxsplit=1)
    if not rest:
        raise UsageError(f"{where} is not a webhook", "write NAME https://SECRET@HOST/PATH")
    webhook = Webhook.parse(rest[0])
    if webhook.secret is None:
        raise UsageError(f"{where} has no secret to sign with", "write SECRET@ before the host")
    return name, webhook


class Notices:
    """Sends what is due in a store. `webhooks` are those that are allowed, by their names.

    Each has a thread of its own: a receiver that answers slowly holds up no other one.

    A try is noted before it is made: whoever dies of it, the next one is made by any service. So a receiver may get the
    same twice, with the same `webhook-id`.
    """

    def __init__(self, store: Store, webhooks: Mapping[str, Webhook]) -> None:
        self._store = store
        self._webhooks = webhooks
        self._ending = Flag()
        self._wakes = {name: Flag() for name in (*webhooks, _NOT_ALLOWED)}
        self._workers = [
            Worker(f"webhook-{name or 'none'}", partial(self._run, name), on_error=_log)
            for name in self._wakes
        ]

    def start(self) -> None:
        """From now on they are sent."""
        for worker in self._workers:
            worker.start()

    def look(self, is_move: bool) -> None:
        """A job may have ended: look at once. From any thread."""
        if is_move:
            for wake in self._wakes.values():
                wake.set()

    def close(self) -> None:
        """Send no more; what is left is sent by the next service. A try under way is left behind: it is bounded."""
        self._ending.set()
        self.look(True)
        give_up_at = time.monotonic() + ENDS_WITHIN
        for worker in self._workers:
            worker.is_running(max(0.0, give_up_at - time.monotonic()))

    def _run(self, name: str) -> None:
        wake = self._wakes[name]
        while not self._ending.is_set():
            try:
                for record in self._store.unsettled():
                    is_due = self._name(record) == name and record.notice_is_due(self._store.now())
                    if is_due and not self._ending.is_set():
                        self._send(record.id)
            except SinkError as error:
                logger.debug("webhooks wait: %s", error)  # requests for jobs report it
            wake.wait(LOOK_EVERY)
            wake.clear()

    def _name(self, record: Record) -> str:
        """Of the webhook that is notified."""
        return record.wishes.webhook if record.wishes.webhook in self._webhooks else _NOT_ALLOWED

    def _send(self, identity: str) -> None:
        mine: list[Record] = []

        def claimed(record: Record) -> Record:
            mine.clear()
            now = self._store.now()
            if not record.notice_is_due(now):
                return record
            mine.append(record)
            delay = BACKOFF.delay(record.notices, random.random())
            return record.noticed(now + delay if record.notices + 1 < MOST_TRIES else None)

        self._store.change(identity, claimed)
        for record in mine:
            if self._try(record):
                self._store.change(identity, lambda one: one.noticed(None))

    def _try(self, record: Record) -> bool:
        """Whether nothing more is to be sent."""
        name = record.wishes.webhook
        webhook = self._webhooks.get(name)
        if webhook is None:
            logger.warning("job %s names webhook %s, which is no longer in --webhooks", record.id, name)
            return True
        why = _failed(webhook, record, self._store.now())
        if why is None:
            return True
        is_last = why.is_final or record.notices + 1 >= MOST_TRIES
        again = "it is given up" if is_last else "it is tried again"
        logger.warning(
            "the end of job %s did not reach webhook %s: %s; %s", record.id, name, why.reason, again
        )
        return is_last


def _failed(webhook: Webhook, record: Record, now: float) -> NotDelivered | None:
    """One try, at `now`; why it came to nothing, if it did."""
    body = _body(record)
    try:
        post = partial(webhook.post, f"job_{record.place}", body, now)
        run_bounded("webhook", post, A_TRY, discard=lambda _late: None)
    except NotDelivered as why:
        return why
    except StageStuck:
        return NotDelivered(f"it has not answered within {A_TRY:g} s")
    return None


def _body(record: Record) -> bytes:
    """As Standard Webhooks has it: what happened, when, and of what."""
    ended = datetime.fromtimestamp(record.ended or 0.0, UTC)
    message = {"type": f"job.{record.state.value}", "timestamp": ended.isoformat(), "data": record.to_json()}
    return json.dumps(message).encode()


def _log(error: BaseException) -> None:
    logger.error("webhooks are not sent any more: %s", error)
