#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg 8.1): of a CMAF that FFmpeg itself writes, it reads the pictures later than they are, and the sound not.
#
# Guess:     movflags=cmaf lets B-frames have negative offsets, as CMAF wants it, so that the first picture is at 0 without an edit
#            list. FFmpeg reads its own file with the times that went in, as it does without fragments, and without "cmaf".
# Behaviour: the file is right: mediabunny (npm) reads picture and sound from 0. FFmpeg, in fragments, takes the first negative
#            offset for a reason to move all pictures by the delay of the encoder, two pictures here, and leaves the sound where
#            it is. Without fragments it moves the time of decoding instead, and the pictures are right. With B-frames as x264
#            makes them by default, 25 pictures a second are 80 ms behind their sound, and 10 a second 200 ms. Nothing is said.
# Seen:      pictures and sound that begin at 0; first picture and first sound in ms
#                                                     mediabunny     FFmpeg at 25 a second   at 10 a second
#            cmaf, in fragments                       0 and 0        80 and 0                200 and 0
#            fragments and negative_cts_offsets       0 and 0        80 and 0                200 and 0
#            negative_cts_offsets, no fragments       0 and -21      0 and -21               0 and -21
#            cmaf, without B-frames                   0 and 0        0 and 0                 0 and 0
#
# OpenCV and others that read with FFmpeg have these times too. Fragments of the older kind (empty_moov alone) are late in the
# file itself, for every reader, unless delay_moov is given.
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

KINDS = {
    "cmaf": ("cmaf+frag_keyframe", "3"),
    "offsets": ("frag_keyframe+empty_moov+negative_cts_offsets", "3"),
    "whole": ("negative_cts_offsets", "3"),
    "plain": ("cmaf+frag_keyframe", "0"),
}


def write(path, flags, between, rate):
    with av.open(path, "w", options={"movflags": flags}) as film:
        video = film.add_stream("libx264", rate=rate, options={"bf": between, "g": "20"})
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        sound = film.add_stream("aac", rate=48000)
        for index in range(60):
            picture = np.full((64, 96, 3), index * 4, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts, frame.time_base = index, Fraction(1, rate)
            film.mux(video.encode(frame))
        film.mux(video.encode(None))
        for index in range(60 * 48000 // rate // 1024):
            frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
            frame.rate, frame.pts, frame.time_base = 48000, index * 1024, Fraction(1, 48000)
            film.mux(sound.encode(frame))
        film.mux(sound.encode(None))


def first(path, kind):
    with av.open(path) as film:
        times = [packet.pts * packet.time_base for packet in film.demux(**{kind: 0}) if packet.size]
    return round(1000 * min(times))


if sys.argv[1] == "write":
    for name, (flags, between) in KINDS.items():
        for rate in (25, 10):
            write(f"{name}-{rate}.mp4", flags, between, rate)
else:
    for name in KINDS:
        for rate, delay in ((25, 80), (10, 200)):
            found = first(f"{name}-{rate}.mp4", "video"), first(f"{name}-{rate}.mp4", "audio")
            print(f"{name}, {rate} a second: FFmpeg has the first picture at {found[0]} ms, the first sound at {found[1]} ms")
            assert found[0] == (delay if name in ("cmaf", "offsets") else 0)
            assert -25 < found[1] <= 0
PYTHON
cat > read.mjs <<'JAVASCRIPT'
import {readdirSync} from "node:fs";
import {ALL_FORMATS, FilePathSource, Input} from "mediabunny";

for (const name of readdirSync(".").filter((one) => one.endsWith(".mp4"))) {
  const input = new Input({formats: ALL_FORMATS, source: new FilePathSource(name)});
  const video = await (await input.getPrimaryVideoTrack()).getFirstTimestamp();
  const audio = await (await input.getPrimaryAudioTrack()).getFirstTimestamp();
  console.log(`${name}: mediabunny has the first picture at ${Math.round(video * 1000)} ms, the first sound at ${Math.round(audio * 1000)} ms`);
  if (Math.abs(video) > 0.001 || audio > 0.001 || audio < -0.025) process.exit(1);
}
JAVASCRIPT
venv/bin/python films.py write
node read.mjs
venv/bin/python films.py read
