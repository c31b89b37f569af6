"""`/v1/jobs` over a socket as other programs ask: parts of results, what they have already, and what is refused."""

from __future__ import annotations

import gzip
import http.client
import urllib.request
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from depth_services import BOUND, Network, running_depth, until
from pages import film

from streamdepth.errors import SinkError
from streamdepth.server.jobs.jobs import Jobs


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("jobs")


@pytest.fixture(scope="module")
def network():
    return Network()


@pytest.fixture(scope="module")
def client(network, folder):
    with running_depth(network, jobs=folder) as running:
        yield running


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return film(tmp_path_factory.mktemp("films") / "a.mp4", frames=8).read_bytes()


@pytest.fixture(scope="module")
def result(client, data):
    """The address of a result, and all of it."""
    assert put(client, "done", data).status == 202
    until(lambda: client.ask("/v1/jobs/done").json["state"] == "done")
    return "/v1/jobs/done/result", client.ask("/v1/jobs/done/result")


def put(client, name, data, **headers):
    return client.ask(f"/v1/jobs/{name}", data, method="PUT", **{"Content_Type": "video/mp4", **headers})


def test_who_has_a_result_is_not_sent_it_again(client, result):
    where, whole = result
    known = client.ask(where, If_None_Match=f'"other", W/{whole.headers["etag"]}')
    assert (known.status, known.body, known.headers["etag"]) == (304, b"", whole.headers["etag"])
    assert client.ask(where, If_None_Match='"other"').body == whole.body


BEFORE = "Thu, 01 Jan 2015 00:00:00 GMT"


def test_who_has_a_result_of_that_date_is_not_sent_it_again(client, result):
    where, whole = result
    for method in ("GET", "HEAD"):
        known = client.ask(where, method=method, If_Modified_Since=whole.headers["last-modified"])
        assert (known.status, known.body, known.headers["etag"]) == (304, b"", whole.headers["etag"])
    for since in (BEFORE, "yesterday"):
        assert client.ask(where, If_Modified_Since=since).body == whole.body
    by_tag = client.ask(where, If_None_Match='"other"', If_Modified_Since=whole.headers["last-modified"])
    assert by_tag.body == whole.body


def test_who_wants_a_result_of_that_date_is_sent_no_other(client, result):
    where, whole = result
    other = client.ask(where, Range="bytes=0-3", If_Unmodified_Since=BEFORE)
    assert (other.status, other.headers["etag"]) == (412, whole.headers["etag"])
    same = client.ask(where, Range="bytes=0-3", If_Unmodified_Since=whole.headers["last-modified"])
    assert (same.status, same.body) == (206, whole.body[:4])
    by_tag = client.ask(where, If_Match=whole.headers["etag"], If_Unmodified_Since=BEFORE)
    assert by_tag.body == whole.body


def test_a_part_of_a_result_of_that_date_is_sent(client, result):
    where, whole = result
    same = client.ask(where, Range="bytes=0-3", If_Range=whole.headers["last-modified"])
    assert (same.status, same.body) == (206, whole.body[:4])
    assert client.ask(where, Range="bytes=0-3", If_Range=BEFORE).body == whole.body


def test_who_wants_a_part_of_another_result_is_refused(client, result):
    where, whole = result
    for method in ("GET", "HEAD"):
        other = client.ask(where, method=method, Range="bytes=0-3", If_Match='"other"')
        assert (other.status, other.headers["etag"]) == (412, whole.headers["etag"])
    same = client.ask(where, Range="bytes=0-3", If_Match=f'"other", {whole.headers["etag"]}')
    assert (same.status, same.body) == (206, whole.body[:4])
    assert client.ask(where, If_Match="*").body == whole.body


@pytest.mark.parametrize("asked", ["seconds=1-2", "bytes=9-5", "bytes=a-b", "bytes="])
def test_a_range_that_is_none_is_passed_over(client, result, asked):
    where, whole = result
    answer = client.ask(where, Range=asked)
    assert (answer.status, answer.body) == (200, whole.body)


def test_a_part_that_is_not_there_is_a_problem_with_the_size(client, result):
    where, whole = result
    answer = client.ask(where, Range="bytes=99999999-")
    assert (answer.status, answer.headers["content-type"]) == (416, "application/problem+json")
    assert answer.headers["content-range"] == f"bytes */{len(whole.body)}"
    part = client.ask(where, Range="bytes=99999999-,4-7")
    assert (part.status, part.body) == (206, whole.body[4:8])


def test_a_part_of_what_has_changed_since_is_all_of_it(client, result):
    where, whole = result
    same = client.ask(where, Range="bytes=0-3", If_Range=whole.headers["etag"])
    assert (same.status, same.body) == (206, whole.body[:4])
    for asked in ("bytes=0-3", "bytes=99999999-"):
        other = client.ask(where, Range=asked, If_Range='"other"')
        assert (other.status, other.body) == (200, whole.body)


