"""`kill -9` of one of two services behind nginx: every picture is answered, and the job that it took is done."""

from __future__ import annotations

import sys
import time

import av
import pytest
from depth_services import BOUND, PATIENT, Network, at_once, own_service, running_depth, running_worker, until
from films import greys, write_film
from nginx import needs_nginx, running_nginx
from pictures import encoded, picture
from ports import free_port
from redis_servers import DURABLE, a_redis, needs_redis

EACH, CLIENTS = 4, 3
BYTES = {"Content_Type": "application/octet-stream"}
pytestmark = [needs_nginx, needs_redis, pytest.mark.skipif(sys.platform == "win32", reason="no kill -9")]


def answered(nginx, number):
    """The answer about a picture of its own; as clients do, it is asked for again where that is what is said."""
    give_up_at = time.monotonic() + BOUND
    while True:
        answer = nginx.ask("/v1/depth", encoded(".png", picture(20 + number, 20)), **BYTES)
        if answer.status != 503 or time.monotonic() > give_up_at:
            return answer
        assert answer.headers["retry-after"]
        time.sleep(0.1)


def test_what_a_killed_one_was_asked_the_other_answers(tmp_path):
    folder, port = tmp_path / "jobs", free_port()
    store = f"redis://127.0.0.1:{port}"
    (tmp_path / "redis").mkdir()
    clip = write_film(tmp_path / "film.mp4", greys(range(0, 240, 40))).read_bytes()
    with (
        a_redis(tmp_path / "redis", port, *DURABLE),
        own_service(folder, store) as one,
        running_depth(jobs=folder, jobs_store=store) as other,
        running_nginx(tmp_path / "nginx", *(each.url.rpartition(":")[2] for each in (one, other))) as nginx,
    ):
        assert one.ask("/v1/jobs/a", clip, method="PUT").status == 202
        calls = [
            lambda first=first: [answered(nginx, first * EACH + n).status for n in range(EACH)]
            for first in range(CLIENTS)
        ]
        threads, said = at_once(*calls)
        one.process.kill()
        for thread in threads:
            thread.join(PATIENT)
        assert said == [[200] * EACH] * CLIENTS
        with running_worker(folder, store, Network()):
            until(lambda: nginx.ask("/v1/jobs/a").json["state"] == "done", PATIENT)
        (tmp_path / "depth.mp4").write_bytes(nginx.ask("/v1/jobs/a/result").body)
    with av.open(str(tmp_path / "depth.mp4")) as film:
        assert len(list(film.decode(video=0))) == 6
