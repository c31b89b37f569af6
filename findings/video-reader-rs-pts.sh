#!/usr/bin/env bash
# video-reader-rs 0.4.5: get_pts() gives times of pictures in the order in which they are stored, not shown.
#
# Guess:     get_pts(indices) gives when the pictures of get_batch(indices) are shown: its index is the same index, and times
#            of a film of constant rate rise in equal steps.
# Behaviour: get_batch counts pictures as they are shown; get_pts counts packets as they lie in the file. With B-frames, as
#            x264 and x265 make them by default, times of neighbours are exchanged, two pictures off here and four with x265,
#            in MP4 and Matroska alike. The length of a Matroska is stated as -9223372036854776 s. (As installed from
#            PyPI the module is not imported at all: it does not find one of the libraries that come with it.)
# Seen:      pictures 0 to 8 of a film of 25 per second, in hundredths of a second
#            get_batch      0 1 2 3 4 5 6 7 8
#            get_pts, x264  0 12 4 8 24 16 20 36 28
#            no B-frames    0 4 8 12 16 20 24 28 32
#
# It matters to who pairs depth with the time at which it is shown.
# Fails where that changes. Needs Linux on x86, Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 av==18.1.0 video-reader-rs==0.4.5
cat >film.py <<'PYTHON'
import av
import numpy as np

for name, b_frames in (("film.mp4", "2"), ("film.mkv", "2"), ("plain.mp4", "0")):
    with av.open(name, "w") as container:
        settings = {"bf": b_frames, "g": "30", "x264opts": "b-adapt=0"}
        stream = container.add_stream("libx264", rate=25, options=settings)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for number in range(60):
            bits = [255 * (number >> bit & 1) for bit in range(8)]
            picture = np.repeat(np.array(bits, np.uint8), 16)[None, :, None].repeat(96, 0).repeat(3, 2)
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
PYTHON
cat >read.py <<'PYTHON'
from video_reader import PyVideoReader

ASKED = list(range(9))
IN_ORDER, STORED = [4 * number for number in ASKED], [0, 12, 4, 8, 24, 16, 20, 36, 28]


def number(picture):
    return sum(int(picture[48, 16 * bit + 8, 0] > 128) << bit for bit in range(8))


for name, expected in (("film.mp4", STORED), ("film.mkv", STORED), ("plain.mp4", IN_ORDER)):
    pictures = [number(picture) for picture in PyVideoReader(name).get_batch(ASKED)]
    times = [round(100 * seconds) for seconds in PyVideoReader(name).get_pts(ASKED)]
    print(f"{name}: pictures {pictures}, times {times}")
    assert pictures == ASKED
    assert times == expected
length = PyVideoReader("film.mkv").get_info()["duration"]
print(f"length of the Matroska: {length} s")
assert float(length) < 0
PYTHON
venv/bin/python film.py 2>/dev/null
if venv/bin/python -c "import video_reader" 2>/dev/null; then echo "changed: it is imported as installed" >&2; exit 1; fi
libraries=$(echo "$PWD"/venv/lib/python3*/site-packages/video_reader_rs.libs)
LD_LIBRARY_PATH=$libraries venv/bin/python read.py
