#!/usr/bin/env python
"""What several cameras cost in one process, beside a process for each: PSS, CPU, latency, recordings, in turns.

    .venv/bin/python scripts/bench/several_cameras.py [--cameras 4] [--size 1280x720] [--rate auto] [--watched 2]
                                                     [--seconds 20] [--rounds 3] [--before PACKAGE_FOLDER]
                                                     [--still 3] [--alone] [--engine onnxruntime]

The cameras are real RTSP servers (GStreamer's, run by the system's Python), each in a process of its own whose CPU is
not counted. All are recorded; each watched one has a viewer that takes JPEGs. Over `--seconds` it reports the
proportional set size (PSS, so that what processes share counts once), CPU seconds, and of each camera the depth maps a
second and the 95th percentile from capture to sink; of the recordings, kB a picture. `--before` has another version of
the package for the processes that have a camera each. One camera alone is measured with both, too. With `--rate auto`
the cameras give as many pictures a second as a process for each can carry here, all with depth.

SSIM is that of recordings without depth laid over them (`--alpha 0`), of the luma of pictures against what the camera
sent, which FFmpeg kept beside each run: the medians of both versions, one after the other.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from clips import ssim
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
NANO = Path("streamdepth/models/data/nano.onnx")
"""That of the version that is compared with, for both: a newer one may cost more and see more."""
SERVER = ROOT / "tests" / "fakes" / "rtsp_server.py"
SYSTEM_PYTHON = "/usr/bin/python3"
PACKAGES = "python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-{base,good,ugly}"
"""What the servers need."""
SETTLES = 8.0
"""Seconds from the moment when all give pictures until what is measured begins."""
RATES = (15, 12, 10, 8, 6, 5, 4, 3, 2, 1)
"""Pictures a second of each camera that `--rate auto` tries."""
CARRIED = 0.95
"""Share of the pictures that must have depth, or the machine did something else than what is compared."""
JUDGED = 15
"""Pictures of a recording whose SSIM is taken."""
BYTECODE = Path(tempfile.gettempdir()) / "streamdepth-bytecode"
"""Compiled modules, which an installed package has: else what compiling leaves in memory is measured, too."""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Taken:
    """What some processes took together."""

    megabytes: float
    cpu: float
    """Seconds a second."""
    rates: tuple[float, ...]
    """Depth maps a second of each camera."""
    late: float | None
    """The worst 95th percentile from capture to sink, in milliseconds."""
    kilobytes: float
    """Of the recordings, for a picture."""

    @property
    def cpu_of_map(self) -> float:
        """Milliseconds of CPU for a depth map with all that belongs to it."""
        return 1000 * self.cpu / max(1e-9, sum(self.rates))


@dataclass(frozen=True)
class Setting:
    """What is measured."""

    size: str
    watched: int
    seconds: float
    more: tuple[str, ...] = ()
    """Words of every run."""


@contextmanager
def rtsp_servers(count: int, still: int, size: str, rate: int) -> Iterator[list[str]]:
    """Addresses of so many cameras, before the last `still` of which nothing moves."""
    with ExitStack() as stack:
        addresses = []
        for number in range(count):
            command = [SYSTEM_PYTHON, str(SERVER), "--size", size, "--rate", str(rate)]
            command += ["--still"] if number >= count - still else []
            try:
                server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            except OSError as error:
                raise SystemExit(
                    f"the cameras cannot be run: {error} (apt-get install {PACKAGES})"
                ) from error
            stack.enter_context(server)
            stack.callback(server.kill)
            assert server.stdout is not None
            port = server.stdout.readline()
            if not port:  # it has said why
                raise SystemExit(f"a camera ended at once (apt-get install {PACKAGES})")
            addresses.append(f"rtsp://127.0.0.1:{int(port)}/camera")
        yield addresses


@contextmanager
def running(
    package: Path, folder: Path, inputs: Sequence[str], more: Sequence[str] = ()
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A run of the command and the address of its page."""
    output = folder if len(inputs) > 1 else folder / "one.mp4"
    words = [*(f"--input={one}" for one in inputs), "--webrtc", "--port", "0"]
    words += ["--output", str(output), "--report", str(folder / "report.json"), *more]
    command = [sys.executable, "-m", "streamdepth", *words]
    around = {**os.environ, "PYTHONPATH": str(package), "PYTHONPYCACHEPREFIX": str(BYTECODE)}
    around.pop("PYTHONDONTWRITEBYTECODE", None)
    # With -m, the folder in which it is run comes before that of PYTHONPATH.
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=around, cwd=folder, start_new_session=True
    )
    try:
        assert process.stderr is not None
        line = next(line for line in process.stderr if "watch at " in line)
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield process, line.split("watch at ")[1].strip().rstrip("/")
        process.send_signal(signal.SIGINT)
        process.wait(30)
    finally:
        process.kill()


