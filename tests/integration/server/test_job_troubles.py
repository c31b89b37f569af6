"""Jobs while their store fails, or where a worker sees another folder than the service."""

from __future__ import annotations

import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from depth_services import BOUND, Network, running_depth, running_worker, until
from depth_services import pictures as images
from hostile_jobs import zipped
from pages import film
from ports import free_port
from redis_servers import DURABLE, a_redis, needs_redis

from streamdepth.errors import DiskFull, SinkError
from streamdepth.files import Taken
from streamdepth.server import depth_service
from streamdepth.server.jobs import pictures, work
from streamdepth.server.jobs.folder import Folder
from streamdepth.server.jobs.sqlite_store import SqliteStore
from streamdepth.server.worker import JobWorker


@pytest.fixture
def data(tmp_path):
    return film(tmp_path / "a.mp4", frames=8).read_bytes()


def put(client, name, data):
    assert client.ask(f"/v1/jobs/{name}", data, method="PUT", Content_Type="video/mp4").status == 202


def state(client, name):
    return client.ask(f"/v1/jobs/{name}").json["state"]


def reason(client, name):
    """Why it waits, as soon as it does: between two tries it is running."""
    seen = []
    until(lambda: seen.append(client.ask(f"/v1/jobs/{name}").json.get("reason")) or seen[-1])
    return seen[-1]


