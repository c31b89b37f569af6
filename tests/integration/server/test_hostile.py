"""Broken and hostile uploads: each is refused or answered, quickly, and nothing is left behind.

`scripts/soak/uploads.py` sends five hundred of them to the real command.
"""

from __future__ import annotations

import io
import tempfile
import time
import zlib

import cv2
import hostile_jobs
import hostile_pictures
import numpy as np
import pytest
from depth_services import PATIENT, running_depth, until
from hostile_pictures import RAW, chunk, png
from pictures import encoded, picture

ROUNDS = 4


@pytest.fixture(scope="module")
def temporary(tmp_path_factory):
    """A folder for temporary files that nobody else uses meanwhile."""
    folder = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        yield folder


@pytest.fixture(scope="module")
def client(tmp_path_factory, temporary):
    with running_depth(jobs=tmp_path_factory.mktemp("around") / "jobs") as running:
        yield running


def values(client, body, **headers):
    answer = client.ask("/v1/depth?size=network", body, Accept="application/x-npy", **headers)
    return np.load(io.BytesIO(answer.body))


@pytest.mark.parametrize("kind", hostile_pictures.KINDS)
def test_what_is_broken_is_refused_and_what_is_right_answered(client, temporary, kind):
    first = [*hostile_pictures.KINDS].index(kind)
    for seed in range(first, ROUNDS * len(hostile_pictures.KINDS), len(hostile_pictures.KINDS)):
        name, sent = hostile_pictures.of(seed)
        assert name == kind
        answer = client.ask("/v1/depth", sent.body, **sent.headers)
        assert answer.status in sent.statuses, (seed, answer.body)
        if answer.status == 200 and sent.shown is not None:
            assert answer.image.shape[:2] == sent.shown.shape[:2], seed
            plain = values(client, encoded(".png", sent.shown), **RAW)
            assert np.abs(values(client, sent.body, **sent.headers) - plain).mean() < 3, seed
        elif answer.status == 200:
            assert answer.image is not None, seed
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("kind", hostile_jobs.KINDS)
def test_films_and_zips_of_any_kind_end_and_leave_nothing(client, kind, tmp_path_factory):
    seed = [*hostile_jobs.KINDS].index(kind)
    _, job = hostile_jobs.of(seed)
    answer = client.ask("/v1/jobs/a", job.body, method="PUT", **RAW)
    assert answer.status in job.statuses, answer.body
    if answer.status == 202:
        until(lambda: client.ask("/v1/jobs/a").json["state"] in ("done", "failed"), PATIENT)
        ended = client.ask("/v1/jobs/a").json
        assert ended["state"] in job.ends, ended
        assert "the service failed" not in ended.get("reason", "")
        assert client.ask("/v1/jobs/a", method="DELETE").status == 204
    around = next(path for path in tmp_path_factory.getbasetemp().glob("around*"))
    left = {path.relative_to(around).as_posix() for path in around.rglob("*")}
    assert {name for name in left if not name.startswith("jobs/jobs.")} == {"jobs", "jobs/jobs"}


GOOD = encoded(".png", picture())
HOSTILE = {
    "a bomb": (png(50_000, 50_000, zlib.compress(bytes(1_000_000), 9)), 413),
    "more pixels than are there": (png(6000, 6000, zlib.compress(b"")), 422),
    "very many chunks": (GOOD[:33] + chunk(b"tEXt", b"") * 100_000 + GOOD[33:], 200),
    "one wide line": (encoded(".png", picture(20_000, 1)), 200),
    "one tall column": (encoded(".jpg", picture(1, 20_000)), 200),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_would_take_much_does_not_hold_up_the_others(client, kind):
    data, status = HOSTILE[kind]
    began = time.monotonic()
    answer = client.depth(data)
    assert answer.status == status, answer.body
    assert time.monotonic() - began < 10
    if status == 200:
        shown = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        assert answer.image.shape == shown.shape
