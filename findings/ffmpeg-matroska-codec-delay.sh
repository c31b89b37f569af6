#!/usr/bin/env bash
# PyAV 19.0.2 (FFmpeg 9.0.2) beside 18.1.0 (8.1.2): AAC copied from MP4 into Matroska without the packet that lies before zero now
# loses the first 1024 samples that are sound.
#
# Guess:     an encoder of AAC begins with a packet of nothing but its own start (1024 samples, at -21 ms of 48 kHz), which an edit list
#            of MP4 hides. Who copies packets and leaves out what lies before zero has left out that start and nothing else, in each
#            release: the copy is the sound, from its first sample on.
# Behaviour: in 8.1 it is so, and who keeps the packet has its 1024 samples as sound: all is 21 ms late. In 9.0 who keeps it has the sound
#            as it was; who leaves it out loses a second packet of samples to a player, since the muxer writes the delay of the codec
#            whether that packet comes or not. So packets must be kept in one release that had to be left out in the other; neither
#            release says anything.
# Seen:      49,152 samples of a tone that rises, so that each moment is known by its pitch
#                                         FFmpeg 8.1.2                         FFmpeg 9.0.2
#            packet before zero kept      50,176 samples, sound 1024 late      49,152 samples, sound in its place
#            packet before zero left out  49,152 samples, sound in its place   48,128 samples, the first one at 21 ms: 1024 are lost
#
# It matters to whoever cuts or remuxes by packets: 21 ms at each beginning, in the first copies of phone films to MKV.
# Fails where that changes. Needs Python 3.12 or newer (PYTHON=python3.12) and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >remux.py <<'PYTHON'
import sys
from fractions import Fraction

import av
import numpy as np

RATE, PACKET, COUNT = 48_000, 1024, 48
LOOKED_AT = slice(4 * PACKET, 8 * PACKET)


def make(path):
    moments = np.arange(COUNT * PACKET) / RATE
    tone = (0.5 * np.sin(2 * np.pi * (200 + 1500 * moments) * moments)).astype(np.float32)
    with av.open(path, "w") as out:
        stream = out.add_stream("aac", rate=RATE, layout="mono")
        stream.bit_rate = 128_000
        for begin in range(0, len(tone), PACKET):
            frame = av.AudioFrame.from_ndarray(tone[None, begin : begin + PACKET], format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, begin, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def copy(source, target, keep):
    with av.open(source) as given, av.open(target, "w") as out:
        stream = out.add_stream_from_template(given.streams.audio[0])
        for packet in given.demux(audio=0):
            if packet.size and (keep or packet.pts >= 0):
                packet.stream = stream
                out.mux(packet)


def heard(path):
    """All samples at their places from zero on, and how many there are."""
    with av.open(path) as given:
        frames = list(given.decode(audio=0))
    samples = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    return np.pad(samples, (round(frames[0].pts * frames[0].time_base * RATE), 0)), len(samples)


def packets(samples):
    """So many samples as the nearest number of packets: Matroska has its times in milliseconds."""
    return round(samples / PACKET) * PACKET


def late(samples, original):
    """By how many samples it is later than the original where both sound."""
    known = original[LOOKED_AT]
    matches = [samples[begin : begin + len(known)] @ known for begin in range(12 * PACKET)]
    return int(np.argmax(matches)) - LOOKED_AT.start


make("film.m4a")
original, _ = heard("film.m4a")
for keep in (True, False):
    copy("film.m4a", "copy.mkv", keep)
    samples, count = heard("copy.mkv")
    silent = int(np.argmax(np.abs(samples) > 0))
    print("kept" if keep else "left out", count, packets(late(samples, original)), packets(silent))
PYTHON
python=${PYTHON:-python3}
for version in 18.1.0 19.0.2; do
    "$python" -m venv "$version"
    "$version/bin/pip" install --quiet numpy==2.4.6 "av==$version"
    "$version/bin/python" remux.py | tee "$version.txt"
done
diff 18.1.0.txt - <<'SEEN'
kept 50176 1024 0
left out 49152 0 0
SEEN
diff 19.0.2.txt - <<'SEEN'
kept 49152 0 0
left out 48128 0 1024
SEEN
echo "as described"
