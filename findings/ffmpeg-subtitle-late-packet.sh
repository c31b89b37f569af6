#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg 8.1): in a fragmented MP4 a text subtitle makes one packet of sound come a packet too late.
#
# Guess:     the muxer writes each packet at the time that it carries; what the time base of another track is changes
#            nothing about it.
# Behaviour: to know whether a line of text has ended, the muxer compares ticks of its track with ticks of the packet that
#            it has in hand, whatever their length, and then writes an end of the line. Where that ends a fragment, the
#            end of the sound so far is taken from the packet after the one in hand, which therefore cannot be in time.
#            With a time base as fine as that of the sound there is nothing to compare wrongly.
# Seen:      text in 1/1000 s    packet 11 at 11264 instead of 10240 (21 ms late, at the time of the one after it)
#            text in 1/48000 s   all in time
#
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 av==18.1.0
venv/bin/python - <<'PYTHON'
from fractions import Fraction

import av
import numpy as np

SAMPLES, PACKET = 48_000, 1024


def times(unit):
    """When each packet of sound is, in a film with a line of text from 0.2 to 0.9 s, of a track in that time base."""
    options = {"movflags": "hybrid_fragmented+delay_moov+default_base_moof", "frag_duration": "500000"}
    with av.open("film.mp4", "w", options=options) as container:
        sound = container.add_stream("aac", rate=SAMPLES, layout="mono")
        text = container.add_mux_stream("mov_text", time_base=unit)
        line = av.Packet(b"\x00\x05Hello")
        line.pts = line.dts = 200
        line.duration, line.time_base, line.stream = 700, Fraction(1, 1000), text
        container.mux(line)
        for number in range(100):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, PACKET), np.float32), "fltp", "mono")
            frame.sample_rate, frame.pts = SAMPLES, number * PACKET
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    with av.open("film.mp4") as container:
        return [packet.dts for packet in container.demux(audio=0) if packet.size]


for unit, expected in ((Fraction(1, 1000), {11: 11264}), (Fraction(1, SAMPLES), {})):
    late = {number: dts for number, dts in enumerate(times(unit)) if dts != (number - 1) * PACKET}
    print(f"text in {unit} s: {late or 'all in time'}")
    assert late == expected, f"expected {expected}"
PYTHON
