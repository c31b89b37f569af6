"""Records in Redis, for several services and workers. The queue is a set of names, in case a hint is missed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from streamdepth.addresses import redact_address
from streamdepth.errors import SinkError, UsageError
from streamdepth.server.jobs.record import Record
from streamdepth.server.jobs.store import Change, OnChange, StoreAway, StoreFull, packed, unpacked
from streamdepth.server.redis_address import OWN_CA, certificate_refused, read_redis, reason_of
from streamdepth.threads.worker import Flag, Lock, Worker

logger = logging.getLogger(__name__)
T = TypeVar("T")

PATIENCE = 3.0
"""Seconds for Redis to answer: with `appendfsync always` a write waits for the disk."""
AGAIN_AFTER = 1.0
"""Seconds until a listener that lost Redis tries again."""
SILENT = 1.0
"""Seconds in which nobody asks a Redis that let one wait in vain; then one asker finds out for all."""
HEARD = 0.5
"""Seconds between two looks of the listener whether it is to end."""
PREFIX = "streamdepth:jobs:"
RECORD, UNSETTLED, ALL, CHANGED = (PREFIX + name for name in ("record:", "unsettled", "all", "changed"))
MOVED, GOT_ON = "moved", "got on"
DURABLE = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
"""Settings with which Redis has on disk what it confirmed, and keeps it."""


class Silence:
    """That of a Redis which let somebody wait in vain; from any thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._lock = Lock()
        self._reason = ""
        self._since = self._until = float("-inf")

    def reason(self) -> str:
        """Why it is not asked now; empty for who may ask, and from then on for nobody else until that one knows."""
        with self._lock:
            now = self.clock()
            if self._reason and now < self._until:
                return self._reason
            self._until = now + PATIENCE + SILENT
            return ""

    def begin(self, reason: str) -> None:
        """Nothing came in time."""
        with self._lock:
            self._reason, self._since = reason, self.clock()
            self._until = self._since + SILENT

    def over(self, began: float) -> None:
        """Something came for who asked at `began`, unless there was silence after that."""
        with self._lock:
            if self._since < began:
                self._reason = ""


