#!/usr/bin/env python3
"""Kill the service as it is deployed, in mid-job: nothing that was accepted is lost, and films have the same frames.

    scripts/soak/kills.py                                        # worker, redis, one, all
    scripts/soak/kills.py --rounds 8 --pictures 1500 --seed 3

Two services behind a real nginx (the site of deploy/nginx), a real Redis that keeps each write, and a worker, all by
the real command. Each round sends a film, sends SIGKILL to its victims when a random part of it is done, starts them
again at once, and waits until the job has ended: its frames must be those of a job that was left alone. Meanwhile a
client asks for the depth of pictures, and asks again after a 503, as clients do: each must be answered. Prints
a line a round and leaves with 1 where anything is wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import cv2
import numpy as np

from streamdepth.threads.worker import Flag, Worker

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "fakes"))
BOUND = 180.0
"""Seconds for anything that should take a few; a lease lasts 30."""
RAW = {"Content_Type": "application/octet-stream"}
VICTIMS = {
    "worker": ("worker",),
    "redis": ("redis",),
    "one": ("one",),
    "all": ("worker", "redis", "one", "other"),
}
NETWORK = ("--model", "nano", "--engine", "onnxruntime")


class House:
    """All processes of a deployment; each can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name in ("redis", "jobs"):  # a worker ends where the folder of jobs is not there yet
            (folder / name).mkdir()
        nginx, redis = import_module("nginx"), import_module("redis_servers")
        self.ports = {name: nginx.free_port() for name in ("one", "other", "redis")}
        store = ["--jobs", str(folder / "jobs"), "--jobs-store", f"redis://127.0.0.1:{self.ports['redis']}"]
        ours = [sys.executable, "-m", "streamdepth"]
        serve = [*ours, "serve", *store, *NETWORK, "--lanes", "1", "--cache", "none", "--port"]
        durable = [redis.REDIS, *redis.DURABLE, "--save", ""]
        self._commands = {
            "redis": [*durable, "--port", str(self.ports["redis"]), "--dir", str(folder / "redis")],
            "one": [*serve, str(self.ports["one"])],
            "other": [*serve, str(self.ports["other"])],
            "worker": [*ours, "worker", *store, *NETWORK],
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        """These begin."""
        for name in names:
            with (self._folder / f"{name}.log").open("ab") as log:
                self._running[name] = subprocess.Popen(self._commands[name], stdout=log, stderr=log)

    def kill(self, *names: str) -> None:
        """Wait until these processes, killed without warning, are gone."""
        for name in names:
            self._running[name].send_signal(signal.SIGKILL)
        for name in names:
            self._running.pop(name).wait(BOUND)

    def close(self) -> None:
        """None is left."""
        self.kill(*self._running)


class Clients:
    """Ask for one picture after the other until closed; the answers are counted in `statuses`."""

    def __init__(self, ask: Callable[..., Any], picture: bytes) -> None:
        self._ask = ask
        self._picture = picture
        self._ending = Flag()
        self.statuses: Counter[str] = Counter()
        self.longest = 0.0
        """Seconds from the first asking for a picture to its answer."""
        self._worker = Worker("clients", self._run, on_error=lambda _error: None).start()

    def _run(self) -> None:
        while not self._ending.wait(0.02):
            began = time.monotonic()
            while not self._is_answered() and not self._ending.wait(0.1):
                assert time.monotonic() < began + BOUND, "a picture is not answered"
            self.longest = max(self.longest, time.monotonic() - began)

    def _is_answered(self) -> bool:
        try:
            status = self._ask("/v1/depth", self._picture, **RAW).status
        except OSError as error:  # the one that had it was killed in the middle of its answer
            status = type(error).__name__
        self.statuses[str(status)] += 1
        assert status not in (500, 502, 504), status
        return bool(status == 200)

    def close(self) -> None:
        """Raise what went wrong."""
        self._ending.set()
        self._worker.join(BOUND)


def until(look: Callable[[], Any]) -> Any:
    """What `look` gives when it gives something; a service that is away is asked again."""
    give_up_at = time.monotonic() + BOUND
    while True:
        try:
            if found := look():
                return found
        except OSError:
            pass
        assert time.monotonic() < give_up_at, "it did not come to that in time"
        time.sleep(0.1)


def film(path: Path, pictures: int) -> bytes:
    """A film whose pictures are all different."""
    noise = np.random.default_rng(0).integers(0, 255, (96, 160 + pictures, 3), dtype=np.uint8)
    wide = cv2.GaussianBlur(noise, (0, 0), 6)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for place in range(pictures):
            image = np.ascontiguousarray(wide[:, place : place + 160], np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "bgr24")))
        container.mux(stream.encode(None))
    return path.read_bytes()


