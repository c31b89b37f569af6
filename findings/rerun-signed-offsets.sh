#!/usr/bin/env bash
# rerun 0.41.0 (Python): of a film in fragments with signed offsets, as CMAF has them, frames are said to be shown after three days.
#
# Guess:     AssetVideo.read_frame_timestamps_nanos() gives, of each film of twelve pictures at 25 a second, with B-frames, the times at
#            which FFmpeg shows them, or all of them earlier by the start of the film: 40 ms apart.
# Behaviour: so it is, in order of showing, of films with an index, with edit list or without, and of fragments whose offsets are not
#            negative. In fragments the offset of a B-frame, which is shown before it would be by its place, is read without
#            its sign: 2^32 ticks of 16,000 a second too late, 268,435 s, and the list, which is in order, has no picture
#            in its place. Without B-frames there is no such offset, and all is well. Nothing is said.
# Seen:      milliseconds
#            with an index                    0  40  80 120 160 200 240 ...
#            fragments, offsets unsigned      80 120 160 200 240 280 320 ...
#            fragments, CMAF                  0 120 240 360 440 268435496 268435536 ...
#            CMAF, no B-frames                0  40  80 120 160 200 240 ...
#
# It matters where a recording for DASH or HLS is logged beside depth by these times, as the documentation of AssetVideo shows it.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile numpy==2.4.6 av==18.1.0 rerun-sdk==0.41.0
venv/bin/python - <<'PYTHON'
from fractions import Fraction

import av
import numpy as np
import rerun

COUNT, STEP, TICK = 12, 40, Fraction(1, 1000)
FRAGMENTS = "frag_keyframe+empty_moov"
KINDS = {
    "index": ({}, 2),
    "no edit list": ({"use_editlist": "0"}, 2),
    "signed offsets, index": ({"movflags": "negative_cts_offsets"}, 2),
    "fragments": ({"movflags": FRAGMENTS}, 2),
    "CMAF": ({"movflags": "cmaf"}, 2),
    "signed offsets, fragments": ({"movflags": f"{FRAGMENTS}+negative_cts_offsets"}, 2),
    "CMAF, no B-frames": ({"movflags": "cmaf"}, 0),
}


def make(path, options, reordered):
    with av.open(path, "w", options=options) as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt, stream.codec_context.time_base = 64, 48, "yuv420p", TICK
        stream.options = {"x264-params": f"b-adapt=0:bframes={reordered}:keyint={COUNT}:log=-1"}
        for number in range(COUNT):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 15 * number, np.uint8), "rgb24")
            frame.pts, frame.time_base = number * STEP, TICK
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def by_ffmpeg(path):
    with av.open(path) as film:
        return [round(frame.pts * frame.time_base * 1000) for frame in film.decode(video=0)]


for name, (options, reordered) in KINDS.items():
    make("film.mp4", options, reordered)
    shown = by_ffmpeg("film.mp4")
    times = [round(nanos / 1e6) for nanos in rerun.AssetVideo(path="film.mp4").read_frame_timestamps_nanos()]
    print(f"{name}: {times}, FFmpeg {shown}")
    assert [time - shown[0] for time in shown] == list(range(0, COUNT * STEP, STEP))
    if name in ("CMAF", "signed offsets, fragments"):
        assert times[:5] == [0, 120, 240, 360, 440]
        wrapped = round(2**32 / 16)
        assert [time - wrapped for time in times[5:]] == [40, 80, 160, 200, 280, 320, 400]
    else:
        assert [time - times[0] for time in times] == list(range(0, COUNT * STEP, STEP))
PYTHON
