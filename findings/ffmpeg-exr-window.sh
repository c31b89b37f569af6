#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg 8.1): an EXR whose display window does not begin at (0, 0) comes out black, or shifted.
#
# Guess:     of an EXR the display window is shown, with what the data window holds of it: where both are the same rectangle,
#            the picture is all pixels of the file, wherever that rectangle lies. FFmpeg does so for windows that begin at
#            the origin: data around the window is cut off, and what it does not cover is black.
# Behaviour: the size is that of the display window, but pixels are put where their own numbers say, as if the window began at
#            (0, 0). A tile of a larger picture, as renderers write a region, moves down and to the right by where it lies:
#            beyond its own size it is all black. A window within the data shows the data's first pixels. No
#            error, no warning; every compression. OpenEXR's own reader gives all pixels and both windows.
# Seen:      10 x 10 of 1 to 100, rows of ten
#            display and data from (0, 0)                  begins 1 2 3
#            both from (4, 0)                              begins 0 0 0 0 1 2 3, the last 4 columns are lost
#            both from (10, 20)                            all 0
#            data from (0, 0), display (3, 2) to (8, 7)    begins 1 2 3 instead of 24 25 26
#            data from (-2, -2), display from (0, 0)       begins 23 24 25, as it should
#
# It matters where depth is rendered in tiles, or a region of it anew, and put together by FFmpeg.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 openexr==3.5.3 av==18.1.0
venv/bin/python - <<'PYTHON'
import av
import numpy as np
import OpenEXR

DEPTH = np.arange(1, 101, dtype=np.float32).reshape(10, 10)


def window(x, y, width=10, height=10):
    return (x, y), (x + width - 1, y + height - 1)


def read(data, display, compression=OpenEXR.ZIP_COMPRESSION):
    """The picture as FFmpeg gives it."""
    header = {
        "compression": compression,
        "type": OpenEXR.scanlineimage,
        "dataWindow": data,
        "displayWindow": display,
    }
    OpenEXR.File(header, {"Y": DEPTH}).write("depth.exr")
    with OpenEXR.File("depth.exr") as file:
        stored = file.header()
        assert np.array_equal(file.channels()["Y"].pixels, DEPTH)
        assert [tuple(one) for one in stored["dataWindow"]] == list(data)
        assert [tuple(one) for one in stored["displayWindow"]] == list(display)
    with av.open("depth.exr") as container:
        return next(container.decode(video=0)).to_ndarray()


def show(name, picture):
    print(f"{name}: {picture.shape[1]} x {picture.shape[0]}, begins {picture[0].astype(int).tolist()}")


plain = read(window(0, 0), window(0, 0))
around = read(window(-2, -2), window(0, 0, 6, 6))
show("both from (0, 0)", plain)
show("data from (-2, -2), display from (0, 0)", around)
assert np.array_equal(plain, DEPTH) and np.array_equal(around, DEPTH[2:8, 2:8])
for name in ("NO", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24"):
    compression = getattr(OpenEXR, f"{name}_COMPRESSION")
    moved = read(window(4, 0), window(4, 0), compression)
    assert np.array_equal(moved[:, 4:], DEPTH[:, :6]) and not moved[:, :4].any()
    tile = read(window(10, 20), window(10, 20), compression)
    assert tile.shape == DEPTH.shape and not tile.any()
    within = read(window(0, 0), window(3, 2, 6, 6), compression)
    assert np.array_equal(within, DEPTH[:6, :6])
show("both from (4, 0)", moved)
show("both from (10, 20)", tile)
show("data from (0, 0), display (3, 2) to (8, 7)", within)
PYTHON
