#!/usr/bin/env bash
# mediabunny 1.61.0 (npm): in its MPEG-TS, half of the pictures are to be decoded after they were shown.
#
# Guess:     a conversion to MPEG-TS copies H.264 and HEVC with the times that they have: each picture is decoded before it is
#            shown, or at the same time, as the standard demands; for that, with B-frames, all are shown a little later. Its
#            MP4 and MOV of the same film are right.
# Behaviour: the pictures keep their times, from 0, and the times of decoding begin at 0 too, in the order of the file. With the
#            B-frames that x264 and x265 make by default each of these comes too late to be shown. FFmpeg complains
#            of each and refuses to copy such a film to MP4.
# Seen:      60 pictures, how many of which have a time of decoding (DTS) after the time of showing (PTS)
#                                   by FFmpeg    by mediabunny    FFmpeg copies that to MP4
#            H.264, no B-frames     0            0                yes
#            H.264, 3 B-frames      0            29               Invalid argument
#            HEVC, as by default    0            32               Invalid argument
#
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 av==18.1.0
npm install --silent --no-audit --no-fund mediabunny@1.61.0
cat > films.py <<'PYTHON'
import sys
from fractions import Fraction

import av
import numpy as np

av.logging.set_level(av.logging.PANIC)
FILMS = {
    "plain": ("libx264", {"bf": "0", "g": "20"}),
    "h264": ("libx264", {"bf": "3", "g": "20"}),
    "hevc": ("libx265", {"x265-params": "keyint=20:log-level=none"}),
}


def write(path, codec, options):
    with av.open(path, "w") as film:
        video = film.add_stream(codec, rate=25, options=options)
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        y, x = np.mgrid[:64, :96]
        for index in range(60):
            channels = np.broadcast_arrays(x * 2 + index * 4, y * 3 + index, index * 4)
            frame = av.VideoFrame.from_ndarray((np.stack(channels, 2) % 256).astype(np.uint8), "rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            film.mux(video.encode(frame))
        film.mux(video.encode(None))


def clock(field):
    return (field[0] >> 1 & 7) << 30 | field[1] << 22 | field[2] >> 1 << 15 | field[3] << 7 | field[4] >> 1


def times(path):
    """PTS and DTS of each picture as they stand in the headers of its packets (ISO 13818-1, 2.4.3.6)."""
    data, found = open(path, "rb").read(), []
    for start in range(0, len(data), 188):
        packet = data[start : start + 188]
        header = packet[4 + (1 + packet[4] if packet[3] & 0x20 else 0) :]
        if packet[1] & 0x40 and header[:3] == b"\0\0\1" and 0xE0 <= header[3] <= 0xEF:
            shown = clock(header[9:14])
            found.append((shown, clock(header[14:19]) if header[7] >> 6 == 3 else shown))
    return found


def copied(path):
    try:
        with av.open(path) as film, av.open(path + ".mp4", "w") as copy:
            video = copy.add_stream_from_template(film.streams.video[0])
            for packet in film.demux(video=0):
                if packet.size:
                    packet.stream = video
                    copy.mux(packet)
    except av.error.ArgumentError:
        return False
    return True


for name, (codec, options) in FILMS.items():
    if sys.argv[1] == "write":
        write(f"{name}.mp4", codec, options)
        write(f"{name}.ts", codec, options)
        continue
    own, other = times(f"{name}.ts"), times(f"{name}-mediabunny.ts")
    assert len(own) == len(other) == 60
    late = sum(decoded > shown for shown, decoded in other)
    print(f"{name}: {sum(decoded > shown for shown, decoded in own)} by FFmpeg, {late} by mediabunny; copied: {copied(f'{name}-mediabunny.ts')}")
    assert copied(f"{name}.ts") and all(decoded <= shown for shown, decoded in own)
    assert [shown - own[0][0] for shown, _ in own] == [shown - other[0][0] for shown, _ in other]
    assert copied(f"{name}-mediabunny.ts") is (name == "plain")
    assert late == 0 if name == "plain" else late > 20
PYTHON
cat > convert.mjs <<'JAVASCRIPT'
import {ALL_FORMATS, Conversion, FilePathSource, FilePathTarget, Input, MpegTsOutputFormat, Output} from "mediabunny";

for (const name of ["plain", "h264", "hevc"]) {
  const input = new Input({formats: ALL_FORMATS, source: new FilePathSource(`${name}.mp4`)});
  const output = new Output({format: new MpegTsOutputFormat(), target: new FilePathTarget(`${name}-mediabunny.ts`)});
  await (await Conversion.init({input, output})).execute();
}
JAVASCRIPT
venv/bin/python films.py write
node convert.mjs
venv/bin/python films.py read