def watch(address: str) -> None:
    """Take JPEGs for as long as they come."""

    def take() -> None:
        with urllib.request.urlopen(address, timeout=60) as answer:
            while answer.read(65536):
                pass

    def try_to_take() -> None:
        try:
            take()
        except OSError:
            return  # the run has ended

    threading.Thread(target=try_to_take, daemon=True).start()


def written(address: str, name: str | None) -> int:
    path = "/api/state" if name is None else f"/api/cameras/{name}/state"
    with urllib.request.urlopen(address + path, timeout=10) as answer:
        return int(json.load(answer)["frames"]["written"])


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def pss(pid: int) -> float:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in rollup if line.startswith("Pss:")) / 1024


def measured(
    package: Path,
    groups: Sequence[Sequence[tuple[str | None, str]]],
    setting: Setting,
    more: Sequence[str] = (),
) -> Taken:
    """Of a process for each group of cameras, which are (name, address)."""
    with tempfile.TemporaryDirectory() as root, ExitStack() as stack:
        runs, cameras = [], []
        for number, group in enumerate(groups):
            folder = Path(root) / str(number)
            folder.mkdir()
            inputs = [address if name is None else f"{name}={address}" for name, address in group]
            process, page = stack.enter_context(running(package, folder, inputs, (*setting.more, *more)))
            runs.append((process, folder))
            cameras += [(page, name) for name, _ in group]
        for page, name in cameras:
            wait_for_picture(page, name)
        for page, name in cameras[: setting.watched]:
            watch(page + ("/stream.mjpg" if name is None else f"/stream/{name}.mjpeg"))
        time.sleep(SETTLES)
        pids = [process.pid for process, _ in runs]
        began, before = time.monotonic(), sum(map(cpu_seconds, pids))
        counts = [written(page, name) for page, name in cameras]
        time.sleep(setting.seconds)
        lasted = time.monotonic() - began
        used = (sum(map(cpu_seconds, pids)) - before) / lasted
        rates = [
            (written(page, name) - count) / lasted
            for (page, name), count in zip(cameras, counts, strict=True)
        ]
        memory = sum(map(pss, pids))
        stack.close()
        found = [one for _, folder in runs for one in reports(folder / "report.json")]
        late = [one["latency_ms"]["p95"] for one in found if one["latency_ms"]["p95"] is not None]
        size = sum(path.stat().st_size for path in Path(root).rglob("*.mp4"))
        pictures = sum(one["frames"]["written"] for one in found)
        return Taken(memory, used, tuple(rates), max(late, default=None), size / 1000 / max(1, pictures))


def wait_for_picture(page: str, name: str | None) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if written(page, name):
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit(f"{name or page} gave no picture")


def reports(path: Path) -> list[dict[str, Any]]:
    """Of each camera of a run."""
    report = json.loads(path.read_text())
    return [section["report"] for section in report["cameras"]] if "cameras" in report else [report]


def carried_rate(package: Path, setting: Setting, cameras: int) -> int:
    """The most pictures a second of each camera for which a process each has enough here."""
    for rate in RATES:
        with rtsp_servers(cameras, 0, setting.size, rate) as addresses:
            taken = measured(package, [[(None, one)] for one in addresses], replace(setting, seconds=8.0))
        if min(taken.rates) >= CARRIED * rate:
            return rate
        print(f"at {rate}/s a process for each gets {min(taken.rates):.1f} maps/s", file=sys.stderr)
    raise SystemExit("not even a picture a second gets depth here: try it when the machine does less")


def quality(package: Path, address: str, setting: Setting) -> float:
    """The median SSIM of a recording without depth."""
    with tempfile.TemporaryDirectory() as root:
        folder, sent = Path(root), Path(root) / "sent.mkv"
        keeping = ["ffmpeg", "-v", "error", "-rtsp_transport", "tcp", "-i", address, "-c", "copy", str(sent)]
        with subprocess.Popen(keeping, stdin=subprocess.PIPE) as kept:
            with running(package, folder, [address], ["--alpha", "0", *setting.more]) as (_, page):
                wait_for_picture(page, None)
                time.sleep(setting.seconds)
            kept.communicate(b"q", 30)
        return statistics.median(likeness(folder / "one.mp4", sent))


def likeness(recording: Path, sent: Path) -> Iterator[float]:
    """SSIM of some pictures of a recording, each with what was sent that is most like it."""
    lumas = list(luma_of(sent))
    small = np.stack([thumbnail(one) for one in lumas])
    for luma in luma_of(recording, JUDGED):
        nearest = int(np.abs(small - thumbnail(luma)).mean((1, 2)).argmin())
        yield ssim(luma.astype(np.float32), lumas[nearest].astype(np.float32))


def luma_of(path: Path, last: int | None = None) -> Iterator[NDArray[np.uint8]]:
    """Of all pictures, or of the `last`: the first ones of a camera may have come before FFmpeg."""
    with av.open(str(path)) as container:
        for frame in deque(container.decode(video=0), maxlen=last):
            planes = frame.to_ndarray(format="yuv420p")
            yield planes[: frame.height, : frame.width].astype(np.uint8, copy=False)


