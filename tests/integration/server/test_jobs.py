"""Jobs over a socket: a film in, its depth out, whatever happens in between."""

from __future__ import annotations

import io
import json
import socket
import urllib.request
import zipfile
from contextlib import contextmanager
from functools import partial
from urllib.parse import urljoin, urlsplit

import av
import numpy as np
import pytest
from depth_services import BOUND, Network, pictures, running_depth, running_worker, until
from ports import free_port
from redis_servers import DURABLE, REDIS, a_redis

from streamdepth.http.tokens import Tokens
from streamdepth.server import app
from streamdepth.server.jobs import clearing
from streamdepth.server.jobs.desk import Desk
from streamdepth.server.settings import JobLimits, Limits

FRAMES = 12


def film(path, frames=FRAMES, suffix=".mp4"):
    path = path / f"film{suffix}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        image = np.zeros((48, 64, 3), np.uint8)
        for number in range(frames):
            image[:, : 4 * (number % 16) + 1, 1] = 200
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))
    return path.read_bytes()


def zipped(*files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files:
            archive.writestr(name, body)
    return packed.getvalue()


@pytest.fixture
def data(tmp_path):
    return film(tmp_path)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "jobs"
    made.mkdir()
    return made


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    if REDIS is None:
        pytest.skip("redis-server is not installed (apt install redis-server)")
    port = free_port()
    with a_redis(tmp_path_factory.mktemp("redis"), port, *DURABLE):
        yield port


@pytest.fixture(params=["sqlite", "redis"])
def running(request, folder):
    """A service that takes and does jobs, or one that takes them and a worker that does them: both behave the same."""
    if request.param == "sqlite":
        return partial(running_depth, jobs=folder)
    port = request.getfixturevalue("redis")
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"FLUSHALL\r\n")
        assert line.recv(5) == b"+OK\r\n"
    return partial(with_worker, folder, f"redis://127.0.0.1:{port}")


@contextmanager
def with_worker(folder, store, network=None, **settings):
    network = network or Network()
    kept = settings.get("job_limits", JobLimits()).kept_seconds
    with running_worker(folder, store, network, kept_seconds=kept):
        try:
            with running_depth(jobs=folder, jobs_store=store, **settings) as client:
                yield client
        finally:
            network.gate.set()


def put(client, name, data, query="", method="PUT"):
    return client.ask(
        f"/v1/jobs{'/' + name if name else ''}{query}", data, method=method, Content_Type="video/mp4"
    )


def is_over(client, name):
    return client.ask(f"/v1/jobs/{name}").json["state"] in ("done", "failed")


