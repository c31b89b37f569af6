"""What the store in Redis does beside the contract (test_store.py): it keeps what it said yes to, or says no."""

from __future__ import annotations

import pytest
from depth_services import until
from ports import free_port
from redis_servers import DURABLE, a_redis, needs_redis

from streamdepth.errors import SinkError, UsageError
from streamdepth.server.jobs import redis_store
from streamdepth.server.jobs.record import Record
from streamdepth.server.jobs.redis_store import RedisStore
from streamdepth.server.jobs.store import StoreAway

ONE = Record("one", "sum", ".mp4", 10, 100.0)


@needs_redis
def test_a_redis_that_could_lose_jobs_takes_none(tmp_path):
    port = free_port()
    with (
        a_redis(tmp_path, port, "--appendonly", "yes"),
        pytest.raises(SinkError, match="appendfsync is everysec") as refused,
    ):
        RedisStore(f"redis://127.0.0.1:{port}")
    assert "--appendfsync always" in str(refused.value)


@needs_redis
def test_what_was_said_yes_to_outlives_a_redis_that_is_killed(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(redis_store, "AGAIN_AFTER", 0.01)
    port = free_port()
    store = RedisStore(f"redis://:secret@127.0.0.1:{port}")
    assert "does not answer" in caplog.text
    assert "secret" not in caplog.text
    heard = []
    store.listen(heard.append)
    with pytest.raises(StoreAway, match="ask again"):
        store.add(ONE)
    with a_redis(tmp_path, port, "--requirepass", "secret", *DURABLE):
        assert store.add(ONE)
        until(lambda: heard)
    with pytest.raises(StoreAway):
        store.get("one")
    heard.clear()
    with a_redis(tmp_path, port, "--requirepass", "secret", *DURABLE):
        assert store.get("one") == ONE
        with pytest.raises(SinkError, match="refuses this login") as refused:
            RedisStore(f"redis://127.0.0.1:{port}")
        assert not isinstance(refused.value, StoreAway)
        until(lambda: heard)  # what changed meanwhile is looked for
    store.close()


def test_what_is_no_address_is_one_sentence():
    with pytest.raises(UsageError, match="not the address of a Redis"):
        RedisStore("http://127.0.0.1:1")
