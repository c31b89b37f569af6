#!/usr/bin/env bash
# SVT-AV1, as PyAV 18.1.0 brings it, makes the thread that opens an encoder a real-time thread, and leaves it one.
#
# Guess:     an encoder may give priorities to threads of its own; the thread that calls it has the policy afterwards that
#            it had before, as with x264, x265 and libvpx in the same wheel.
# Behaviour: where the process may (as root, or with CAP_SYS_NICE: the usual case in a container), opening libsvtav1 puts
#            the calling thread under SCHED_FIFO at priority 99. It stays so after the encoder is closed, and every
#            thread that it starts from then on inherits it. In a program of several threads on two cores such a thread
#            is served before everything else of the machine.
# Seen:      libx264 SCHED_OTHER 0, libx265 SCHED_OTHER 0, libvpx-vp9 SCHED_OTHER 0, libsvtav1 SCHED_FIFO 99,
#            a thread started after it SCHED_FIFO 99
#            Opened in a thread that then ends, it leaves the others as they were.
#
# Fails where that changes. Needs Linux, root, Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo "run it as root: without the right to it nothing changes" >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet av==18.1.0
cat > policy.py <<'PYTHON'
import os
import sys
import threading
from fractions import Fraction

import av

NAMES = {os.SCHED_OTHER: "SCHED_OTHER", os.SCHED_FIFO: "SCHED_FIFO", os.SCHED_RR: "SCHED_RR"}


def policy():
    return f"{NAMES[os.sched_getscheduler(0)]} {os.sched_getparam(0).sched_priority}"


def encode(name):
    encoder = av.CodecContext.create(name, "w")
    encoder.width = encoder.height = 64
    encoder.pix_fmt, encoder.time_base, encoder.framerate = "yuv420p", Fraction(1, 25), Fraction(25)
    frame = av.VideoFrame(64, 64, "yuv420p")
    frame.pts = 0
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    assert packets


def in_a_thread(call):
    told = []
    thread = threading.Thread(target=lambda: told.append(call()))
    thread.start()
    thread.join()
    return told[0]


if sys.argv[1] == "aside":
    in_a_thread(lambda: encode("libsvtav1"))
    print(policy())
else:
    encode(sys.argv[1])
    print(f"{policy()}, a thread started after it {in_a_thread(policy)}")
PYTHON
expect() {
    seen=$(venv/bin/python policy.py "$1" 2>/dev/null | tail -1)
    echo "$1: $seen"
    [ "$seen" = "$2" ] || { echo "expected: $2" >&2; exit 1; }
}
for codec in libx264 libx265 libvpx-vp9; do
    expect "$codec" "SCHED_OTHER 0, a thread started after it SCHED_OTHER 0"
done
expect libsvtav1 "SCHED_FIFO 99, a thread started after it SCHED_FIFO 99"
expect aside "SCHED_OTHER 0"
