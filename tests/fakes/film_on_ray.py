"""Renders a film by one run and by two workers of Ray, one of which is killed at work; prints what came of it as JSON.

python film_on_ray.py FOLDER
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

import av
from squares import EVERY, film_of_squares

from streamdepth.cluster.on_ray import OnRay
from streamdepth.cluster.run import ClusterRun
from streamdepth.jobs.job import Job
from streamdepth.reporting.events import Said
from streamdepth.run.run import Run
from streamdepth.run.spec import InputSpec, NetworkSpec, OutputSpec, PictureSpec, RunSpec


def spec_of(folder: Path, name: str) -> RunSpec:
    outputs = OutputSpec(
        output=folder / f"{name}.mp4", depth_output=folder / f"{name}-depth.npy", cluster="local"
    )
    network = NetworkSpec(model="nano", size=64, engine="onnxruntime", precision="fp32")
    picture = PictureSpec(range="global")
    return RunSpec(
        InputSpec(input=str(folder / "source.mp4")), output=outputs, network=network, picture=picture
    )


def content(path: Path) -> list[tuple[Any, ...]]:
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux() if packet.size]
        return sorted((p.stream_index, p.pts, p.dts or 0, p.duration, bytes(p)) for p in packets)


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


def main(folder: Path) -> None:
    Job.every = ClusterRun.every = EVERY
    film_of_squares(folder / "source.mp4")
    Run(spec_of(folder, "one")).execute()
    said: list[str] = []

    def hear(event: Any) -> None:
        if isinstance(event, Said):
            said.append(event.line)
            if event.line.startswith("depth is inferred"):
                Thread(target=kill_a_worker, daemon=True).start()

    with redirect_stdout(StringIO()) as printed:
        stats = ClusterRun(
            spec_of(folder, "many"), lambda where, notify: OnRay(where, notify, 2), observe=hear
        ).execute()
    numbers = [(folder / f"{name}-depth.npy").read_bytes() for name in ("one", "many")]
    told = {
        "same film": content(folder / "one.mp4") == content(folder / "many.mp4"),
        "same numbers": numbers[0] == numbers[1],
        "written": stats.written,
        "said": said,
        "printed": printed.getvalue(),
        "left": sorted(path.name for path in folder.iterdir()),
        "environment": sorted(
            {"RAY_USAGE_STATS_ENABLED", "RAY_AUTH_MODE", "RAY_AUTH_TOKEN"} & set(os.environ)
        ),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
