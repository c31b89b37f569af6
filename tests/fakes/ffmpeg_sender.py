"""Sends a picture that grows lighter by FFmpeg's own WHIP muxer: URL, token, folder for its certificate.

It ends when it is told by a line.

A program of its own: while the muxer connects it holds Python's lock, so that a server in the same process could not
answer it.
"""

from __future__ import annotations

import sys
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from certificates import certificate

RATE, COUNT = 30, 120


def main(url, token, folder):
    cert, key = certificate(Path(folder))
    options = {"authorization": token, "cert_file": str(cert), "key_file": str(key)}
    with av.open(url, "w", format="whip", options=options) as container:
        stream = container.add_stream(
            "libx264", rate=RATE, options={"tune": "zerolatency", "profile": "baseline"}
        )
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 320, 240, "yuv420p", RATE
        began = time.monotonic()
        for index in range(COUNT):
            image = np.full((240, 320, 3), 40 + index, np.uint8)
            frame = av.VideoFrame.from_ndarray(image, "bgr24").reformat(format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            container.mux(stream.encode(frame))
            time.sleep(max(0.0, began + index / RATE - time.monotonic()))
        sys.stdin.readline()


if __name__ == "__main__":
    main(*sys.argv[1:])
