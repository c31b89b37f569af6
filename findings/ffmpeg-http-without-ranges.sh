#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg 8.1): a seek over HTTP that the server cannot serve is reported as done; MP4 and Matroska then differ.
#
# Guess:     a server without range requests (Python's http.server is one) makes a film that cannot be sought: `seek`
#            raises, or FFmpeg asks for the file anew and reads up to the place, as it does for MPEG-TS.
# Behaviour: `seek` succeeds for all three. MPEG-TS is read from the right place. Matroska goes on with the next
#            keyframe after where it was, whatever was asked for, and ends with an error after the last picture. MP4
#            reaches a place ahead, and after a seek to the beginning the first read fails with "Invalid data".
# Seen:      100 pictures, a keyframe every 25, 30 read, then seek; first picture after it, and how many came
#                        to 0 s, by HTTP      to 3 s, by HTTP       the same file from disk
#            MPEG-TS     0, 100               75, 25                0, 100 and 75, 25
#            Matroska    50, 50, I/O error    50, 50, I/O error     0, 100 and 75, 25
#            MP4         Invalid data         75, 25                0, 100 and 75, 25
#
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 av==18.1.0
venv/bin/python - <<'PYTHON'
import http.server
import threading
from fractions import Fraction

import av
import numpy as np
from av.error import FFmpegError

RATE, PICTURES, READ = 25, 100, 30


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass


def make(path, options):
    """Pictures of noise, which no buffer holds as a whole."""
    noise = np.random.default_rng(1)
    settings = {"bf": "0", "g": "25", "sc_threshold": "0"}
    with av.open(path, "w", options=options) as container:
        stream = container.add_stream("libx264", rate=RATE, options=settings)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for index in range(PICTURES):
            frame = av.VideoFrame.from_ndarray(noise.integers(0, 255, (240, 320, 3), dtype=np.uint8), "bgr24")
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def after_seek(address, seconds):
    """First picture after the seek, how many come, and the error at the end."""
    with av.open(address) as container:
        stream = container.streams.video[0]
        pictures = container.decode(stream)
        begin = [next(pictures).pts for _ in range(READ)][0]
        container.seek(seconds * av.time_base)
        found, error = [], None
        try:
            for frame in container.decode(stream):
                found.append(round((frame.pts - begin) * stream.time_base * RATE))
        except FFmpegError as raised:
            error = raised.strerror
        return found[0] if found else None, len(found), error


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
right = [(0, 100, None), (75, 25, None)]
wanted = {
    "film.ts": right,
    "film.mkv": [(50, 50, "Input/output error")] * 2,
    "film.mp4": [(None, 0, "Invalid data found when processing input"), right[1]],
}
for name, seen in wanted.items():
    make(name, {"movflags": "faststart"} if name.endswith("mp4") else {})
    by_disk = [after_seek(name, seconds) for seconds in (0, 3)]
    by_http = [after_seek(f"http://127.0.0.1:{server.server_address[1]}/{name}", seconds) for seconds in (0, 3)]
    print(f"{name}: HTTP {by_http}, disk {by_disk}")
    assert by_disk == right
    assert by_http == seen
server.shutdown()
PYTHON