def frames_of(data: bytes, path: Path) -> list[str]:
    """A sum of each frame of a film."""
    path.write_bytes(data)
    with av.open(str(path)) as container:
        return [
            hashlib.sha256(frame.to_ndarray().tobytes()).hexdigest() for frame in container.decode(video=0)
        ]


def rendered(ask: Callable[..., Any], name: str, data: bytes, disturb: Callable[[str], None]) -> bytes:
    """What comes of a job, in the midst of which something happens."""
    path = f"/v1/jobs/{name}"
    until(lambda: ask(path, data, method="PUT", **RAW).status in (200, 202))
    disturb(path)
    document = until(lambda: over(ask(path)))
    assert document["state"] == "done", document
    return bytes(until(lambda: whole(ask(f"{path}/result"))))


def over(answer: Any) -> dict[str, Any] | None:
    """The JSON of a job, once it has ended."""
    document: dict[str, Any] = answer.json if answer.status == 200 else {}
    assert answer.status in (200, 503), f"what was accepted is lost: {answer.status}"
    return document if document.get("state") in ("done", "failed", "cancelled") else None


def whole(answer: Any) -> bytes | None:
    """The result, where it is answered."""
    return answer.body if answer.status == 200 else None


def one_round(house: House, ask: Callable[..., Any], round_: dict[str, Any], data: bytes) -> bytes:
    """A job whose house is hit; `round_` gets the figures of each round."""

    def disturb(path: str) -> None:
        until(lambda: ask(path).json.get("frames", 0) >= round_["at"])
        house.kill(*VICTIMS[round_["victims"]])
        house.start(*VICTIMS[round_["victims"]])

    began = time.monotonic()
    result = rendered(ask, f"round-{round_['number']}", data, disturb)
    round_["seconds"] = round(time.monotonic() - began, 1)
    return result


def main() -> int:
    """All rounds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--pictures", type=int, default=800)
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    chance, wrong = random.Random(wanted.seed), 0
    picture = bytes(cv2.imencode(".jpg", np.full((72, 128, 3), 90, np.uint8))[1])
    with TemporaryDirectory() as name, ExitStack() as open_:
        folder = Path(name)
        house = House(folder)
        open_.callback(house.close)
        house.start("redis", "one", "other", "worker")
        ports = house.ports["one"], house.ports["other"]
        ask = open_.enter_context(import_module("nginx").running_nginx(folder / "nginx", *ports)).ask
        data = film(folder / "film.mp4", wanted.pictures)
        until(lambda: ask("/readyz").status == 200)
        unbroken = frames_of(rendered(ask, "left-alone", data, lambda _path: None), folder / "result.mp4")
        assert len(unbroken) == wanted.pictures, len(unbroken)
        for number in range(wanted.rounds):
            victims = [*VICTIMS][number % len(VICTIMS)]
            document = {
                "number": number,
                "victims": victims,
                "at": chance.randrange(1, wanted.pictures * 3 // 4),
            }
            clients = Clients(ask, picture)
            same = frames_of(one_round(house, ask, document, data), folder / "result.mp4") == unbroken
            clients.close()
            wrong += not same
            statuses = {**clients.statuses}
            print(
                f"{document}: {'the same' if same else 'OTHER'} frames; pictures {statuses}, {clients.longest:.1f} s",
                flush=True,
            )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
