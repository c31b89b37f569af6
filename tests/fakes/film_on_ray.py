"""Renders a film by one run and by two workers of Ray, one of which is killed at work; prints what came of it as JSON.

python film_on_ray.py FOLDER [machines]

They hand files on by S3. With `machines` there are two of one processor each that share the folder; the second
of them dies.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

from films import content
from s3_servers import an_s3
from squares import EVERY, film_of_squares

from streamdepth.cluster.on_ray import OnRay
from streamdepth.cluster.run import ClusterRun
from streamdepth.reporting.events import Said
from streamdepth.resuming.resumable_output import ResumableOutput
from streamdepth.run.run import Run
from streamdepth.run.spec import InputSpec, NetworkSpec, OutputSpec, PictureSpec, RunSpec


def spec_of(folder: Path, name: str, store: str | None = None) -> RunSpec:
    outputs = OutputSpec(
        output=folder / f"{name}.mp4",
        depth_output=folder / f"{name}-depth.npy",
        cluster="local",
        cluster_store=store,
    )
    network = NetworkSpec(model="nano", size=64, engine="onnxruntime", precision="fp32")
    picture = PictureSpec(range="global")
    return RunSpec(
        InputSpec(input=str(folder / "source.mp4")), output=outputs, network=network, picture=picture
    )


def kill_a_worker() -> None:
    """The first that is at work in this network."""
    own, give_up_at = Path("/proc/self/ns/net").readlink(), time.monotonic() + 100
    while time.monotonic() < give_up_at:
        for place in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                at_work = (place / "cmdline").read_bytes().startswith(b"ray::carry_out")
                if at_work and (place / "ns" / "net").readlink() == own:
                    os.kill(int(place.name), signal.SIGKILL)
                    return
        time.sleep(0.02)


def kill_a_machine(machine: Any) -> None:
    """With all that runs on it, once a worker there is at work."""
    raylet, give_up_at = machine.all_processes["raylet"][0].process.pid, time.monotonic() + 100
    while time.monotonic() < give_up_at:
        for place in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, IndexError):
                parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == raylet and (place / "cmdline").read_bytes().startswith(b"ray::carry_out"):
                    os.kill(raylet, signal.SIGKILL)
                    os.kill(int(place.name), signal.SIGKILL)
                    return
        time.sleep(0.02)


@contextmanager
def two_machines() -> Iterator[tuple[str, Any]]:
    """The address of a cluster, and the second machine of it."""
    from ray.cluster_utils import Cluster

    each = {"num_cpus": 1, "object_store_memory": 80 << 20}
    soon = {"health_check_period_ms": 300, "health_check_failure_threshold": 3}
    alone = {"include_dashboard": False, "include_log_monitor": False, "no_monitor": True}  # each a process
    cluster = Cluster(True, head_node_args={**each, **alone, "_system_config": soon})
    try:
        yield cluster.address, cluster.add_node(**each)
    finally:
        cluster.shutdown()


def on_two_machines(folder: Path) -> None:
    ResumableOutput.every = ClusterRun.every = EVERY
    film_of_squares(folder / "source.mp4")
    Run(spec_of(folder, "one")).execute()
    said: list[str] = []
    with two_machines() as (address, second):

        def hear(event: Any) -> None:
            if isinstance(event, Said):
                said.append(event.line)
                if event.line.startswith("depth is inferred"):
                    Thread(target=kill_a_machine, args=(second,), daemon=True).start()

        stats = ClusterRun(
            spec_of(folder, "many"), lambda _, notify: OnRay(address, notify), observe=hear
        ).execute()
    same = content(folder / "one.mp4") == content(folder / "many.mp4")
    sys.stdout.write(json.dumps({"same film": same, "written": stats.written, "said": said}) + "\n")


def main(folder: Path) -> None:
    ResumableOutput.every = ClusterRun.every = EVERY
    film_of_squares(folder / "source.mp4")
    Run(spec_of(folder, "one")).execute()
    said: list[str] = []

    def hear(event: Any) -> None:
        if isinstance(event, Said):
            said.append(event.line)
            if event.line.startswith("depth is inferred"):
                Thread(target=kill_a_worker, daemon=True).start()

    with an_s3() as server, redirect_stdout(StringIO()) as printed:
        os.environ.update(server.environment)
        stats = ClusterRun(
            spec_of(folder, "many", "s3://films/work"),
            lambda where, notify: OnRay(where, notify, 2),
            observe=hear,
        ).execute()
        stored = server.names()
    numbers = [(folder / f"{name}-depth.npy").read_bytes() for name in ("one", "many")]
    told = {
        "same film": content(folder / "one.mp4") == content(folder / "many.mp4"),
        "same numbers": numbers[0] == numbers[1],
        "written": stats.written,
        "said": said,
        "printed": printed.getvalue(),
        "stored": stored,
        "left": sorted(path.name for path in folder.iterdir()),
        "environment": sorted(
            {"RAY_USAGE_STATS_ENABLED", "RAY_AUTH_MODE", "RAY_AUTH_TOKEN"} & set(os.environ)
        ),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    (on_two_machines if "machines" in sys.argv else main)(Path(sys.argv[1]))
