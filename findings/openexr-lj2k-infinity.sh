#!/usr/bin/env bash
# OpenEXR 3.5.3: in its new lossy compression LJ2K, what is infinitely far, or a hole, is at 186, nearer than what is at 1000.
#
# Guess:     a lossy compression of colours keeps great numbers about as well as small ones, in proportion, as it does 1000 and
#            100,000; infinity stays infinite or becomes a number greater than all others, as by DWAA and of half floats.
# Behaviour: in R, G and B together, of floats of 32 bits, infinity and NaN both become 186, about, a number like any other,
#            whatever is around them; half floats become 43,168. It is so of each layer that has the three names
#            ("position.R"), which is what is taken for colours; a channel of another name, or R alone, is kept without
#            loss, and so is Z in the same file. Nothing is said.
# Seen:      64 x 48 from 1 to 6.5 m with 10 x 10 of ...        1000     100000    infinity    NaN
#            LJ2K   R, G, B, and position.R, .G, .B             999      99932     185.6       185.6
#                   the same as half floats                     1000     -         43168       43168
#                   Z, Y, or R alone                            1000     100000    infinity    NaN
#            DWAA   R, G, B                                     1001     65248     65248       0
#
# It matters for positions that are written as three colours, with infinity where there is nothing, and for lights.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 openexr==3.5.3
venv/bin/python - <<'PYTHON'
import numpy as np
import OpenEXR

METRES = ((np.arange(64) + 1) / 16 + np.arange(48)[:, None] / 32 + 1).astype(np.float32)
HOLE = np.s_[10:20, 30:40]
MIDDLE = 14, 35


def kept(compression, names, value, size=np.float32):
    """What is read in the middle of a patch of one value, in each channel, and the rest of the map."""
    depth = METRES.astype(size)
    depth[HOLE] = value
    header = {"compression": getattr(OpenEXR, f"{compression}_COMPRESSION"), "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, {name: depth.copy() for name in names}).write("depth.exr")
    with OpenEXR.File("depth.exr", separate_channels=True) as file:
        pixels = {name: channel.pixels for name, channel in file.channels().items()}
    assert sorted(pixels) == sorted(names)
    rest = np.ones(METRES.shape, bool)
    rest[5:25, 25:45] = False
    for found in pixels.values():
        assert found.dtype == size
        assert np.abs(found[rest].astype(np.float64) / METRES[rest] - 1).max() < 0.02
    return {name: float(found[MIDDLE]) for name, found in pixels.items()}


COLOURS = "R", "G", "B"
for names in (COLOURS, tuple(f"position.{name}" for name in COLOURS)):
    for size, values, beyond in ((np.float32, (1000, 1e5, np.inf, np.nan), 186), (np.float16, (1000, np.inf, np.nan), 43168)):
        found = {value: kept("LJ2K", names, value, size) for value in values}
        print("LJ2K", *names, size.__name__, *(f"{value}: {channels[names[0]]}" for value, channels in found.items()))
        for value, channels in found.items():
            for number in channels.values():
                assert abs(number / (value if np.isfinite(value) else beyond) - 1) < 0.01
for names in (("Z",), ("Y",), ("R",)):
    for value in (1000, np.inf, np.nan):
        assert np.array_equal(list(kept("LJ2K", names, value).values()), [value], equal_nan=True)
both = kept("LJ2K", (*COLOURS, "Z"), np.inf)
print("LJ2K, colours and Z:", both)
assert abs(both["R"] - 186) < 2
assert both["Z"] == np.inf
for value in (1000, 1e5, np.inf, np.nan):
    print("DWAA", f"{value}: {kept('DWAA', COLOURS, value)['R']}")
assert kept("DWAA", COLOURS, np.inf)["R"] > 65000 > kept("DWAA", COLOURS, 1000)["R"]
assert abs(kept("DWAA", COLOURS, np.nan)["R"]) < 0.001
PYTHON
