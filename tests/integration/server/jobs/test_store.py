"""What every store of records must do: one suite over SQLite and a real Redis."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
from depth_services import until
from ports import free_port
from redis_servers import DURABLE, REDIS, a_redis

from streamdepth.server.jobs.record import Record, State, Wishes
from streamdepth.server.jobs.redis_store import RECORD, RedisStore
from streamdepth.server.jobs.sqlite_store import SqliteStore
from streamdepth.server.jobs.store import StoreFull, packed, unpacked
from streamdepth.server.jobs.tasks import is_known

ONE = Record("one", "sum", ".mp4", 10, 100.0, Wishes("depth", "magma"), "place")


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    if REDIS is None:
        pytest.skip("redis-server is not installed (apt install redis-server)")
    port = free_port()
    with a_redis(tmp_path_factory.mktemp("redis"), port, *DURABLE):
        yield f"redis://127.0.0.1:{port}"


@contextmanager
def full(store):
    """Without room for anything more."""
    if isinstance(store, SqliteStore):
        store._base.execute("PRAGMA max_page_count = 1")  # which comes to as many as there are
        yield
        store._base.execute("PRAGMA max_page_count = 1000000")
        return
    store._redis.config_set("maxmemory", 1)
    yield
    store._redis.config_set("maxmemory", 0)


@pytest.fixture(params=["sqlite", "redis"])
def store(request, tmp_path):
    if request.param == "sqlite":
        opened = SqliteStore(tmp_path / "jobs.sqlite")
    else:
        opened = RedisStore(request.getfixturevalue("redis"))
        opened._redis.flushall()
    yield opened
    opened.close()


def running(record, worker="me"):
    return record.taken(worker, 101.0, 131.0)


def test_a_record_comes_back_as_it_was(store):
    assert store.add(ONE)
    assert not store.add(replace(ONE, sum="other"))
    assert store.get("one") == ONE
    assert store.get("two") is None
    taken = store.change("one", running)
    assert store.get("one") == taken == running(ONE)
    assert unpacked(packed(taken)) == taken
    store.delete(replace(taken, place="another"))
    assert store.get("one") == taken, "a job that came since under the same id stays"
    store.delete(taken)
    assert store.change("one", running) is None, "what was deleted stays so"
    assert store.all() == store.unsettled() == []


def replaced(store, identity, told):
    """Writes a record as another release would; what is stored is told by `raw`."""
    text = json.dumps(told)
    if isinstance(store, SqliteStore):
        store._base.execute("UPDATE jobs SET record = ? WHERE id = ?", (text, identity))
    else:
        store._redis.set(RECORD + identity, text)


def raw(store, identity):
    if isinstance(store, SqliteStore):
        found = store._base.execute("SELECT record FROM jobs WHERE id = ?", (identity,)).fetchone()[0]
    else:
        found = store._redis.get(RECORD + identity)
    return json.loads(found)


def test_what_a_newer_release_knows_of_a_job_stays_with_it(store):
    store.add(ONE)
    newer = json.loads(packed(ONE)) | {"owner": "kim", "rank": 3}
    replaced(store, "one", newer)
    taken = store.change("one", running)
    assert (taken.state, taken.worker) == (State.RUNNING, "me")
    assert raw(store, "one") == json.loads(packed(running(ONE))) | {"owner": "kim", "rank": 3}
    assert [record.id for record in store.unsettled()] == ["one"]


def test_a_job_of_wishes_that_only_a_newer_release_knows_is_left_to_its_workers(store):
    store.add(ONE)
    wishes = {"layout": "depth", "colormap": "magma", "form": "colours", "webhook": "", "range": "global"}
    replaced(store, "one", json.loads(packed(ONE)) | {"wishes": wishes})
    record = store.get("one")
    assert not is_known(record)
    assert record.wishes != ONE.wishes, "the same upload without that wish is another job"
    assert record.to_json()["range"] == "global"
    store.change("one", lambda one: one.moved(State.CANCELLED, 102.0))
    assert raw(store, "one")["wishes"] == wishes


def test_a_state_that_only_a_newer_release_knows_is_not_over_and_can_be_cancelled(store):
    store.add(ONE)
    replaced(store, "one", json.loads(packed(ONE)) | {"state": "paused"})
    record = store.get("one")
    assert (record.state, record.is_over, record.may_be_taken(300.0)) == (State.UNKNOWN, False, False)
    store.change("one", lambda one: replace(one, frames=3))
    assert (raw(store, "one")["state"], raw(store, "one")["frames"]) == ("paused", 3)
    store.change("one", lambda one: one.moved(State.CANCELLED, 102.0))
    assert raw(store, "one")["state"] == "cancelled"


def test_a_record_of_an_older_release_lacks_what_came_since(store):
    store.add(ONE)
    first = {"id": "one", "sum": "sum", "suffix": ".mp4", "size": 10, "made": 100.0, "state": "running"}
    replaced(store, "one", first)
    assert store.get("one") == replace(ONE, wishes=Wishes(), place="", state=State.RUNNING)
    assert store.change("one", lambda one: one.found(300.0)).state is State.WAITING
    assert [record.id for record in store.all()] == ["one"]


def test_a_store_without_room_is_one_that_is_asked_again(store):
    store.add(ONE)
    long = replace(ONE, id="two", reason="x" * 100_000)
    with full(store):
        with pytest.raises(StoreFull) as refused:
            store.add(long)
        with pytest.raises(StoreFull):
            store.change("one", lambda one: replace(one, reason=long.reason))
    assert "xxx" not in str(refused.value)
    assert store.all() == [ONE]
    assert store.add(long)


def test_the_oldest_comes_first_and_what_is_settled_is_not_looked_at_again(store):
    for name, made in (("b", 2.0), ("a", 1.0), ("c", 3.0)):
        store.add(replace(ONE, id=name, made=made))
    store.change("a", lambda record: running(record).moved(State.DONE, 102.0))
    store.change("b", lambda record: record.moved(State.CANCELLED, 102.0))
    assert [record.id for record in store.all()] == ["a", "b", "c"]
    assert [record.id for record in store.unsettled()] == ["b", "c"], "the cancelled one is to be removed"


def test_the_newest_is_of_those_that_are_not_settled(store):
    assert store.newest() == 0.0
    for name, made in (("b", 1.7e9 + 1e-6), ("a", 1.7e9), ("c", 1.8e9)):
        store.add(replace(ONE, id=name, made=made))
    assert store.newest() == 1.8e9
    store.change("c", lambda record: running(record).moved(State.DONE, 102.0))
    assert store.newest() == 1.7e9 + 1e-6


def test_one_of_many_gets_a_job(store):
    store.add(ONE)
    got = []

    def take(name):
        taken = store.change(
            "one", lambda record: running(record, name) if record.may_be_taken(101.0) else record
        )
        got.append(taken.worker)

    threads = [threading.Thread(target=take, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(got) == 8
    assert len(set(got)) == 1
    assert store.get("one").version == 1


def test_who_listens_hears_what_moved_and_what_got_on_but_not_that_a_lease_goes_on(store):
    heard = []
    store.listen(heard.append)
    until(lambda: store.is_shared in heard or not store.is_shared)  # Redis: from now on
    heard.clear()
    store.add(ONE)
    until(lambda: heard == [True])
    store.change("one", running)
    until(lambda: heard == [True, True])
    store.change("one", lambda record: record.leased("me", 300.0))
    store.change("one", lambda record: record.progressed(3, 9, 1.5))
    until(lambda: heard == [True, True, False])
    store.delete(ONE)
    until(lambda: heard == [True, True, False, True])


def test_its_clock_goes_on(store):
    before = store.now()
    until(lambda: store.now() > before)
