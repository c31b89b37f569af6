#!/usr/bin/env python
"""What the stream costs that carries depth, beside the picture stream: CPU of drawing and encoding, in turns.

    .venv/bin/python scripts/bench/depth_stream.py [--size 1280x720] [--codec H264] [--rounds 5]

The built-in scene at 30 pictures a second with its true depth in 256x128. Without decoding, inference and sending,
which are the same for both: so the share that depth adds is larger here than that of a run. Three looks without it are
three renderers and encoders; with it they are one, however many watch.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from fractions import Fraction

import cv2
import numpy as np

from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.frames import DepthMap, Estimate
from streamdepth.live.codec_stream import CodecStream, Content, Shown
from streamdepth.rendering import Renderer
from streamdepth.sources.demo.source import DemoScene

RATE = 30
PICTURES = 24
MAP = (256, 128)
LOOKS = (("overlay", "inferno"), ("depth", "turbo"), ("side-by-side", "gray"))
Work = Callable[[Estimate, float], None]


def estimates(size: tuple[int, int]) -> list[Estimate]:
    scene = DemoScene(*size, Fraction(RATE), None)
    made = []
    for slot in range(PICTURES):
        frame = scene.read()
        assert frame is not None
        frame.picture.i420  # noqa: B018  # as a decoder gives it
        depth = cv2.resize(scene.true_inverse_depth(slot), MAP, interpolation=cv2.INTER_AREA)
        made.append(Estimate(frame, DepthMap(np.asarray(depth, np.float32)), 0.01))
    return made


def drawn_and_encoded(kind: VideoCodec, content: Content, look: tuple[str, str]) -> Work:
    renderer, stream = Renderer(*look), CodecStream(kind, time.monotonic, content)

    def work(estimate: Estimate, now: float) -> None:
        stream.encode(Shown(renderer(estimate), now), now, RATE, ())

    return work


def ways(kind: VideoCodec) -> dict[str, Sequence[Work]]:
    """What is done for each picture, by the name of the way."""
    pictures = [drawn_and_encoded(kind, Content.PICTURE, look) for look in LOOKS]
    return {
        "picture, all see one look": pictures[:1],
        "depth, each has a look": [drawn_and_encoded(kind, Content.DEPTH, LOOKS[0])],
        "picture, three looks": pictures,
    }


def milliseconds(works: Sequence[Work], pictures: Sequence[Estimate]) -> float:
    """CPU for each picture, of all threads."""
    began = time.process_time()
    for number, estimate in enumerate(pictures):
        for work in works:
            work(estimate, number / RATE)
    return 1000 * (time.process_time() - began) / len(pictures)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--codec", choices=[kind.value for kind in VideoCodec], default="H264")
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    cv2.setNumThreads(1)
    width, height = map(int, wanted.size.split("x"))
    pictures, kind = estimates((width, height)), VideoCodec(wanted.codec)
    rounds: list[dict[str, float]] = []
    for _ in range(wanted.rounds):
        rounds.append({name: milliseconds(works, pictures) for name, works in ways(kind).items()})
    first = next(iter(rounds[0]))
    for name in rounds[0]:
        ratio = statistics.median(one[name] / one[first] for one in rounds)
        print(
            f"{name:<28} {statistics.median(one[name] for one in rounds):6.1f} ms  {ratio:.2f} of the first"
        )


if __name__ == "__main__":
    main()
