#!/usr/bin/env python
"""What a rendered film costs beside a plain transcode: CPU seconds and peak memory of whole processes, in turns.

    .venv/bin/python scripts/bench/against_ffmpeg.py CLIP ... [--times 8] [--rounds 3] [--network MODEL] [--scale W:H]

The floor is `ffmpeg` with the settings of our encoder and as many threads. Each clip is played `--times` times in a
row, so that starting up counts little; the cost of one picture is reported separately. Python has its bytecode, as an
installed package has. "constant" is our run with the network replaced by a map that never changes: what is left is
decoding, preparing, drawing, encoding and the way between them. Ratios are medians of the pairs. `--network` is
what `--model` takes; `--scale` makes larger films of the clips.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import av

if TYPE_CHECKING:
    from streamdepth.run.run import Run

CORES = len(os.sched_getaffinity(0))
FLOOR = ("-c:v", "libx264", "-preset", "superfast", "-crf", "19", "-x264-params", "mbtree=1:rc-lookahead=10")
CONSTANT = "constant"


@dataclass(frozen=True)
class Cost:
    """What a process took."""

    seconds: float
    """Of CPU, on all cores."""
    peak: float
    """MB of resident memory."""


def cost_of(command: Sequence[str | Path], compiled: Path) -> Cost:
    """Run to the end, with Python's bytecode in the folder `compiled`; raises CalledProcessError where it failed."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environ["PYTHONPYCACHEPREFIX"] = str(compiled)
    process = subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environ
    )
    assert process.stderr is not None
    printed = process.stderr.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(
            process.returncode, command, stderr=printed.decode(errors="replace")
        )
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000)


def transcode(film: Path, target: Path) -> list[str | Path]:
    return [
        "ffmpeg",
        "-v",
        "error",
        "-y",
        "-i",
        film,
        "-threads",
        str(min(4, CORES)),
        *FLOOR,
        "-c:a",
        "copy",
        target,
    ]


def ours(film: Path, target: Path, network: str) -> list[str | Path]:
    if network == CONSTANT:
        return [sys.executable, __file__, "--render-constant", film, target]
    words = (
        "--input",
        film,
        "--output",
        target,
        "--model",
        network,
        "--precision",
        "fp32",
    )
    return [sys.executable, "-m", "streamdepth", *words]


def render_constant(film: str, target: str) -> None:
    """A run as the command line makes it, of which only the network is missing."""
    from streamdepth.heap import loading
    from streamdepth.quiet import SLEEP_WHEN_IDLE

    os.environ.setdefault(*SLEEP_WHEN_IDLE)
    with loading():
        run = constant_run(film, target)
    run.execute()


def constant_run(film: str, target: str) -> Run:
    """The run of `render_constant`, with what it imports."""
    import numpy as np
    from numpy.typing import NDArray

    from streamdepth.frames import DepthMap
    from streamdepth.pixels import Picture
    from streamdepth.run.importing import import_for
    from streamdepth.run.run import Run
    from streamdepth.run.spec import InputSpec, OutputSpec, RunSpec

    class Constant:
        """Says of every picture that it is a slope."""

        name, runtime_name, precision, sha256 = "constant", "none", "fp32", "0" * 64

        def __init__(self) -> None:
            self.map = DepthMap(np.tile(np.linspace(0, 1, 128, dtype=np.float32)[:, None], 256))

        @property
        def lanes(self) -> list[Constant]:
            return [self] * CORES

        def warm_up(self, width: int, height: int) -> None:
            """Nothing is compiled."""

        def input_size(self, width: int, height: int) -> tuple[int, int]:
            return 256, 128

        def estimate(self, image: NDArray[np.uint8]) -> DepthMap:
            return self.map

        def estimate_picture(self, picture: Picture) -> DepthMap:
            return self.map

    spec = RunSpec(input=InputSpec(input=film), output=OutputSpec(output=Path(target)))
    import_for(spec)
    return Run(spec, engines=lambda *_: Constant())


def repeated(clip: Path, times: int, target: Path, scale: str | None) -> Path:
    """The clip so many times in a row; with `scale`, encoded anew in that size."""
    coding = ("-vf", f"scale={scale}", "-c:v", "libx264", "-preset", "veryfast") if scale else ("-c", "copy")
    loop = ("-stream_loop", str(times - 1), "-i", str(clip))
    subprocess.run(["ffmpeg", "-v", "error", "-y", *loop, *coding, str(target)], check=True)
    return target


def measure(clip: Path, wanted: argparse.Namespace, folder: Path) -> None:
    film = repeated(clip, wanted.times, folder / "film.mp4", wanted.scale)
    single = repeated(clip, 1, folder / "single.mp4", wanted.scale)
    first = folder / "first.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", single, "-frames:v", "1", first], check=True)
    with av.open(str(film)) as container:
        video = container.streams.video[0]
        pictures, size = video.frames, f"{video.width}x{video.height}"
    target = folder / "out.mp4"
    print(
        f"\n| {clip.name}, {size}, {pictures} pictures | start, CPU s | CPU s | ratio | core-ms a picture | peak, MB |"
    )
    print("|---|---|---|---|---|---|")
    networks = (CONSTANT, *wanted.network)
    floors: list[Cost] = []
    found: dict[str, list[Cost]] = {network: [] for network in networks}
    compiled = folder / "bytecode"
    for network in networks:  # an installed package has it
        cost_of(ours(first, target, network), compiled)
    for _ in range(wanted.rounds):
        floors.append(cost_of(transcode(film, target), compiled))
        for network in networks:
            found[network].append(cost_of(ours(film, target, network), compiled))
    start = cost_of(transcode(first, target), compiled).seconds
    _line("ffmpeg", start, floors, floors, pictures)
    for network, costs in found.items():
        _line(network, cost_of(ours(first, target, network), compiled).seconds, costs, floors, pictures)


def _line(name: str, start: float, costs: list[Cost], floors: list[Cost], pictures: int) -> None:
    seconds = statistics.median(cost.seconds for cost in costs)
    ratio = statistics.median(cost.seconds / floor.seconds for cost, floor in zip(costs, floors, strict=True))
    each = (seconds - start) / pictures * 1000
    peak = max(cost.peak for cost in costs)
    print(f"| {name} | {start:.2f} | {seconds:.2f} | {ratio:.2f} | {each:.2f} | {peak:.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--times", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--network", action="append", default=[])
    parser.add_argument("--scale")
    wanted = parser.parse_args()
    wanted.network = wanted.network or ["nano"]
    print(f"{date.today()}, {CORES} cores, medians of {wanted.rounds} rounds in turns")
    with tempfile.TemporaryDirectory() as name:
        for clip in wanted.clips:
            measure(clip, wanted, Path(name))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--render-constant"]:
        render_constant(*sys.argv[2:])
    else:
        main()