def test_a_store_that_fails_for_a_while_does_not_end_the_work(data, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(work, "AWAY", 0.01)
    failing, asked = [True], []
    usual = SqliteStore.unsettled

    def unsettled(store):
        if failing and asked.append(1) is None:
            raise SinkError("cannot keep jobs: disk I/O error")
        return usual(store)

    monkeypatch.setattr(SqliteStore, "unsettled", unsettled)
    with running_depth(jobs=tmp_path / "jobs") as client:
        until(lambda: len(asked) > 5)
        figures = client.ask("/metrics")
        assert figures.status == 200
        assert b"streamdepth_ready 1" in figures.body
        assert b"streamdepth_jobs{" not in figures.body
        failing.clear()
        assert b"streamdepth_jobs{" in client.ask("/metrics").body
        put(client, "a", data)
        until(lambda: state(client, "a") == "done")
    lines = [record for record in caplog.records if record.name == work.__name__]
    assert len(lines) == 1, caplog.text


@pytest.mark.parametrize("passing", [0, 3], ids=["before the upload", "while it is written"])
def test_a_share_that_hangs_holds_up_no_picture(data, tmp_path, monkeypatch, passing):
    monkeypatch.setattr(depth_service, "HASHED_AT_ONCE", 0)  # so that each picture is hashed in a thread
    usual, is_back, asked, hanging = Folder.free, threading.Event(), [], []

    def free(folder):
        asked.append(1)
        if len(asked) > passing:
            hanging.append(1)
            assert is_back.wait(BOUND)
        return usual(folder)

    monkeypatch.setattr(Folder, "free", free)
    with running_depth(jobs=tmp_path / "jobs") as client, ThreadPoolExecutor(3) as pool:
        try:
            uploads = [pool.submit(put, client, name, data) for name in "abc"]
            until(lambda: len(hanging) >= 2)  # as many as there are threads for what is hashed
            assert client.depth(images(1)[0]).status == 200
        finally:
            is_back.set()
        for upload in uploads:
            upload.result(BOUND)


def test_pictures_wait_where_the_disk_is_full_and_their_client_learns_no_path(tmp_path, monkeypatch, caplog):
    full = [True]
    usual = pictures.write_whole

    def write_whole(path, *rest):
        if full:
            raise DiskFull(f"the disk of {path} is full")
        usual(path, *rest)

    monkeypatch.setattr(work, "LEASE", 0.1)
    monkeypatch.setattr(pictures, "write_whole", write_whole)
    with running_depth(jobs=tmp_path / "jobs") as client:
        put(client, "a", zipped(*((f"{number}.png", data) for number, data in enumerate(images(3)))))
        assert (
            reason(client, "a") == "there is too little room on the disk of this service; it is tried again"
        )
        full.clear()
        until(lambda: state(client, "a") == "done")
    assert f"job a waits: the disk of {tmp_path}" in caplog.text


def test_a_film_that_another_process_still_writes_waits_for_it_and_no_path_is_told(
    data, tmp_path, monkeypatch
):
    written = [True]
    usual = work.task_of

    def task_of(record, folder, *rest):
        if written:
            raise Taken(folder.result(record))
        return usual(record, folder, *rest)

    monkeypatch.setattr(work, "LEASE", 0.1)
    monkeypatch.setattr(work, "task_of", task_of)
    with running_depth(jobs=tmp_path / "jobs") as client:
        put(client, "a", data)
        assert reason(client, "a") == "another run is writing the result"
        written.clear()
        until(lambda: state(client, "a") == "done")


def test_a_job_whose_upload_was_deleted_fails_where_no_other_folder_has_it(data, tmp_path, monkeypatch):
    task_of = work.task_of

    def without_upload(record, folder, *rest):
        folder.upload(record).unlink()
        return task_of(record, folder, *rest)

    monkeypatch.setattr(work, "task_of", without_upload)
    with running_depth(jobs=tmp_path / "jobs") as client:
        put(client, "a", data)
        until(lambda: state(client, "a") == "failed")
        assert "the upload" in client.ask("/v1/jobs/a").json["reason"]


@needs_redis
def test_a_worker_that_sees_another_folder_leaves_jobs_to_the_others(data, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(work, "LEASE", 0.2)
    port, jobs, elsewhere = free_port(), tmp_path / "jobs", tmp_path / "not mounted"
    jobs.mkdir()
    elsewhere.mkdir()
    with a_redis(tmp_path, port, *DURABLE):
        store = f"redis://127.0.0.1:{port}"
        with running_depth(jobs=jobs, jobs_store=store) as client:
            with running_worker(elsewhere, store, Network()):
                put(client, "a", data)
                until(lambda: "is that the folder of the service?" in caplog.text)
                told = client.ask("/v1/jobs/a").json
                assert told["state"] == "running" or "not where a worker looks for it" in told["reason"], told
            with running_worker(jobs, store, Network()):
                until(lambda: state(client, "a") == "done")


def test_a_worker_without_its_folder_says_so_and_makes_none(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        store = f"redis://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(
            SinkError, match=r"there is no folder .*missing \(name that of the service's --jobs"
        ):
            JobWorker(tmp_path / "missing", store, lambda: None)
    assert not (tmp_path / "missing").exists()


@needs_redis
def test_a_worker_that_may_not_write_leaves_jobs_to_the_others(data, tmp_path, monkeypatch, caplog):
    is_read_only = [True]

    def task_of(record, folder, *rest):
        if is_read_only:
            raise SinkError(f"the disk of {folder.of(record.place)} is read-only", "choose another folder")
        return usual(record, folder, *rest)

    usual, port, folder = work.task_of, free_port(), tmp_path / "jobs"
    store = f"redis://127.0.0.1:{port}"
    monkeypatch.setattr(work, "task_of", task_of)
    monkeypatch.setattr(work, "LEASE", 0.1)
    monkeypatch.setattr(
        Folder, "takes_files", lambda _folder, record=None: not is_read_only or record is None
    )
    with (
        a_redis(tmp_path, port, *DURABLE),
        running_depth(jobs=folder, jobs_store=store) as client,
        running_worker(folder, store, Network()),
    ):
        put(client, "a", data)
        assert reason(client, "a") == "a worker cannot write where its upload is; it is tried again"
        assert "job a waits: the disk of" in caplog.text
        is_read_only.clear()
        until(lambda: state(client, "a") == "done")


@needs_redis
def test_a_worker_whose_folder_is_not_writable_does_not_start(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    port = free_port()
    with a_redis(tmp_path, port, *DURABLE), pytest.raises(SinkError, match="is not writable"):
        JobWorker(tmp_path, f"redis://127.0.0.1:{port}", Network)
