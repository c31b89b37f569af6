"""`kill -9` of each process there is, in mid-job: nothing that was accepted is lost, and the film is the same."""

from __future__ import annotations

import json
import sys
import urllib.request
from contextlib import ExitStack

import av
import numpy as np
import pytest
from depth_services import PATIENT, Network, own_process, own_service, running_depth, running_worker, until
from ports import free_port
from redis_servers import DURABLE, a_redis, needs_redis

FRAMES, BORDER = 320, 250
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a child cannot be killed so there")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        image = np.zeros((48, 64, 3), np.uint8)
        for number in range(FRAMES):
            image[:, : number % 60 + 1, 1] = 100 + number % 100
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))
    return path.read_bytes()


def put(client, data):
    answer = client.ask("/v1/jobs/a", data, method="PUT")
    assert answer.status == 202, answer.body


def until_beyond_the_border(client):
    until(lambda: client.ask("/v1/jobs/a").json["frames"] > BORDER, PATIENT)


def pictures(client, tmp_path):
    """Its pictures, once it is done."""
    until(lambda: client.ask("/v1/jobs/a").json["state"] in ("done", "failed"), PATIENT)
    told = client.ask("/v1/jobs/a").json
    assert (told["state"], told["frames"], told["of"]) == ("done", FRAMES, FRAMES), told
    path = tmp_path / "result.mp4"
    path.write_bytes(client.ask("/v1/jobs/a/result").body)
    with av.open(str(path)) as container:
        return [frame.to_ndarray().tobytes() for frame in container.decode(video=0)]


@pytest.fixture(scope="module")
def unbroken(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unbroken")
    with running_depth(jobs=folder / "jobs") as client:
        put(client, data)
        shown = pictures(client, folder)
    assert len(shown) == FRAMES
    return shown


def test_a_service_that_is_killed_in_mid_job_loses_nothing(data, unbroken, tmp_path):
    folder = tmp_path / "jobs"
    with own_service(folder) as client:
        put(client, data)
        until_beyond_the_border(client)
    with running_depth(jobs=folder) as client:
        assert pictures(client, tmp_path) == unbroken


@needs_redis
def test_worker_redis_and_service_are_killed_and_the_job_ends_with_the_same_frames(data, unbroken, tmp_path):
    port, folder = free_port(), tmp_path / "jobs"
    store = f"redis://127.0.0.1:{port}"
    (tmp_path / "redis").mkdir()
    with ExitStack() as left:
        kept = left.enter_context(ExitStack())
        kept.enter_context(a_redis(tmp_path / "redis", port, *DURABLE))
        with own_service(folder, store) as client, own_process(folder, store, "worker"):
            put(client, data)
            until_beyond_the_border(client)
        with running_depth(jobs=folder, jobs_store=store) as client:
            events = urllib.request.urlopen(f"{client.url}/v1/jobs/a/events", timeout=PATIENT)
            left.enter_context(events)
            assert json.loads(_data(events))["state"] == "running", "its lease is not over"
            kept.close()
            assert client.ask("/v1/jobs/a").status == 503
            left.enter_context(a_redis(tmp_path / "redis", port, *DURABLE))
            left.enter_context(running_worker(folder, store, Network()))
            assert pictures(client, tmp_path) == unbroken


def _data(events):
    for line in events:
        if line.startswith(b"data: "):
            return line[6:]
    raise AssertionError("the stream ended")
