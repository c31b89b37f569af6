#!/usr/bin/env bash
# PyAV 18.1.0: Ctrl+C is lost, and `finally` is skipped, where a signal falls into the write of a Python file object.
#
# Guess:     av.open() takes an object with a `write` method; what that raises comes out of `mux` or `close`, as the
#            OSError of a full disk does. KeyboardInterrupt and SystemExit, which Python's signal handlers raise wherever
#            the program happens to be, are no exception to that.
# Behaviour: only subclasses of Exception come out. KeyboardInterrupt is printed as "ignored" and the program goes on, as if
#            nothing had been asked: the film is whole by every sign, but the bytes of that write are missing from it.
#            SystemExit, which a handler of SIGTERM commonly raises, ends the process within the write: with its status,
#            but without `finally`, `with` and `except` of the program. While the OSError itself does come out of `mux`,
#            `with av.open()` replaces it by a PyAVCallbackError without a word of it (it is the __context__).
# Seen:      200 pictures encoded into an io.BytesIO in Matroska; the third write is interrupted
#            SIGINT     no exception, 200 pictures encoded, 198 of them in the file; finally ran
#            SIGTERM    status 7 at once; finally did not run
#            OSError    PyAVCallbackError: [Errno 1447131472] Error in PyAV callback, from the OSError; finally ran
#
# It matters since most of the Python that such a program runs while it encodes is that `write`: signals fall there.
# Fails where that changes. Needs Linux, Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 av==18.1.0
cat >encode.py <<'PYTHON'
import io
import os
import signal
import sys

import av
import numpy as np

PICTURES, INTERRUPTED = 200, 3


def leave(*_):
    raise SystemExit(7)


class Interrupted(io.BytesIO):
    """Memory; its third write meets what the command line names."""

    calls = 0

    def write(self, data):
        self.calls += 1
        if self.calls == INTERRUPTED:
            if sys.argv[1] == "OSError":
                raise OSError(28, "No space left on device")
            os.kill(os.getpid(), getattr(signal, sys.argv[1]))
        return super().write(data)


def pictures(data):
    with av.open(io.BytesIO(data)) as container:
        return sum(1 for _ in container.decode(video=0))


signal.signal(signal.SIGTERM, leave)
noise, file, encoded = np.random.default_rng(1), Interrupted(), 0
try:
    with av.open(file, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=25, options={"g": "25", "bf": "0", "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = 128, 128, "yuv420p"
        for _ in range(PICTURES):
            frame = av.VideoFrame.from_ndarray(noise.integers(0, 255, (128, 128, 3), dtype=np.uint8), "bgr24")
            container.mux(stream.encode(frame))
            encoded += 1
        container.mux(stream.encode(None))
    print(f"no exception, {encoded} encoded, {pictures(file.getvalue())} in the file", end="; ")
except BaseException as error:
    print(f"{type(error).__name__} from {type(error.__context__).__name__}", end="; ")
finally:
    print("finally ran", flush=True)
PYTHON
expect() {
    local seen status=0
    seen=$(venv/bin/python encode.py "$1" 2>errors) || status=$?
    echo "$1: ${seen:-nothing more is run}, status $status"
    [ "$seen, $status" = "$2" ] || { echo "changed: it was: $2" >&2; exit 1; }
}
expect SIGINT "no exception, 200 encoded, 198 in the file; finally ran, 0"
grep -q "Exception ignored in" errors
expect SIGTERM ", 7"
expect OSError "PyAVCallbackError from OSError; finally ran, 0"
