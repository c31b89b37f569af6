#!/usr/bin/env python3
"""Draw pictures that look like photographs, with their exact depth, for the training of the bundled network.

    scripts/nano/draw_traced.py --folder FOLDER             draws chunk after chunk; what is there already is skipped
    scripts/nano/draw_traced.py --folder FOLDER --share 1/2 and 2/2 in another process: each draws half of them
    scripts/nano/draw_traced.py --folder FOLDER --until 06:45

Needs what README.md beside this file says. Ctrl-C and SIGTERM lose at most the chunk that is being drawn.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from cyclopts import App

from streamdepth.errors import StreamdepthError, UsageError

app = App(help=__doc__)


@app.default
def draw(*, folder: Path, first: int = 0, chunks: int = 100_000, share: str = "1/1", until: str = "") -> None:
    """Draw chunks `first` up to `first + chunks` into `folder`."""
    from traced.drawing import COUNT, write_chunk

    part, _, parts = share.partition("/")
    if not (part.isdigit() and parts.isdigit() and 1 <= int(part) <= int(parts)):
        raise UsageError(f"--share {share} is no share", "write it as 1/2")
    for index in range(first, first + chunks):
        if index % int(parts) != int(part) - 1:
            continue
        if until and datetime.now(UTC).strftime("%H:%M") >= until:
            break
        cpu, wall = time.process_time(), time.monotonic()
        if write_chunk(folder, index):
            cpu, wall = (time.process_time() - cpu) / COUNT, (time.monotonic() - wall) / COUNT
            clock = datetime.now(UTC).strftime("%H:%M:%S")
            print(f"{clock} chunk {index}: {cpu:.2f} s of CPU, {wall:.2f} s a picture", flush=True)


if __name__ == "__main__":
    try:
        app()
    except StreamdepthError as error:
        sys.exit(f"draw_traced: error: {error}")
