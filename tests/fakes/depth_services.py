"""A running depth service whose networks are stand-ins: depth is how green a picture is.

    python tests/fakes/depth_services.py FOLDER [REDIS]
    python tests/fakes/depth_services.py FOLDER REDIS worker

serve and work in a process of their own, with jobs in a folder; the first prints its address first.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from pictures import encoded, picture

from streamdepth.frames import DepthMap
from streamdepth.models.preprocess import input_size
from streamdepth.pixels import Picture
from streamdepth.server.jobs import lease as leases
from streamdepth.server.jobs import work
from streamdepth.server.models import Loaded, Served
from streamdepth.server.service import Service
from streamdepth.server.settings import ServeSettings
from streamdepth.server.worker import JobWorker

BOUND = 30.0
PATIENT = 60.0
"""Seconds for a process to start, to render a film, or to do in a browser what a network is held up for."""


@dataclass
class Network:
    """An engine; `gate` holds its work up until it is set, `seen` counts its pictures."""

    name: str = "green"
    gate: threading.Event = field(default_factory=threading.Event)
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    seen: list[tuple[int, int]] = field(default_factory=list)
    error: Exception | None = None
    pause: float = 0.0
    """Seconds that a picture takes at least."""
    most: float = math.inf
    """Beyond so many pictures it stands still."""

    def __post_init__(self):
        self.gate.set()

    def input_size(self, width, height):
        return input_size(width, height, 64)

    def estimate_picture(self, picture):
        self.seen.append((picture.width, picture.height))
        self.begun.release()
        if len(self.seen) > self.most:
            self.gate.clear()
        assert self.gate.wait(PATIENT)
        time.sleep(self.pause)
        if self.error is not None:
            raise self.error
        size = self.input_size(picture.width, picture.height)
        small = cv2.resize(picture.bgr[..., 1], size, interpolation=cv2.INTER_AREA)
        return DepthMap(small.astype(np.float32))


def loaded(*networks, lanes=1):
    models = tuple(Served(one.name, f"sum of {one.name}", "stand-in", "fp32") for one in networks)
    return Loaded(models, tuple({one.name: one for one in networks} for _ in range(lanes)))


@dataclass(frozen=True)
class Said:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def image(self):
        return cv2.imdecode(np.frombuffer(self.body, np.uint8), cv2.IMREAD_UNCHANGED)


class Asking:
    """What can be asked of a service at an address."""

    def __init__(self, address):
        self.url = address.rstrip("/")

    def ask(self, path, body=None, *, method=None, **headers):
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, body, given, method=method)
        try:
            with urllib.request.urlopen(request, timeout=BOUND) as answer:
                return Said(answer.status, _lower(answer.headers), answer.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Said(refusal.code, _lower(refusal.headers), refusal.read())

    def depth(self, data, query="", **headers):
        return self.ask(f"/v1/depth{query}", data, **{"Content_Type": "application/octet-stream", **headers})


def form(*files, field="image", boundary="a-boundary"):
    """The body and the headers of a form with (file name, bytes) each."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        "Content-Type: image/png\r\n\r\n".encode()
        + data
        + b"\r\n"
        for name, data in files
    ]
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), {
        "Content_Type": f"multipart/form-data; boundary={boundary}"
    }


@contextmanager
def running_depth(*networks, lanes=1, load=None, **settings):
    """A service, on a free port unless one is said; `settings` are those of `ServeSettings`."""
    networks = networks or (Network(),)
    settings = ServeSettings(**{"port": 0, **settings})
    service = Service(settings, load or (lambda: loaded(*networks, lanes=lanes)))
    failed = []
    thread = threading.Thread(target=_run, args=(service, failed), daemon=True)
    thread.start()
    try:
        client = Asking(service.address)
        if load is None:
            until(lambda: client.ask("/readyz").status == 200)
        yield client
    finally:
        for network in networks:
            network.gate.set()
        service.stop()
        thread.join(BOUND)
        assert not thread.is_alive()
        assert failed == []


@contextmanager
def own_process(*words):
    """This file with those words, in a process of its own; it is killed at the end."""
    command = [sys.executable, __file__, *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def own_service(folder, *store):
    """A service in a process of its own; it is killed at the end."""
    with own_process(folder, *store) as process:
        client = Asking(process.stdout.readline().strip())
        client.process = process
        until(lambda: client.ask("/readyz").status == 200, PATIENT)
        yield client


class RunNetwork:
    """A network as the engine of a run."""

    sha256, runtime_name, precision = "sum of green", "stand-in", "fp32"

    def __init__(self, network):
        self.network, self.name, self.lanes = network, network.name, (self,)
        self.input_size, self.estimate_picture = network.input_size, network.estimate_picture

    def estimate(self, image):
        return self.estimate_picture(Picture.of_bgr(image))

    def warm_up(self, width, height):
        pass


@contextmanager
def running_worker(folder, store, network, **settings):
    """A worker in a thread; it gives jobs back at the end."""
    worker = JobWorker(folder, store, lambda: RunNetwork(network), **settings)
    failed = []
    thread = threading.Thread(target=_run, args=(worker, failed), daemon=True)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(BOUND)
        assert not thread.is_alive()
        assert failed == []


def until(holds, seconds=BOUND):
    give_up_at = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up_at, "it did not come to that in time"
        time.sleep(0.01)


def _run(service, failed):
    try:
        service.run()
    except Exception as error:
        failed.append(error)


def _lower(headers):
    return {name.lower(): value for name, value in headers.items()}


def at_once(*calls):
    """Threads that make the calls, and what they return."""
    said = [None] * len(calls)

    def run(place, call):
        said[place] = call()

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    return threads, said


def pictures(count):
    return [encoded(".png", picture(20 + number, 20)) for number in range(count)]


@contextmanager
def filled(client, network):
    """One picture is worked on and another waits, where there is room for one; yields what waits for both."""
    network.gate.clear()
    first, second = pictures(2)
    running, said = at_once(lambda: client.depth(first))
    assert network.begun.acquire(timeout=BOUND)
    waiting, more = at_once(lambda: client.depth(second))
    until(lambda: "streamdepth_queue_depth 1" in client.ask("/metrics").body.decode())

    def until_free():
        network.gate.set()
        for thread in (*running, *waiting):
            thread.join(BOUND)

    try:
        yield until_free
    finally:
        until_free()
    assert [one.status for one in (*said, *more)] == [200, 200]


def main(folder, store="", word="serve"):
    network = Network(most=300)  # of a longer film, so that it is not over before it is killed
    leases.LEASE = work.LEASE = 2.0
    if word == "worker":
        JobWorker(Path(folder), store, lambda: RunNetwork(network)).run()
        return
    settings = ServeSettings(port=0, jobs=Path(folder), jobs_store=store)
    service = Service(settings, lambda: loaded(network))
    sys.stdout.write(f"{service.address}\n")
    sys.stdout.flush()
    service.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
