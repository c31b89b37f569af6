from __future__ import annotations

import asyncio
import json

import pytest

from streamdepth.errors import DiskFull, ModelError, Overloaded, SourceError, StageStuck, Trouble, UsageError
from streamdepth.http.refusal import Refused
from streamdepth.server.problems import problem_answer, refusal_of


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Overloaded("it is full", retry_after=2.2), 429),
        (SourceError("it is large", trouble=Trouble.TOO_LARGE), 413),
        (SourceError("it is a film", trouble=Trouble.CODEC), 415),
        (SourceError("it is damaged"), 422),
        (UsageError("no such colour"), 422),
        (ModelError("no numbers"), 500),
        (DiskFull("/srv/jobs is full"), 507),
        (StageStuck("it hangs"), 500),
    ],
)
def test_each_error_has_its_status(error, status):
    assert refusal_of(error).status == status


def test_seconds_to_wait_are_whole_and_at_least_one():
    assert refusal_of(Overloaded("full", retry_after=2.2)).headers["Retry-After"] == "3"
    assert refusal_of(Overloaded("full", retry_after=0.01)).headers["Retry-After"] == "1"


def test_a_refusal_is_a_problem_with_its_cure():
    answer = problem_answer(Refused(413, "the picture is large (send it smaller)", Retry_After="1"))
    assert answer.media_type == "application/problem+json"
    assert answer.headers["retry-after"] == "1"
    assert json.loads(answer.body) == {
        "type": "about:blank",
        "title": "Content Too Large" if "Content" in answer.body.decode() else "Request Entity Too Large",
        "status": 413,
        "detail": "the picture is large (send it smaller)",
    }


@pytest.mark.parametrize(
    ("path", "has_error"), [("/v2/models/x/infer", True), ("/v2", True), ("/v1/depth", False)]
)
def test_clients_of_the_inference_protocol_find_the_sentence_where_they_look(path, has_error):
    sent = []

    async def send(message):
        sent.append(message)

    answer = problem_answer(Refused(404, "there is no model", Retry_After="1"))
    asyncio.run(answer({"type": "http", "path": path}, None, send))
    head, body = sent
    said = json.loads(body["body"])
    assert (said["detail"], said.get("error")) == (
        "there is no model",
        "there is no model" if has_error else None,
    )
    assert dict(head["headers"])[b"content-length"] == b"%d" % len(body["body"])
    assert dict(head["headers"])[b"retry-after"] == b"1"
