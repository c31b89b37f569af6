#!/usr/bin/env python3
"""Render a film of very many small pictures by the command, and watch the memory of its process: it must stay flat.

    scripts/soak/long.py --pictures 60000

The film has sound, B-frames and a cut now and then. A picture of 64x48 takes 6 core-ms, half of which is the network at
the size of 64 (`-- --size 64`, unless other options are named): 60,000 take about six minutes of processor time.
Prints what was resident in each quarter of the time, and leaves with 1 where pictures are missing, or where the last
quarter needs more than `ALLOWED` MB beyond the second. What FFmpeg's muxer needs is told apart: to the end of the film
it keeps where each packet of picture and sound lies, for the index of an MP4 file. A process that only copies the
packets of the result by the same muxer shows how much that is at least: where the list grows, a heap that is full of
pictures is left with a hole of its old size.
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

ALLOWED = 6.0
"""MB that the median of the last quarter may lie above that of the second, but for the index: the first warms up."""
RATE = 25
READINGS = 400
"""Of the process that only copies."""


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


def copied(film: str, target: str) -> None:
    """Copy a film packet by packet, and print by how many MB this process grows as `judged` has it."""
    flags = {"movflags": "hybrid_fragmented+delay_moov+default_base_moof", "frag_duration": "500000"}
    with av.open(film) as source, av.open(target, "w", container_options=flags) as copy:
        tracks = {stream.index: copy.add_stream_from_template(stream) for stream in source.streams}
        every = max(1, sum(stream.frames for stream in source.streams) // READINGS)
        packets = (packet for packet in source.demux() if packet.dts is not None)
        readings = []
        for number, packet in enumerate(packets):
            packet.stream = tracks[packet.stream_index]
            copy.mux(packet)
            if number % every == 0:
                readings.append(resident(os.getpid()) or 0.0)
    print(growth_of(readings))


def of_index(film: Path, target: Path) -> float:
    """MB by which the muxer grows, of a film with such packets."""
    command = [sys.executable, __file__, "--copy", str(film), str(target)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def quarters_of(readings: list[float]) -> list[float]:
    """The median of each quarter."""
    return [
        statistics.median(readings[n * len(readings) // 4 : (n + 1) * len(readings) // 4]) for n in range(4)
    ]


def growth_of(readings: list[float]) -> float:
    """From the second quarter to the last."""
    medians = quarters_of(readings)
    return medians[3] - medians[1]


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
    parser.add_argument("--every", type=float, default=2.0, help="seconds between two readings")
    parser.add_argument("rest", nargs="*", default=["--size", "64"], help="options of the run, after --")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        film, output = made(Path(name) / "film.mp4", wanted.pictures, wanted.size), Path(name) / "depth.mp4"
        words = ["--input", str(film), "--output", str(output), "--model", "nano", *wanted.rest]
        begin = time.monotonic()
        readings, status = watched([sys.executable, "-m", "streamdepth", *words], wanted.every)
        seconds = time.monotonic() - begin
        with av.open(str(output)) as container:
            count = container.streams.video[0].frames
        index = of_index(output, Path(name) / "copy.mp4")
    is_whole = status == 0 and count == wanted.pictures
    print(f"{count} of {wanted.pictures} pictures in {seconds:.0f} s, exit status {status}")
    sys.exit(int(not judged(readings, index) or not is_whole))


def judged(readings: list[float], index: float) -> bool:
    """Say what was seen; whether memory was flat, but for the `index` of the muxer."""
    medians, rest = quarters_of(readings), growth_of(readings) - index
    print(
        f"MB, medians of the quarters of {len(readings)} readings: "
        f"{', '.join(f'{mb:.1f}' for mb in medians)}; most: {max(readings):.1f}"
    )
    print(
        f"from the second quarter to the last: {growth_of(readings):+.1f} MB, of which the muxer's index {index:+.1f}; "
        f"the rest {rest:+.1f} (at most {ALLOWED:g})"
    )
    return rest <= ALLOWED


if __name__ == "__main__":
    if sys.argv[1:2] == ["--copy"]:
        copied(*sys.argv[2:])
    else:
        main()
