#!/usr/bin/env bash
# mediabunny 1.61.0 (npm): in a WebM without an index the second look for a keyframe finds none, where the first one did.
#
# Guess:     getKeyPacket(t) gives the last keyframe at or before t, as its documentation says, and null for times before the first
#            one. What was asked before makes it faster at most. Without an index (Cues), as pipes and recorders leave a
#            WebM or a Matroska, it searches the file.
# Behaviour: the first call does so. Afterwards, where t falls into a cluster that was read before and has no keyframe up to t
#            (the keyframe is in a cluster before), the answer is null, with getPacket(t) finding the picture itself. To read
#            the packets one after another makes all calls like that. With an index every call is right.
# Seen:      100 pictures of 25 a second, a keyframe every 2 s, a cluster every second; for how many of the 100 times it is null
#            with an index                                                    0
#            without, each time with a new Input                              0
#            without, one Input, from the last to the first                  71
#            without, one Input, after the packets were read in order        72
#            the same in Matroska with H.264                                 74
#
# A keyframe is what decoding begins with, so that there is no picture for these times: whoever moves a slider sees nothing.
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 av==18.1.0
npm install --silent --no-audit --no-fund mediabunny@1.61.0
venv/bin/python - <<'PYTHON'
from fractions import Fraction

import av
import numpy as np


class Pipe:
    """A file that cannot be sought, so that no index is written."""

    def __init__(self, file):
        self.write = file.write


def write(path, codec, seekable):
    with open(path, "wb") as file:
        with av.open(file if seekable else Pipe(file), "w", format="webm" if path.endswith("webm") else "matroska") as film:
            video = film.add_stream(codec, rate=25, options={"g": "50", "cpu-used": "8", "deadline": "realtime"})
            video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
            for index in range(100):
                frame = av.VideoFrame.from_ndarray(np.full((64, 96, 3), index * 2, np.uint8), "rgb24")
                frame.pts, frame.time_base = index, Fraction(1, 25)
                film.mux(video.encode(frame))
            film.mux(video.encode(None))


write("indexed.webm", "libvpx", True)
write("piped.webm", "libvpx", False)
write("piped.mkv", "libx264", False)
PYTHON
cat > ask.mjs <<'JAVASCRIPT'
import {ALL_FORMATS, EncodedPacketSink, FilePathSource, Input} from "mediabunny";

async function open(name) {
  const input = new Input({formats: ALL_FORMATS, source: new FilePathSource(name)});
  return new EncodedPacketSink(await input.getPrimaryVideoTrack());
}

async function missing(times, sinkOf) {
  let count = 0;
  for (const time of times) {
    const sink = await sinkOf();
    const key = await sink.getKeyPacket(time);
    if (key === null) count += 1;
    else if (key.type !== "key" || key.timestamp > time) throw new Error(`not a keyframe before ${time}`);
    if ((await sink.getPacket(time)) === null) throw new Error(`no picture at ${time}`);
  }
  return count;
}

for (const [name, least, most] of [["indexed.webm", 0, 0], ["piped.webm", 60, 80], ["piped.mkv", 60, 80]]) {
  const reading = await open(name);
  const times = [];
  for await (const packet of reading.packets()) times.push(packet.timestamp + 0.001);
  if (times.length !== 100) throw new Error(`${times.length} pictures`);
  times.sort((one, other) => one - other);
  const anew = await missing(times, () => open(name));
  const one = await open(name);
  const backwards = await missing([...times].reverse(), () => one);
  const afterwards = await missing(times, () => reading);
  console.log(`${name}: no keyframe for ${anew} (anew), ${backwards} (backwards), ${afterwards} (after reading) of 100 times`);
  for (const count of [backwards, afterwards]) if (count < least || count > most) throw new Error("changed");
  if (anew !== 0) throw new Error("changed");
}
JAVASCRIPT
node ask.mjs
