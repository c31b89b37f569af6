"""What the store in Redis does beside the contract (test_store.py): it keeps what it said yes to, or says no."""

from __future__ import annotations

import socket
from contextlib import suppress

import pytest
from certificates import certificate
from depth_services import until
from ports import free_port
from redis_servers import DURABLE, a_redis, needs_redis, with_tls

from streamdepth.errors import SinkError, UsageError
from streamdepth.server.jobs import redis_store
from streamdepth.server.jobs.record import Record
from streamdepth.server.jobs.redis_store import RedisStore, Silence
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


@needs_redis
def test_one_with_tls_must_be_trusted(tmp_path, caplog):
    port, files = free_port(), certificate(tmp_path)
    address = f"rediss://127.0.0.1:{port}"
    with a_redis(tmp_path, port, *DURABLE, *with_tls(port, *files)):
        with pytest.raises(
            SinkError, match=r"must be one that this machine trusts.*ssl_ca_certs="
        ) as refused:
            RedisStore(address)
        assert not isinstance(refused.value, StoreAway), "to ask again would not help"
        store = RedisStore(f"{address}?ssl_ca_certs={files[0]}")
        assert store.add(ONE)
        assert store.get("one") == ONE
        store.close()
    assert caplog.text == ""


def test_why_a_redis_is_away_is_said_at_the_start(caplog):
    RedisStore(f"redis://127.0.0.1:{free_port()}").close()
    assert "does not answer: connection refused: check the host and the port" in caplog.text


def test_one_that_lets_wait_in_vain_is_not_asked_by_all_in_turn(monkeypatch):
    monkeypatch.setattr(redis_store, "PATIENCE", 0.05)
    now = [0.0]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.setblocking(False)
        store = RedisStore(f"redis://127.0.0.1:{silent.getsockname()[1]}", lambda: now[0])
        assert asked(silent)
        for _ in range(3):
            with pytest.raises(StoreAway, match="does not answer: nothing came in time"):
                store.get("one")
        assert not asked(silent)
        now[0] = redis_store.SILENT
        with pytest.raises(StoreAway):
            store.get("one")
        assert asked(silent)
        store.close()


def test_who_waited_in_vain_does_not_wait_once_more(monkeypatch):
    monkeypatch.setattr(redis_store, "PATIENCE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.setblocking(False)
        RedisStore(f"redis://127.0.0.1:{silent.getsockname()[1]}").close()
        assert asked(silent) == 1


def test_after_a_silence_one_asker_finds_out_for_all():
    now = [0.0]
    silence = Silence(lambda: now[0])
    assert silence.reason() == silence.reason() == ""
    silence.begin("nothing came")
    assert silence.reason() == "nothing came"
    now[0] = began = redis_store.SILENT
    assert [silence.reason() for _ in range(3)] == ["", "nothing came", "nothing came"]
    silence.over(began)
    assert silence.reason() == silence.reason() == ""


def test_what_was_asked_before_a_silence_does_not_end_it_and_an_asker_that_is_gone_does_not_last():
    now = [0.0]
    silence = Silence(lambda: now[0])
    silence.begin("nothing came")
    silence.over(-1.0)
    assert silence.reason() == "nothing came"
    now[0] = redis_store.SILENT
    assert silence.reason() == ""
    now[0] += redis_store.PATIENCE + redis_store.SILENT
    assert silence.reason() == ""


def asked(listener):
    """How many came since the last call."""
    count = 0
    with suppress(BlockingIOError):
        while True:
            listener.accept()[0].close()
            count += 1
    return count


@pytest.mark.parametrize(
    "wrong", ["http://127.0.0.1:1", "redis://127.0.0.1:1?max=3", "redis://127.0.0.1:1/jobs"]
)
def test_what_is_no_address_is_one_sentence(wrong):
    with pytest.raises(UsageError, match=r"127\.0\.0\.1:1"):
        RedisStore(wrong)