def frames_of(body, tmp_path):
    path = tmp_path / "result.mp4"
    path.write_bytes(body)
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_a_film_is_rendered_and_a_part_of_it_can_be_had(data, folder, tmp_path, running):
    with running() as client:
        made = put(client, "", data, "?layout=depth&colormap=viridis", "POST")
        assert made.status == 202, made.body
        where = urljoin("/v1/jobs", made.headers["location"])
        name = where.rpartition("/")[2]
        assert made.json["state"] == "waiting"
        until(lambda: is_over(client, name))
        told = client.ask(where).json
        assert (told["state"], told["progress"], told["layout"]) == ("done", 1.0, "depth"), told
        assert (told["frames"], told["of"]) == (FRAMES, FRAMES)
        whole = client.ask(f"{where}/result")
        assert whole.headers["content-type"] == "video/mp4"
        assert frames_of(whole.body, tmp_path) == FRAMES
        assert client.ask(f"{where}/result", method="HEAD").headers["content-length"] == str(len(whole.body))
        asked = client.ask(where, method="OPTIONS")
        assert (asked.status, asked.headers["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, PUT")
        wrong = client.ask(where, b"", method="PATCH")
        assert (wrong.status, wrong.headers["allow"]) == (405, "DELETE, GET, HEAD, OPTIONS, PUT")
        part = client.ask(f"{where}/result", Range="bytes=10-19")
        assert (part.status, part.body) == (206, whole.body[10:20])
        assert client.ask(where, method="DELETE").status == 204
        assert client.ask(where).status == 404
        assert list((folder / "jobs").iterdir()) == []


def test_a_zip_of_pictures_becomes_one_of_depth_with_an_index(folder, running):
    one, other = pictures(2)
    data = zipped(("../../a.png", one), ("notes.txt", b"no picture"), ("b/../straße 1.png", other))
    with running() as client:
        made = put(client, "zip", data, "?colormap=viridis")
        assert (made.status, made.json["layout"]) == (202, "depth"), made.body
        until(lambda: is_over(client, "zip"))
        told = client.ask("/v1/jobs/zip").json
        assert (told["state"], told["frames"], told["of"]) == ("done", 3, 3), told
        answer = client.ask("/v1/jobs/zip/result")
        assert answer.headers["content-type"] == "application/zip"
        with zipfile.ZipFile(io.BytesIO(answer.body)) as result:
            assert result.namelist() == ["00001-a.png", "00003-straße-1.png", "index.json"]
            index = json.loads(result.read("index.json"))
            shown = result.read("00001-a.png")
        assert [told.get("file") for told in index] == ["00001-a.png", None, "00003-straße-1.png"]
        assert index[0]["picture"] == "../../a.png"
        assert index[0]["Depth-Meaning"] == "inverse_relative"
        assert "notes.txt" in index[1]["error"]
        assert shown == client.depth(one, "?colormap=viridis").body, (
            "as the service answers of the picture alone"
        )
        assert len([*folder.rglob("*.png")]) == 0, "no name of a client's is a path"
        put(client, "values", data, "?form=16bit")
        until(lambda: is_over(client, "values"))
        with zipfile.ZipFile(io.BytesIO(client.ask("/v1/jobs/values/result").body)) as result:
            assert float(json.loads(result.read("index.json"))[0]["Depth-Scale"]) > 0
        put(client, "none", zipped(("notes.txt", b"no picture")))
        until(lambda: is_over(client, "none"))
        assert "no picture in the zip" in client.ask("/v1/jobs/none").json["reason"]


def test_the_same_again_is_the_same_job_and_another_is_a_conflict(data, folder, tmp_path, running):
    network = Network()
    with running(network) as client:
        network.gate.clear()
        assert put(client, "holiday", data).status == 202
        assert put(client, "holiday", data).status == 200
        assert put(client, "holiday", film(tmp_path, 5)).status == 409
        assert put(client, "holiday", data, "?layout=depth").status == 409
        assert len(list((folder / "jobs").iterdir())) == 1
        network.gate.set()
        until(lambda: is_over(client, "holiday"))
        assert put(client, "holiday", data).json["state"] == "done"


@pytest.mark.parametrize(
    ("name", "body", "query", "status"),
    [
        ("a", b"", "", 400),
        ("a", b"#EXTM3U\nhttp://127.0.0.1/secret", "", 415),
        ("a", b"\x89PNG\r\n\x1a\n" + bytes(100), "", 415),
        ("a", b"\0\0\0\x18ftypisom" + bytes(50_000), "", 413),
        ("a", b"\0\0\0\x18ftypisom", "?layout=cube", 422),
        ("a", b"\0\0\0\x18ftypisom", "?webhook=nobody", 422),
        ("a", b"\0\0\0\x18ftypisom", "?form=16bit", 422),
        ("a", b"\0\0\0\x18ftypisom", "?form=cube", 422),
        ("a", b"\0\0\0\x18ftypisom", "?layot=overlay", 422),
        ("a", b"\0\0\0\x18ftypisom", "?layout=overlay&layout=depth", 422),
        ("a", b"PK\x03\x04" + bytes(100), "", 415),
        ("a", zipped(("bomb", bytes(30_000_000))), "", 413),
        ("a%2f..%2fb", b"\0\0\0\x18ftypisom", "", 404),
        ("a%00b", b"\0\0\0\x18ftypisom", "", 422),
        ("x" * 129, b"\0\0\0\x18ftypisom", "", 422),
    ],
)
def test_what_is_refused_leaves_nothing_behind(folder, name, body, query, status):
    limits = JobLimits(film_bytes=40_000)
    with running_depth(jobs=folder, job_limits=limits) as client:
        answer = put(client, name, body, query)
        assert answer.status == status, answer.body
        assert answer.json["detail"]
        assert list((folder / "jobs").iterdir()) == []
        assert client.ask("/v1/jobs/a").status == 404


def test_a_film_that_is_none_fails_with_a_sentence(folder, running):
    with running() as client:
        assert put(client, "broken", b"\0\0\0\x18ftypisom" + bytes(3000)).status == 202
        until(lambda: is_over(client, "broken"))
        told = client.ask("/v1/jobs/broken").json
        assert told["state"] == "failed"
        assert str(folder) not in told["reason"]
        assert client.ask("/v1/jobs/broken/result").status == 409


def test_a_service_without_room_takes_nothing(data, folder):
    with running_depth(jobs=folder, job_limits=JobLimits(spare_bytes=10**18)) as client:
        assert put(client, "a", data).status == 507
    network = Network()
    with running_depth(network, jobs=folder, job_limits=JobLimits(waiting=1)) as client:
        network.gate.clear()
        assert put(client, "a", data).status == 202
        assert network.begun.acquire(timeout=BOUND)
        assert put(client, "b", data).status == 202
        assert put(client, "c", data).status == 429


def test_one_token_has_so_many_jobs_waiting_and_the_others_have_theirs(data, folder):
    network, tokens = Network(), Tokens(("token-of-anna", "token-of-ben"))
    limits = JobLimits(waiting_of_one=1)

    def send(client, name, authorization):
        return client.ask(f"/v1/jobs/{name}", data, method="PUT", Authorization=authorization)

    with running_depth(network, jobs=folder, job_limits=limits, tokens=tokens) as client:
        network.gate.clear()
        assert send(client, "a", "Bearer token-of-anna").status == 202
        assert network.begun.acquire(timeout=BOUND)
        assert send(client, "b", "Bearer token-of-anna").status == 202
        for written in ("Bearer token-of-anna", "bearer  token-of-anna"):
            refused = send(client, "c", written)
            assert (refused.status, refused.headers["retry-after"]) == (429, "60"), refused.body
        assert send(client, "b", "Bearer token-of-anna").status == 200, "the same again is no other job"
        assert send(client, "d", "Bearer token-of-ben").status == 202
        assert len(list((folder / "jobs").iterdir())) == 3


def test_a_film_that_arrives_takes_a_place_in_the_line(data, folder):
    with running_depth(jobs=folder, job_limits=JobLimits(waiting_of_one=1)) as client:
        with socket.create_connection(("127.0.0.1", urlsplit(client.url).port), timeout=BOUND) as slow:
            head = f"PUT /v1/jobs/slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(data)}\r\n\r\n"
            slow.sendall(head.encode() + data[:100])
            until(lambda: list((folder / "jobs").iterdir()))
            assert put(client, "fast", data).status == 429
        until(lambda: put(client, "fast", data).status == 202)  # who broke off gave its place up


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_a_film_that_lasts_too_long_is_refused(tmp_path, folder, suffix):
    data = film(tmp_path, suffix=suffix)
    with running_depth(jobs=folder, job_limits=JobLimits(film_seconds=0.4)) as client:
        refused = put(client, "long", data)
        assert (refused.status, "send it in parts" in refused.json["detail"]) == (413, True), refused.body
        assert list((folder / "jobs").iterdir()) == []


def test_a_disk_that_fills_up_on_the_way_ends_the_upload_and_nothing_stays(data, folder, monkeypatch):
    with running_depth(jobs=folder) as client:
        left = iter([10**12, 10])
        monkeypatch.setattr("streamdepth.server.jobs.folder.Folder.free", lambda _folder: next(left))
        assert put(client, "a", data).status == 507
        assert list((folder / "jobs").iterdir()) == []


def test_without_a_folder_there_are_no_jobs(data):
    with running_depth() as client:
        assert put(client, "a", data).status == 404


def test_a_job_that_is_cancelled_in_its_middle_ends_and_the_next_begins(data, folder, running):
    network = Network()
    with running(network) as client:
        network.gate.clear()
        put(client, "first", data)
        assert network.begun.acquire(timeout=BOUND)
        put(client, "second", data)
        assert client.ask("/v1/jobs/first", method="DELETE").status == 204
        network.gate.set()
        until(lambda: is_over(client, "second"))
        until(lambda: client.ask("/v1/jobs/first").status == 404)
        assert len(list((folder / "jobs").iterdir())) == 1


def arriving(client, name, data):
    """An upload that the service takes, of which a hundred bytes come, and nothing more until somebody sends it."""
    slow = socket.create_connection(("127.0.0.1", urlsplit(client.url).port), timeout=BOUND)
    head = f"PUT /v1/jobs/{name} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(data)}\r\n"
    slow.sendall(head.encode() + b"Expect: 100-continue\r\n\r\n")
    assert slow.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
    slow.sendall(data[:100])
    return slow


def test_a_job_that_is_cancelled_while_it_comes_is_over_at_once_and_may_come_again(data, folder):
    with running_depth(jobs=folder) as client, arriving(client, "a", data) as slow:
        until(lambda: list((folder / "jobs").iterdir()))
        assert client.ask("/v1/jobs/a", method="DELETE").status == 204
        said = slow.recv(65536)
        assert said.startswith(b"HTTP/1.1 409 "), said
        assert b"cancelled while it was uploaded" in said
        assert list((folder / "jobs").iterdir()) == []
        assert client.ask("/v1/jobs/a", method="DELETE").status == 404
        assert put(client, "a", data).status == 202


def test_an_upload_that_the_end_of_the_service_breaks_off_leaves_nothing(data, folder):
    with running_depth(jobs=folder, limits=Limits(answer_seconds=0.5)) as client:
        slow = arriving(client, "a", data)
        until(lambda: list((folder / "jobs").iterdir()))
    with slow:
        assert slow.recv(65536) == b"", "it is no failure of the service"
    assert list((folder / "jobs").iterdir()) == []


def test_a_job_that_is_sent_again_is_cancelled_meanwhile_and_the_upload_with_it(data, folder, running):
    network = Network()
    with running(network) as client:
        network.gate.clear()
        put(client, "a", data)
        assert network.begun.acquire(timeout=BOUND)
        with arriving(client, "a", data) as slow:
            assert put(client, "a", data).status == 409
            assert client.ask("/v1/jobs/a", method="DELETE").status == 204
            assert slow.recv(65536).startswith(b"HTTP/1.1 409 ")
        network.gate.set()
        until(lambda: client.ask("/v1/jobs/a").status == 404)
        until(lambda: not list((folder / "jobs").iterdir()))


def test_a_job_that_another_service_cancels_is_not_told_as_there_when_it_was_sent_again(data, folder, redis):
    store = f"redis://127.0.0.1:{redis}"
    one, other = (running_depth(jobs=folder, jobs_store=store) for _ in range(2))
    with one as client, other as elsewhere:
        assert put(client, "again", data).status == 202
        with arriving(client, "again", data) as slow:
            assert put(client, "again", data).status == 409
            assert elsewhere.ask("/v1/jobs/again", method="DELETE").status == 204
            slow.sendall(data[100:])
            assert slow.recv(65536).startswith(b"HTTP/1.1 409 ")


def test_each_change_is_told_as_an_event_and_those_that_were_seen_are_not(data, running):
    network = Network()
    with running(network) as client:
        network.gate.clear()
        put(client, "a", data)
        assert network.begun.acquire(timeout=BOUND)
        with urllib.request.urlopen(f"{client.url}/v1/jobs/a/events", timeout=BOUND) as stream:
            assert stream.headers["Content-Type"].startswith("text/event-stream")
            lines = [stream.readline().decode().strip()]
            network.gate.set()
            lines += stream.read().decode().splitlines()
        states = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
        assert states[-1] == "done"
        assert states.index("running") < len(states) - 1
        last = [line for line in lines if line.startswith("id: ")][-1].removeprefix("id: ")
        assert json.loads([line for line in lines if line.startswith("data: ")][-1][6:])["progress"] == 1.0
        assert client.ask("/v1/jobs/a/events", Last_Event_ID=last).status == 204
        again = client.ask("/v1/jobs/a/events", Last_Event_ID=str(int(last) - 1)).body.decode()
        assert again.count("event: ") == 1


def test_a_job_is_done_by_the_next_service_and_old_ones_are_cleared(
    data, folder, tmp_path, monkeypatch, running
):
    network = Network()
    with running(network) as client:
        network.gate.clear()
        put(client, "a", data)
        assert network.begun.acquire(timeout=BOUND)
    with running() as client:
        until(lambda: is_over(client, "a"))
        assert frames_of(client.ask("/v1/jobs/a/result").body, tmp_path) == FRAMES
    monkeypatch.setattr(clearing, "CLEAR_EVERY", 0.0)
    with running(job_limits=JobLimits(kept_seconds=0.0)) as client:
        until(lambda: client.ask("/v1/jobs/a").status == 404)
        until(lambda: list((folder / "jobs").iterdir()) == [])


def test_a_folder_that_is_away_is_told_as_a_problem_and_why_in_the_log(data, folder, caplog):
    with running_depth(jobs=folder) as client:
        folder.rename(folder.with_name("away"))
        refused = client.ask("/v1/jobs/a", data, method="PUT")
        folder.with_name("away").rename(folder)
        assert (refused.status, "jobs cannot be kept now" in refused.json["detail"]) == (503, True)
        told = [one for one in caplog.records if one.name == app.__name__ and one.levelname == "WARNING"]
        assert [str(folder) in one.message for one in told] == [True]
        assert client.ask("/v1/jobs/a", data, method="PUT").status == 202


def test_what_nobody_thought_of_is_a_problem_too_and_logged_once(data, folder, caplog, monkeypatch):
    def fail(*_given):
        raise RuntimeError("it is upside down")

    monkeypatch.setattr(Desk, "find", fail)
    with running_depth(jobs=folder) as client:
        failed = client.ask("/v1/jobs/a")
    assert (failed.status, "the service failed" in failed.json["detail"]) == (500, True)
    assert failed.headers["content-type"] == "application/problem+json"
    assert [one.exc_info is not None for one in caplog.records if one.levelname == "ERROR"] == [True]
