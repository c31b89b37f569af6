"""Who is told that a job has ended: by a signed request, again until it is taken, and nobody else."""

from __future__ import annotations

import json
import re
import socket

import pytest
from depth_services import BOUND, until
from places import REPOSITORY
from webhook_receivers import a_receiver

from streamdepth.backoff import Backoff
from streamdepth.errors import SinkError, UsageError
from streamdepth.server.jobs import notices
from streamdepth.server.jobs.notices import Notices, read_webhooks
from streamdepth.server.jobs.record import Record, State, Wishes
from streamdepth.server.jobs.sqlite_store import SqliteStore

SECRET = "whsec_TWZLUTlyOEdLWXFyVHdqVVBEOElMUFpJbzJMYUxhU3c="


@pytest.fixture
def store(tmp_path):
    opened = SqliteStore(tmp_path / "jobs.sqlite")
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(notices, "BACKOFF", Backoff((), 0.05, shorter=0.0, longer=0.0))
    monkeypatch.setattr(notices, "LOOK_EVERY", 0.02)


def ended(store, webhook="orders", state=State.DONE):
    store.add(Record("a", "sum", ".mp4", 10, 100.0, Wishes(webhook=webhook), "place"))
    return store.change("a", lambda one: one.taken("me", 101.0, 131.0).moved(state, 102.0, "why"))


def hooks(folder, url):
    path = folder / "webhooks"
    path.write_text(f"# ours\n\norders http://{SECRET.replace('=', '%3D')}@{url}/hook?x=1\n")
    return read_webhooks(path)


def sending(store, folder, receiver):
    sender = Notices(store, hooks(folder, receiver.url))
    sender.start()
    return sender


def test_the_end_of_a_job_is_told_and_its_signature_is_verified_as_the_guide_says(store, tmp_path):
    guide = (REPOSITORY / "docs" / "guide" / "service.md").read_text("utf-8")
    code = re.search(r"```python\n(import base64.*?)```", guide, re.DOTALL)[1]
    exec(code, told := {})
    with a_receiver() as receiver:
        sender = sending(store, tmp_path, receiver)
        ended(store)
        until(lambda: store.get("a").notice_at is None and receiver.got)
        sender.close()
    [(path, headers, body)] = receiver.got
    assert path == "/hook?x=1"
    sent = json.loads(body)
    assert (sent["type"], sent["data"]["id"], sent["data"]["state"]) == ("job.done", "a", "done")
    now = int(headers["webhook-timestamp"])
    assert told["is_ours"](SECRET, headers, body, now)
    assert not told["is_ours"](SECRET, headers, body + b" ", now)
    assert not told["is_ours"](SECRET, headers, body, now + 3600)
    assert not told["is_ours"](SECRET.replace("MUFp", "MUFq"), headers, body, now)


def test_it_is_tried_again_with_the_same_name_by_the_next_service_too_and_no_redirect_is_followed(
    store, tmp_path
):
    with a_receiver(500, 302, 503) as receiver:
        ended(store, state=State.FAILED)
        sender = sending(store, tmp_path, receiver)
        until(lambda: receiver.got)
        sender.close()
        sender = sending(store, tmp_path, receiver)
        until(lambda: store.get("a").notice_at is None)
        sender.close()
    assert {path for path, _, _ in receiver.got} == {"/hook?x=1"}
    assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 1
    assert len(receiver.got) == 4
    assert store.unsettled() == []


@pytest.mark.parametrize(("answers", "tries"), [([410], 1), ([500] * 20, notices.MOST_TRIES)])
def test_who_never_takes_it_is_given_up(store, tmp_path, answers, tries, caplog):
    with a_receiver(*answers) as receiver:
        ended(store)
        sender = sending(store, tmp_path, receiver)
        until(lambda: store.get("a").notice_at is None and "given up" in caplog.text)
        sender.close()
    assert len(receiver.got) == tries
    assert "MfKQ" not in caplog.text
    assert SECRET not in caplog.text


def test_a_name_that_is_not_allowed_any_more_is_told_to_nobody(store, tmp_path, caplog):
    with a_receiver() as receiver:
        ended(store, webhook="others")
        sender = sending(store, tmp_path, receiver)
        until(lambda: store.get("a").notice_at is None)
        sender.close()
    assert receiver.got == []
    assert "no longer in --webhooks" in caplog.text


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "there is no webhook in"),
        ("orders", "line 1 of .* is not a webhook"),
        ("orders https://orders.example/hook", "no secret to sign with"),
        ("orders ftp://s@orders.example/hook", "ftp"),
        ("a https://s@b/c\na https://s@b/c", "two webhooks a"),
    ],
)
def test_a_file_of_webhooks_that_is_wrong_is_one_sentence(tmp_path, text, what):
    path = tmp_path / "webhooks"
    path.write_text(text)
    with pytest.raises(UsageError, match=what):
        read_webhooks(path)
    with pytest.raises(SinkError, match="cannot read the webhooks"):
        read_webhooks(tmp_path / "nowhere")


def test_name_and_address_stand_apart_by_any_space(tmp_path):
    path = tmp_path / "webhooks"
    path.write_text("ours\thttps://secret@orders.example/one\nyours  https://secret@orders.example/two")
    assert [*read_webhooks(path)] == ["ours", "yours"]


def test_of_several_services_that_see_it_due_one_sends_it(store, tmp_path, monkeypatch):
    monkeypatch.setattr(notices, "BACKOFF", Backoff((), 1000.0, shorter=0.0, longer=0.0))
    with a_receiver(500) as receiver:
        ended(store)
        for _ in range(2):
            Notices(store, hooks(tmp_path, receiver.url))._send("a")
    assert len(receiver.got) == 1


def test_a_store_that_fails_for_a_while_is_asked_again(store, tmp_path, monkeypatch):
    failed = []
    unsettled = store.unsettled

    def fails_at_first():
        if not failed:
            failed.append(True)
            raise SinkError("it fails", "wait")
        return unsettled()

    monkeypatch.setattr(store, "unsettled", fails_at_first)
    with a_receiver() as receiver:
        sender = sending(store, tmp_path, receiver)
        ended(store)
        until(lambda: receiver.got)
        sender.close()


def test_one_that_says_nothing_holds_up_no_other(store, tmp_path, monkeypatch):
    monkeypatch.setattr("streamdepth.delivery.webhook.PATIENCE", 60.0)
    monkeypatch.setattr(notices, "A_TRY", 60.0)
    for name in ("silent", "orders"):
        store.add(Record(name, "sum", ".mp4", 10, 100.0, Wishes(webhook=name), name))
        store.change(name, lambda one: one.taken("me", 101.0, 131.0).moved(State.DONE, 102.0, ""))
    with socket.create_server(("127.0.0.1", 0)) as silent, a_receiver() as receiver:
        path = tmp_path / "webhooks"
        places = {"silent": f"127.0.0.1:{silent.getsockname()[1]}", "orders": receiver.url}
        path.write_text("".join(f"{name} http://a-secret@{place}/\n" for name, place in places.items()))
        silent.settimeout(BOUND)
        sender = Notices(store, read_webhooks(path))
        sender.start()
        try:
            with silent.accept()[0]:
                until(lambda: receiver.got)
        finally:
            sender.close()