class RedisStore:
    """A `Store` at an address that `read_redis` reads.

    A Redis that is away is waited for by whoever asks again. Raises `UsageError` where the package `redis` is missing
    or the address is none, and `SinkError` where the Redis would not keep what it is given.
    """

    is_shared = True

    def __init__(self, address: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis = _client(address)
        self._silence = Silence(clock)
        self._shown = redact_address(address)
        self._is_durable = False
        self._ending = Flag()
        self._listener: Worker | None = None
        try:
            self._check_durable()
        except StoreAway as error:
            logger.warning("%s; jobs are refused until it does", error)

    def now(self) -> float:
        """See `Store`: Redis's own, since clocks of machines differ."""
        with self._errors():
            seconds, millionths = self._redis.time()
            return float(seconds + millionths / 1e6)

    def add(self, record: Record) -> bool:
        """See `Store`."""
        self._check_durable()

        def put(pipe: Any) -> bool:
            if pipe.exists(RECORD + record.id):
                pipe.multi()
                return False
            pipe.multi()
            pipe.zadd(ALL, {record.id: record.made})
            _write(pipe, record)
            pipe.publish(CHANGED, MOVED)
            return True

        return self._in_one_step(record.id, put)

    def get(self, identity: str) -> Record | None:
        """See `Store`."""
        with self._errors():
            return _unpacked(self._redis.get(RECORD + identity))

    def change(self, identity: str, change: Change) -> Record | None:
        """See `Store`."""

        def put(pipe: Any) -> Record | None:
            record = _unpacked(pipe.get(RECORD + identity))
            changed = None if record is None else change(record)
            pipe.multi()
            if record is not None and changed is not None and changed is not record:
                _write(pipe, changed)
                if changed.version != record.version:
                    pipe.publish(CHANGED, GOT_ON if changed.state is record.state else MOVED)
            return changed

        return self._in_one_step(identity, put)

    def unsettled(self) -> list[Record]:
        """See `Store`."""
        return self._named_in(UNSETTLED)

    def all(self) -> list[Record]:
        """See `Store`."""
        return self._named_in(ALL)

    def newest(self) -> float:
        """See `Store`."""
        with self._errors():
            last = self._redis.zrange(UNSETTLED, -1, -1, withscores=True)
        return float(last[0][1]) if last else 0.0

    def delete(self, record: Record) -> None:
        """See `Store`."""

        def put(pipe: Any) -> None:
            there = _unpacked(pipe.get(RECORD + record.id))
            pipe.multi()
            if there is not None and there.place == record.place:
                pipe.delete(RECORD + record.id)
                pipe.zrem(ALL, record.id)
                pipe.zrem(UNSETTLED, record.id)
                pipe.publish(CHANGED, MOVED)

        self._in_one_step(record.id, put)

    def listen(self, call: OnChange) -> None:
        """See `Store`."""
        self._listener = Worker("job-hints", lambda: self._listen(call), on_error=_log).start()

    def close(self) -> None:
        """Hang up."""
        self._ending.set()
        if self._listener is not None:
            self._listener.is_running(HEARD + PATIENCE)
        self._redis.close()

    def _listen(self, call: OnChange) -> None:
        while not self._ending.is_set():
            try:
                with self._translated(), self._redis.pubsub(ignore_subscribe_messages=True) as channel:
                    channel.subscribe(CHANGED)
                    call(True)  # changes from before the subscription were not announced
                    while not self._ending.is_set():
                        message = channel.get_message(timeout=HEARD)
                        if message is not None:
                            call(message["data"] == MOVED)
            except SinkError:
                self._ending.wait(AGAIN_AFTER)

    def _named_in(self, names: str) -> list[Record]:
        with self._errors():
            identities = self._redis.zrange(names, 0, -1)
            texts = self._redis.mget([RECORD + one for one in identities]) if identities else []
            records = [_unpacked(text) for text in texts]
        return [record for record in records if record is not None]

    def _in_one_step(self, identity: str, put: Callable[[Any], T]) -> T:
        with self._errors():
            result = self._redis.transaction(put, RECORD + identity, value_from_callable=True)
        return cast(T, result)

    def _check_durable(self) -> None:
        """Raise `SinkError` where what was kept could be lost; if Redis does not say, a line in the log says so."""
        from redis.exceptions import ResponseError

        if self._is_durable:
            return
        with self._errors():
            try:
                settings = {name: self._redis.config_get(name).get(name) for name in DURABLE}
            except ResponseError as error:
                logger.warning("%s does not report whether it keeps jobs on disk: %s", self._shown, error)
                settings = dict(DURABLE)
        wrong = {name: value for name, value in settings.items() if value != DURABLE[name]}
        if wrong:
            said = ", ".join(f"{name} is {value}" for name, value in wrong.items())
            cure = " ".join(f"--{name} {DURABLE[name]}" for name in wrong)
            raise SinkError(f"the Redis at {self._shown} could lose jobs: {said}", f"start it with {cure}")
        self._is_durable = True

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Around what asks Redis something, which tells by its end whether it answers."""
        if reason := self._silence.reason():
            raise self._away(reason)
        began = self._silence.clock()
        try:
            with self._translated():
                yield
        finally:
            self._silence.over(began)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        from redis.exceptions import (
            AuthenticationError,
            ConnectionError,
            OutOfMemoryError,
            ReadOnlyError,
            RedisError,
            TimeoutError,
        )

        try:
            yield
        except AuthenticationError as error:  # which is a ConnectionError to redis-py
            raise SinkError(
                f"the Redis at {self._shown} refuses this login", "say redis://USER:PASSWORD@HOST:PORT"
            ) from error
        except (ConnectionError, TimeoutError) as error:
            if refused := certificate_refused(error):
                raise SinkError(f"the Redis at {self._shown} is not trusted: {refused}", OWN_CA) from error
            reason = reason_of(error) or "nothing came in time"
            if isinstance(error, TimeoutError):
                self._silence.begin(reason)
            raise self._away(reason) from error
        except RedisError as error:
            why = str(error).rpartition(" caused error: ")[2]  # before it the command, with all of a record
            if isinstance(error, OutOfMemoryError | ReadOnlyError) or why.startswith("MISCONF"):
                raise StoreFull(
                    f"the Redis at {self._shown} writes nothing now: {why}", "ask again"
                ) from error
            raise SinkError(
                f"the Redis at {self._shown} cannot keep jobs: {why}", "look at its settings"
            ) from error

    def _away(self, reason: str) -> StoreAway:
        return StoreAway(f"the Redis at {self._shown} does not answer: {reason}", "ask again in a moment")


def _client(address: str) -> Any:
    """What speaks to Redis: its answers have types that differ from release to release."""
    try:
        import redis
        from redis.backoff import NoBackoff
        from redis.exceptions import ConnectionError as RedisConnectionError
        from redis.retry import Retry
    except ImportError as error:
        raise UsageError("jobs in Redis need the package redis", "pip install redis") from error
    read_redis(address)
    return redis.Redis.from_url(
        address,
        decode_responses=True,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        socket_keepalive=True,  # else what lies between drops a connection on which nothing is said
        # One that was closed meanwhile is opened again; who waited in vain does not wait once more.
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    )


def _write(pipe: Any, record: Record) -> None:
    pipe.set(RECORD + record.id, packed(record))
    if record.is_settled:
        pipe.zrem(UNSETTLED, record.id)
    else:
        pipe.zadd(UNSETTLED, {record.id: record.made})


def _unpacked(text: Any) -> Record | None:
    return None if text is None else unpacked(text)


def _log(error: BaseException) -> None:
    logger.error("changes of jobs are no longer received: %s", error)
