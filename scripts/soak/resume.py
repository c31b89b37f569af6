#!/usr/bin/env python3
"""Kill renders with SIGKILL at random moments, and let `--resume` go on: the film must be that of an unbroken run.

    scripts/soak/resume.py --times 20 --size 640x272 --size 1280x720

For each size a film with sound is made and rendered once with `nano`, and then `--times` in all are killed when a
random share of the film is on disk, a third of them twice; the same command with `--resume` must give the same decoded
pictures at the same times, and the same packets of every other track. Prints a line a size and leaves with 1 where
anything differs.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

BOUND = 1200.0
"""Seconds for any run."""
RATE = 25


@dataclass(frozen=True)
class Film:
    """What is rendered, and how."""

    source: Path
    options: tuple[str, ...]

    def start(self, output: Path, *more: str) -> subprocess.Popen[str]:
        """A run in a process of its own."""
        command = [sys.executable, "-m", "streamdepth", "--input", str(self.source), "--output", str(output)]
        command += ["--model", "nano", *self.options, *more]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def render(self, output: Path, *more: str) -> str:
        """What a whole run said; raises RuntimeError where it failed."""
        process = self.start(output, *more)
        said = process.communicate(timeout=BOUND)[1]
        if process.returncode:
            raise RuntimeError(said)
        return said


def make_source(path: Path, size: tuple[int, int], pictures: int) -> None:
    """A film of squares that move over a slope, with a cut every 10 s, B-frames and a tone."""
    width, height = size
    slope = np.linspace(20, 200, width, dtype=np.float32)[None, :, None] * np.ones((height, 1, 3), np.float32)
    with av.open(str(path), "w") as out:
        picture = out.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "bf": "2", "g": "48"})
        picture.width, picture.height, picture.pix_fmt = width, height, "yuv420p"
        tone = out.add_stream("aac", rate=48_000, layout="mono")
        for index in range(pictures):
            image = np.roll(slope, 3 * (index // 250) * width // 7, axis=1).astype(np.uint8)
            left = index * 3 % max(1, width - width // 4)
            image[height // 4 : height // 2, left : left + width // 4] = (230, index % 200, 40)
            out.mux(picture.encode(av.VideoFrame.from_ndarray(image, "bgr24")))
        out.mux(picture.encode(None))
        for index in range(pictures * 48_000 // RATE // 1024):
            waves = np.sin(np.arange(1024) / 20, dtype=np.float32)[None]
            heard = av.AudioFrame.from_ndarray(waves, "fltp", "mono")
            heard.sample_rate, heard.pts = 48_000, index * 1024
            out.mux(tone.encode(heard))
        out.mux(tone.encode(None))


def content(path: Path) -> str:
    """A hash of every decoded picture with its time, and of every packet of the other tracks."""
    digest = hashlib.sha256()
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            digest.update(f"{frame.pts} {frame.time_base} {frame.width}x{frame.height}".encode())
            digest.update(frame.to_ndarray().tobytes())
    with av.open(str(path)) as container:
        for packet in container.demux(audio=0):
            digest.update(f"{packet.pts} {packet.duration}".encode() + bytes(packet))
    return digest.hexdigest()


def kill_at(process: subprocess.Popen[str], folder: Path, size: float) -> None:
    """Kill it once its part is as large as that; a moment by the clock would depend on the load of the machine."""
    end = time.monotonic() + BOUND
    while process.poll() is None and time.monotonic() < end:
        if max((size_of(path) for path in folder.glob("film.part*")), default=0) >= size:
            break
        time.sleep(0.01)
    process.kill()
    process.communicate(timeout=BOUND)


def size_of(path: Path) -> int:
    """In bytes; 0 where it is gone."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def went_on_from(said: str) -> int:
    """After how many pictures a run went on; 0 where it began anew."""
    found = re.search(r"has (\d+) pictures of an earlier run", said)
    return int(found[1]) if found else 0


def resumed(film: Film, whole: str, size: int, chance: random.Random, kills: int) -> tuple[bool, int]:
    """Whether a film that was killed so many times is the whole one, and from where it went on at last."""
    with tempfile.TemporaryDirectory() as name:
        output = Path(name) / f"film{film.source.suffix}"
        for number in range(kills):
            process = film.start(output, *(["--resume"] if number else []))
            kill_at(process, Path(name), chance.uniform(0.02, 1.0) * size)
            if output.exists():  # it was done before
                output.unlink()
        said = film.render(output, "--resume")
        left = [path.name for path in Path(name).iterdir()]
        return content(output) == whole and left == [output.name], went_on_from(said)


def soak(film: Film, times: int, chance: random.Random) -> tuple[int, Counter[int]]:
    """How many of `times` are the whole film, and after how many pictures they went on."""
    with tempfile.TemporaryDirectory() as name:
        output = Path(name) / f"film{film.source.suffix}"
        film.render(output)
        whole, size = content(output), output.stat().st_size
    right, places = 0, Counter[int]()
    for number in range(times):
        same, place = resumed(film, whole, size, chance, kills=2 if number % 3 == 0 else 1)
        print(
            f"{number + 1}: {'the same' if same else 'ANOTHER FILM'}, after {place}",
            file=sys.stderr,
            flush=True,
        )
        right += same
        places[place] += 1
    return right, places


def main() -> int:
    """Run it all; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=20, help="kills at each size")
    parser.add_argument("--size", action="append", help="repeatable")
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--suffix", default=".mp4", help="of source and film")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("options", nargs="*", help="after --: for every run, such as --codec h265")
    wanted = parser.parse_args()
    chance, failed = random.Random(wanted.seed), 0
    for size in wanted.size or ["640x272"]:
        width, height = map(int, size.split("x"))
        with tempfile.TemporaryDirectory() as name:
            source = Path(name) / f"source{wanted.suffix}"
            make_source(source, (width, height), wanted.pictures)
            right, places = soak(Film(source, tuple(wanted.options)), wanted.times, chance)
        failed += wanted.times - right
        went = ", ".join(f"{count} after {place}" for place, count in sorted(places.items()))
        print(f"{size}: {right} of {wanted.times} the same to the bit (went on: {went})", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
