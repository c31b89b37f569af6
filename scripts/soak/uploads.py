#!/usr/bin/env python3
"""Send broken and hostile uploads to `streamdepth serve`: each is refused or answered rightly, and nothing is left.

    scripts/soak/uploads.py --count 500 --jobs 84
    scripts/soak/uploads.py --count 500 --jobs 84 --nginx        # over TLS, through the site of deploy/nginx

Pictures go to /v1/depth: truncated, with bits flipped, bombs, of the wrong type, of 1x1 and 1x20000 pixels, for
print, in 16 bits, animated, turned, in odd forms. Of what is right, the depth must be that of the same pixels in a
plain PNG. Films and zips go to /v1/jobs: with names that lead elsewhere, links, bombs, lies. The same seed sends the
same. Afterwards the service must still answer, with the threads, files and memory that it had, and its temporary
folder, the folder of jobs and what lies around that must be as before. Prints one JSON object and leaves with 1 where
anything is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "fakes"))
BOUND = 60.0
"""Seconds for anything that should take a few."""
GROWTH = 100.0
"""MB that memory may be larger than after the same uploads had been warmed up with."""
APART = 0.05
"""Of the span of a depth map, in the mean, from that of the same pixels; a wrong turn makes 0.2."""
RAW = {"Content_Type": "application/octet-stream"}
Ask = Callable[..., Any]


@dataclass
class Found:
    """What became of all."""

    statuses: Counter[str] = field(default_factory=Counter)
    slowest: dict[str, float] = field(default_factory=dict)
    """Seconds, by kind."""
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Held:
    """What a process holds of its machine."""

    threads: int
    files: int
    megabytes: float

    @classmethod
    def of(cls, pid: int) -> Held:
        """As it is now."""
        place = Path(f"/proc/{pid}")
        rollup = (place / "smaps_rollup").read_text(encoding="ascii")
        pss = re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)
        assert pss is not None
        files = len(list((place / "fd").iterdir()))
        return cls(len(list((place / "task").iterdir())), files, int(pss[1]) / 1000)


@contextmanager
def serving(folder: Path, log: Path) -> Iterator[tuple[int, str]]:
    """The real command: its process and its address. What it may leave behind lies in `folder`."""
    for name in ("temporary", "around"):
        (folder / name).mkdir()
    command = [
        sys.executable,
        "-m",
        "streamdepth",
        "serve",
        "--port",
        "0",
        "--model",
        "nano",
        "--cache",
        "none",
    ]
    command += ["--engine", "onnxruntime", "--jobs", str(folder / "around" / "jobs")]
    environment = {**os.environ, "TMPDIR": str(folder / "temporary")}
    with log.open("w") as errors:
        process = subprocess.Popen(command, stderr=errors, env=environment)
    try:
        yield process.pid, until(lambda: address_in(log, process))
    finally:
        process.terminate()
        process.wait(BOUND + 30)


def address_in(log: Path, process: subprocess.Popen[bytes]) -> str | None:
    """Where a service is ready, when it is."""
    said = log.read_text(encoding="utf-8")
    assert process.poll() is None, said
    listening = re.search(r"listening on (http://\S+?)/", said)
    return listening[1] if listening is not None and "ready:" in said else None


def until(look: Callable[[], Any]) -> Any:
    """What `look` gives when it gives something."""
    give_up_at = time.monotonic() + BOUND
    while not (found := look()):
        assert time.monotonic() < give_up_at, "it did not come to that in time"
        time.sleep(0.05)
    return found


def send_picture(ask: Ask, seed: int, found: Found) -> None:
    """One upload to /v1/depth, judged."""
    name, sent = import_module("hostile_pictures").of(seed)
    began = time.monotonic()
    answer = ask("/v1/depth", sent.body, **sent.headers)
    seconds = time.monotonic() - began
    found.statuses[str(answer.status)] += 1
    found.slowest[name] = max(found.slowest.get(name, 0.0), round(seconds, 2))
    if answer.status not in sent.statuses:
        found.faults.append(f"{name} ({seed}): {answer.status}, {answer.body[:200]!r}")
    elif answer.status == 200 and (wrong := wrong_with(ask, answer, sent)):
        found.faults.append(f"{name} ({seed}): {wrong}")


def wrong_with(ask: Ask, answer: Any, sent: Any) -> str:
    """What is wrong with a heat map; empty where nothing is."""
    if answer.image is None:
        return "the answer is no picture"
    if sent.shown is None:
        return ""
    if answer.image.shape[:2] != sent.shown.shape[:2]:
        return f"{answer.image.shape[:2]} instead of {sent.shown.shape[:2]}"
    plain = cv2.imencode(".png", sent.shown)[1].tobytes()
    document = values(ask, sent.body, **sent.headers), values(ask, plain, **RAW)
    apart = float(np.abs(document[0] - document[1]).mean() / max(float(np.ptp(document[1])), 1e-6))
    return "" if apart < APART or min(sent.shown.shape[:2]) == 1 else f"the depth is {apart:.2f} apart"


def values(ask: Ask, body: bytes, **headers: str) -> Any:
    """The depth map of a picture."""
    answer = ask("/v1/depth?size=network", body, Accept="application/x-npy", **headers)
    assert answer.status == 200, answer.body
    return np.load(import_module("io").BytesIO(answer.body))


def send_job(ask: Ask, seed: int, found: Found) -> None:
    """One upload to /v1/jobs, judged when it has ended, and removed."""
    name, job = import_module("hostile_jobs").of(seed)
    path = f"/v1/jobs/job-{seed}"
    began = time.monotonic()
    answer = ask(path, job.body, method="PUT", **RAW)
    found.statuses[f"job {answer.status}"] += 1
    if answer.status not in job.statuses:
        found.faults.append(f"{name} ({seed}): {answer.status}, {answer.body[:200]!r}")
    if answer.status == 202:
        ended = until(lambda: over(ask(path).json))
        found.statuses[f"job {ended['state']}"] += 1
        if ended["state"] not in job.ends or "the service failed" in ended.get("reason", ""):
            found.faults.append(f"{name} ({seed}): {ended}")
        assert ask(path, method="DELETE").status == 204
    found.slowest[name] = max(found.slowest.get(name, 0.0), round(time.monotonic() - began, 2))


def over(document: dict[str, Any]) -> dict[str, Any] | None:
    """The JSON of a job, once it is over."""
    return document if document["state"] in ("done", "failed") else None


def send(ask: Ask, wanted: argparse.Namespace, found: Found) -> None:
    """All of them, one after the other."""
    for seed in range(wanted.seed, wanted.seed + wanted.count):
        send_picture(ask, seed, found)
    for seed in range(wanted.seed, wanted.seed + wanted.jobs):
        send_job(ask, seed, found)


def left_in(folder: Path) -> list[str]:
    """What lies in the folders that a service may write to, or must not; its records are its own."""
    places = [folder / "temporary", folder / "around"]
    found = [path for place in places for path in place.rglob("*")]
    own = re.compile(r"jobs(/jobs|/jobs\.\S+)?")
    document = [
        str(path.relative_to(folder / "around" if "around" in path.parts else folder)) for path in found
    ]
    return sorted(name for name in document if own.fullmatch(name) is None)


def settled(pid: int, before: Held) -> Held:
    """What a process holds when connections that were kept alive are given up, after some ten seconds."""
    give_up_at = time.monotonic() + 20
    while (now := Held.of(pid)).files > before.files and time.monotonic() < give_up_at:
        time.sleep(0.2)
    return now


def judge_rest(before: Held, after: Held, folder: Path, log: Path, found: Found) -> None:
    """What is left of them."""
    if after.threads > before.threads or after.files > before.files:
        found.faults.append(f"threads and files: {before} before, {after} after")
    if after.megabytes > before.megabytes + GROWTH:
        found.faults.append(f"memory: {before.megabytes:.0f} MB before, {after.megabytes:.0f} after")
    found.faults += [f"left behind: {name}" for name in left_in(folder)]
    said = log.read_text(encoding="utf-8")
    if "Traceback" in said:
        found.faults.append(f"the log has a traceback: {said[said.index('Traceback') :][:2000]}")


def main() -> int:
    """Send all, and print what became of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=500, help="pictures")
    parser.add_argument("--jobs", type=int, default=84, help="films and zips")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--nginx", action="store_true")
    wanted = parser.parse_args()
    found = Found()
    with TemporaryDirectory() as name, ExitStack() as open_:
        folder, log = Path(name) / "service", Path(name) / "log"
        folder.mkdir()
        pid, address = open_.enter_context(serving(folder, log))
        direct = ask = import_module("depth_services").Asking(address).ask
        if wanted.nginx:
            port = address.rpartition(":")[2]
            ask = open_.enter_context(
                import_module("nginx").running_nginx(Path(name) / "nginx", port, port)
            ).ask
        warm = argparse.Namespace(seed=10_000, count=27, jobs=14)
        send(direct, warm, Found())
        before = Held.of(pid)
        send(ask, wanted, found)
        after = settled(pid, before)
        judge_rest(before, after, folder, log, found)
        send_picture(direct, 0, found)
    slowest = sorted(found.slowest.items(), key=lambda pair: -pair[1])[:5]
    document = {
        "statuses": dict(found.statuses),
        "slowest_s": dict(slowest),
        "before": vars(before),
        "after": vars(after),
    }
    print(json.dumps({**document, "faults": found.faults}, indent=1))
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
