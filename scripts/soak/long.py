#!/usr/bin/env python3
"""Render a film of very many small pictures by the command, and watch the memory of its process: it must stay flat.

    scripts/soak/long.py --pictures 60000

The film has sound, B-frames and a cut now and then. A picture of 64x48 takes 6 core-ms, half of which is the network at
the size of 64 (`-- --size 64`, unless other options are named): 60,000 take about six minutes of processor time.
Prints what was resident in each quarter of the time, and leaves with 1 where pictures are missing, or where the last
quarter needs more than `ALLOWED` MB beyond the second. It is Matroska that is written: FFmpeg's muxer of MP4 keeps
where each packet lies, for an index at the end; `--suffix .mp4` shows what that takes (docs/benchmarks/files.md).
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av

ALLOWED = 4.0
"""MB that the median of the last quarter may lie above that of the second: the first warms up."""
RATE = 25


def made(path: Path, pictures: int, size: str) -> Path:
    """A film with sound whose scene changes every ten seconds."""
    seconds = pictures / RATE
    picture = (
        f"testsrc2=size={size}:rate={RATE}:duration={seconds},hue=h='90*floor(t/10)':s='1-mod(floor(t/10),2)'"
    )
    sound = f"sine=frequency=440:duration={seconds}"
    inputs = ("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound)
    codecs = ("-c:v", "libx264", "-preset", "superfast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest")
    subprocess.run(["ffmpeg", "-v", "error", "-y", *inputs, *codecs, str(path)], check=True)
    return path


def resident(process: int) -> float | None:
    """MB that a process holds; None where it is gone."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def pictures_in(film: Path) -> int:
    """How many a film has, none where it is not there; Matroska does not say it."""
    if not film.exists():
        return 0
    with av.open(str(film)) as container:
        return sum(packet.size > 0 for packet in container.demux(video=0))


def watched(command: list[str], every: float) -> tuple[list[float], int]:
    """MB at each reading, and the exit status."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    readings = []
    while process.poll() is None:
        time.sleep(every)
        found = resident(process.pid)
        if found:
            readings.append(found)
    return readings, process.returncode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pictures", type=int, default=60_000)
    parser.add_argument("--size", default="64x48")
    parser.add_argument("--suffix", default=".mkv", help="of the film that is written")
    parser.add_argument("--every", type=float, default=2.0, help="seconds between two readings")
    parser.add_argument("rest", nargs="*", default=["--size", "64"], help="options of the run, after --")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        film, output = (
            made(Path(name) / "film.mp4", wanted.pictures, wanted.size),
            Path(name) / f"depth{wanted.suffix}",
        )
        words = ["--input", str(film), "--output", str(output), "--model", "nano", *wanted.rest]
        begin = time.monotonic()
        readings, status = watched([sys.executable, "-m", "streamdepth", *words], wanted.every)
        seconds = time.monotonic() - begin
        count = pictures_in(output)
    print(f"{count} of {wanted.pictures} pictures in {seconds:.0f} s, exit status {status}")
    is_whole = status == 0 and count == wanted.pictures
    sys.exit(int(not is_flat(readings) or not is_whole))


def is_flat(readings: list[float]) -> bool:
    """Whether memory was; says what was seen."""
    if len(readings) < 4:
        print(
            "it ended before its memory was read four times: render more pictures, or read more often (--every)"
        )
        return False
    medians = [
        statistics.median(readings[n * len(readings) // 4 : (n + 1) * len(readings) // 4]) for n in range(4)
    ]
    growth = medians[3] - medians[1]
    print(
        f"MB, medians of the quarters: {', '.join(f'{mb:.1f}' for mb in medians)}; most: {max(readings):.1f}"
    )
    print(f"from the second quarter to the last: {growth:+.1f} MB (at most {ALLOWED:g})")
    return growth <= ALLOWED


if __name__ == "__main__":
    main()
