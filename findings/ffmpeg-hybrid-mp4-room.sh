#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg 8.1): a hybrid fragmented MP4 with room for its index in front plays only once it is closed.
#
# Guess:     `hybrid_fragmented` is there so that a file plays at any moment, and `moov_size` leaves room for the index at
#            the front: with both, the file plays at any moment, and a room that is too small is refused, or the index
#            goes to the end, as FFmpeg's MP4 muxer says of files without fragments.
# Behaviour: the room is a hole of zeros that is no box, so that nothing reads what was written until the file is closed.
#            Where the room is too small, closing fails with "Invalid argument" after the index was begun over the
#            pictures and the fragments were hidden: the film, whole until then, does not decode any more.
# Seen:      no room        while open: 494 pictures    closed: 500 pictures
#            8000 bytes     while open: unreadable      closed: 500 pictures
#            2000 bytes     while open: unreadable      Invalid argument: not one picture decodes
#
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 av==18.1.0
venv/bin/python - <<'PYTHON'
import shutil

import av
import numpy as np
from av.error import ArgumentError, InvalidDataError

PICTURES = 500
FLAGS = "hybrid_fragmented+empty_moov+default_base_moof"


def open_film(room):
    """A film that is not closed yet, all of it handed to the muxer and on disk."""
    options = {"movflags": FLAGS, "frag_duration": "500000", "flush_packets": "1"}
    if room:
        options["moov_size"] = str(room)
    container = av.open("film.mp4", "w", format="mp4", options=options)
    stream = container.add_stream("libx264", rate=25, options={"bf": "0", "g": "25"})
    stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
    noise = np.random.default_rng(1)
    for _ in range(PICTURES):
        frame = av.VideoFrame.from_ndarray(noise.integers(0, 255, (48, 64, 3), dtype=np.uint8), "bgr24")
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
    return container


def pictures(path):
    """How many decode; None where the file cannot be read."""
    try:
        with av.open(path) as container:
            return sum(1 for _ in container.decode(video=0))
    except InvalidDataError:
        return None


for room, open_count, error, closed_count in ((0, 500, None, 500), (8000, None, None, 500), (2000, None, 22, None)):
    container = open_film(room)
    shutil.copy("film.mp4", "now.mp4")
    seen = None
    try:
        container.close()
    except ArgumentError as refused:
        seen = refused.errno
    found = pictures("now.mp4"), seen, pictures("film.mp4")
    print(f"room {room}: while open {found[0]}, error at the end {found[1]}, closed {found[2]}")
    if open_count is None:
        assert found == (None, error, closed_count), found
    else:  # the last fragment is still in memory
        assert found[0] > 0.9 * open_count and found[1:] == (error, closed_count), found
PYTHON