def thumbnail(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(luma, (64, 36), interpolation=cv2.INTER_AREA), np.float32)


def row_of(name: str, label: str, taken: Taken) -> str:
    """A line of figures."""
    rates = " ".join(f"{rate:.1f}" for rate in taken.rates)
    return (
        f"{name:<10} {label:<12} {taken.megabytes:7.0f} MB PSS  {taken.cpu:5.2f} cores  "
        f"{taken.cpu_of_map:5.1f} ms of CPU a map  p95 {taken.late or 0.0:5.0f} ms  "
        f"{taken.kilobytes:5.1f} kB a picture  maps/s {rates}"
    )


def middle_of(taken: Sequence[Taken]) -> Taken:
    """The median of each figure."""
    return Taken(
        statistics.median(one.megabytes for one in taken),
        statistics.median(one.cpu for one in taken),
        tuple(map(statistics.median, zip(*(one.rates for one in taken), strict=True))),
        statistics.median(one.late or 0.0 for one in taken),
        statistics.median(one.kilobytes for one in taken),
    )


def compared(name: str, ours: Sequence[Taken], theirs: Sequence[Taken], rate: int) -> None:
    """Medians of both, and of the ratios of the pairs."""
    for label, taken in (("one process" if name != "alone" else "now", ours), ("before", theirs)):
        print(row_of(name, label, middle_of(taken)))
        if min(map(min, (one.rates for one in taken))) < CARRIED * rate:
            print(
                f"{name:<10} {label:<12} of {rate} pictures a second not all had depth: its figures say little"
            )
    for what in ("megabytes", "cpu", "cpu_of_map", "kilobytes"):
        pairs = [getattr(a, what) / getattr(b, what) for a, b in zip(ours, theirs, strict=True)]
        print(
            f"{name:<10} {what}: {statistics.median(pairs):.2f} of it ({', '.join(f'{p:.2f}' for p in pairs)})"
        )


def in_turns(
    addresses: Sequence[str], setting: Setting, wanted: argparse.Namespace
) -> tuple[list[Taken], ...]:
    """All rounds: one process, one for each, and of one camera alone now and before; each is printed as it comes."""
    together = [[(f"camera-{number}", address) for number, address in enumerate(addresses, 1)]]
    apart: list[list[tuple[str | None, str]]] = [[(None, address)] for address in addresses]
    more = ["--skip-still"] if wanted.still else []
    turns: list[tuple[str, str, Callable[[], Taken]]] = [
        ("together", "one process", lambda: measured(ROOT, together, setting, more)),
        ("together", "before", lambda: measured(wanted.before, apart, setting)),
    ]
    if wanted.alone:
        turns += [
            ("alone", "now", lambda: measured(ROOT, apart[:1], setting)),
            ("alone", "before", lambda: measured(wanted.before, apart[:1], setting)),
        ]
    sides: tuple[list[Taken], ...] = ([], [], [], [])
    for number in range(1, wanted.rounds + 1):
        print(f"round {number} of {wanted.rounds}", flush=True)
        for (name, label, take), side in zip(turns, sides, strict=False):
            side.append(take())
            print(row_of(name, label, side[-1]), flush=True)
    return sides


def check_programs() -> None:
    """Say at once what is not here, and not after minutes of measuring."""
    if shutil.which("ffmpeg") is None:
        raise SystemExit("ffmpeg is not here, which keeps what a camera sent (apt-get install ffmpeg)")
    with rtsp_servers(1, 0, "64x64", 1):
        pass


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--rate", default="auto", help="Pictures a second of each camera, or auto.")
    parser.add_argument("--watched", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--before", type=Path, default=ROOT, help="Folder of the package to compare with.")
    parser.add_argument("--still", type=int, default=0)
    parser.add_argument(
        "--engine", default="onnxruntime", help="For both: what is chosen depends on the load."
    )
    parser.add_argument("--alone", action="store_true", help="Also one camera alone.")
    wanted = parser.parse_args()
    check_programs()
    words = ("--engine", wanted.engine, "--model", str(wanted.before / NANO))
    setting = Setting(wanted.size, wanted.watched, wanted.seconds, words)
    is_auto = wanted.rate == "auto"
    rate = carried_rate(wanted.before, setting, wanted.cameras) if is_auto else int(wanted.rate)
    print(f"{wanted.cameras} cameras, {wanted.size}, {rate} pictures/s each, {wanted.watched} watched")
    with rtsp_servers(wanted.cameras, wanted.still, wanted.size, rate) as addresses:
        ours, theirs, now, then = in_turns(addresses, setting, wanted)
        like = [quality(package, addresses[0], setting) for package in (ROOT, wanted.before)]
    compared("together", ours, theirs, rate)
    if wanted.alone:
        compared("alone", now, then, rate)
    print(f"recordings  SSIM {like[0]:.4f} now, {like[1]:.4f} before")


if __name__ == "__main__":
    main()
