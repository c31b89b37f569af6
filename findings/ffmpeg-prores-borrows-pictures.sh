#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg 8.1): prores_ks with frame threads encodes what is in a picture after `encode` has returned.
#
# Guess:     a picture belongs to its owner again when `encode` returns, threads or not: an encoder that needs it for
#            longer keeps a copy, or a reference to memory that is then not the owner's to write to.
# Behaviour: libx264, libx265, libsvtav1, libvpx-vp9 and ffv1 do so, with frame threads as well. prores_ks with frame
#            threads still reads the caller's planes: a program that draws every picture into the same memory gets other
#            pictures than it drew, without an error. With slice threads it does not.
# Seen:      prores_ks, frame threads: the film differs; slice threads and all the others: the same film
#
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 av==18.1.0
export SVT_LOG=1  # or libsvtav1 tells its settings
venv/bin/python - <<'PYTHON'
import hashlib
from fractions import Fraction

import av
import numpy as np

SIZE, PICTURES = (64, 48), 30
CASES = (
    ("libx264", "yuv420p", "FRAME", {"preset": "superfast"}, True),
    ("libx265", "yuv420p", "FRAME", {"preset": "ultrafast", "x265-params": "log-level=error"}, True),
    ("libsvtav1", "yuv420p", None, {"preset": "10"}, True),
    ("libvpx-vp9", "yuv420p", None, {"cpu-used": "8", "deadline": "realtime", "row-mt": "1"}, True),
    ("ffv1", "yuv420p", "FRAME", {"level": "3"}, True),
    ("prores_ks", "yuv422p10le", "SLICE", {}, True),
    ("prores_ks", "yuv422p10le", "FRAME", {}, False),
)


def noise(index, layout):
    pixels = np.random.default_rng(index).integers(0, 255, (SIZE[1] * 3 // 2, SIZE[0]), dtype=np.uint8)
    return av.VideoFrame.from_ndarray(pixels, "yuv420p").reformat(format=layout)


def film(codec, layout, threads, options, *, one_memory):
    """The sum of all decoded pictures; with `one_memory`, each is drawn where the last one was."""
    with av.open("film.mkv", "w") as container:
        stream = container.add_stream(codec, rate=25, width=SIZE[0], height=SIZE[1], options=options)
        stream.pix_fmt, stream.codec_context.thread_count = layout, 4
        if threads:
            stream.codec_context.thread_type = threads
        memory = av.VideoFrame(*SIZE, layout)
        for index in range(PICTURES):
            frame = drawn = noise(index, layout)
            if one_memory:
                frame = memory
                for plane, new in zip(frame.planes, drawn.planes):
                    plane.update(bytes(new))
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(stream.encode(frame))
            if one_memory:
                for plane in frame.planes:
                    plane.update(b"\x77" * plane.buffer_size)
        container.mux(stream.encode(None))
    digest = hashlib.sha256()
    with av.open("film.mkv") as container:
        for frame in container.decode(video=0):
            digest.update(frame.to_ndarray().tobytes())
    return digest.hexdigest()


for codec, layout, threads, options, expected in CASES:
    same = film(codec, layout, threads, options, one_memory=False) == film(codec, layout, threads, options, one_memory=True)
    print(f"{codec}, {threads or 'its own'} threads: {'the same film' if same else 'the film differs'}")
    assert same == expected
PYTHON