def test_a_result_that_is_not_where_it_should_be_is_told_and_logged(data, tmp_path, caplog):
    with running_depth(jobs=tmp_path) as client:
        put(client, "gone", data)
        until(lambda: client.ask("/v1/jobs/gone").json["state"] == "done")
        for path in (tmp_path / "jobs").rglob("depth.mp4"):
            path.unlink()
        answer = client.ask("/v1/jobs/gone/result")
        assert (answer.status, answer.json["detail"]) == (
            500,
            "the result is not where this service looks for it (its log says more)",
        )
        assert "is --jobs one folder for all?" in caplog.text


@pytest.mark.parametrize("seen", ["999999", "9" * 5000, "x", "-1"])
def test_an_event_that_was_never_told_is_seen_by_nobody(client, result, seen):
    answer = client.ask("/v1/jobs/done/events", Last_Event_ID=seen)
    assert answer.status == 200
    assert b"event: done" in answer.body


def test_of_a_job_that_is_removed_the_last_event_says_so(data, tmp_path, monkeypatch):
    def remove(jobs, identity):  # before any listener sees that it is cancelled
        jobs.forget(jobs.find(identity))
        return True

    monkeypatch.setattr(Jobs, "cancel", remove)
    network = Network()
    network.gate.clear()
    with running_depth(network, jobs=tmp_path) as client:
        put(client, "a", data)
        until(lambda: network.seen)
        with urllib.request.urlopen(f"{client.url}/v1/jobs/a/events", timeout=BOUND) as events:
            assert b"id: " in events.readline()
            assert client.ask("/v1/jobs/a", method="DELETE").status == 204
            *_, told = events.read().strip().split(b"\n\n")
        network.gate.set()
        assert told == b'event: cancelled\ndata: {"id": "a", "state": "cancelled"}'


def test_events_end_as_a_whole_answer_where_the_store_fails(data, tmp_path, monkeypatch):
    def fail(jobs, identity):
        raise SinkError("the Redis refuses this login")

    network = Network()
    network.gate.clear()
    with running_depth(network, jobs=tmp_path) as client:
        put(client, "a", data)
        until(lambda: network.seen)
        with urllib.request.urlopen(f"{client.url}/v1/jobs/a/events", timeout=BOUND) as events:
            assert b"id: " in events.readline()
            monkeypatch.setattr(Jobs, "find", fail)
            network.gate.set()
            events.read()  # which raises IncompleteRead where an answer breaks off
        monkeypatch.undo()


def test_the_head_of_events_is_answered_at_once_and_the_connection_goes_on(data, tmp_path):
    network = Network()
    network.gate.clear()
    with running_depth(network, jobs=tmp_path) as client:
        put(client, "a", data)
        until(lambda: network.seen)
        with closing(http.client.HTTPConnection(urlsplit(client.url).netloc, timeout=BOUND)) as connection:
            connection.request("HEAD", "/v1/jobs/a/events")
            head = connection.getresponse()
            head.read()
            assert (head.status, head.headers["x-accel-buffering"]) == (200, "no")
            assert head.headers["content-type"].startswith("text/event-stream")
            connection.request("GET", "/v1/jobs/a")
            assert connection.getresponse().status == 200
        network.gate.set()


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        ({"Content_Encoding": "gzip"}, gzip.compress, "packed as gzip (send it as it is"),
        (
            {"Content_Type": "multipart/form-data; boundary=b"},
            bytes,
            "a form is not accepted here (send the file itself",
        ),
    ],
)
def test_a_film_in_a_wrapping_is_told_what_to_do(client, data, folder, headers, body, said):
    there = set((folder / "jobs").iterdir())
    answer = put(client, "wrapped", body(data), **headers)
    assert (answer.status, said in answer.json["detail"]) == (415, True), answer.body
    assert set((folder / "jobs").iterdir()) == there


def test_a_part_of_a_film_is_no_film(client, data, folder):
    there = set((folder / "jobs").iterdir())
    answer = put(client, "part", data[100:], Content_Range=f"bytes 100-{len(data) - 1}/{len(data)}")
    assert (answer.status, "send the whole file" in answer.json["detail"]) == (400, True), answer.body
    assert set((folder / "jobs").iterdir()) == there


@pytest.mark.parametrize("name", [".", "..", "%2e%2e"])
def test_a_name_that_is_a_folder_of_every_address_is_none(client, data, name):
    answer = put(client, name, data)
    assert (answer.status, "dots" in answer.json["detail"]) == (422, True), answer.body


def test_what_is_being_uploaded_is_cancelled_and_its_upload_hears_so(client, data):
    with closing(http.client.HTTPConnection(urlsplit(client.url).netloc, timeout=10)) as sending:
        sending.putrequest("PUT", "/v1/jobs/coming")
        sending.putheader("Content-Length", str(len(data)))
        sending.endheaders(data[:100])
        until(lambda: client.ask("/v1/jobs/coming", method="DELETE").status == 204)
        assert sending.getresponse().status == 409
    assert client.ask("/v1/jobs/coming", method="DELETE").status == 404
