#!/usr/bin/env bash
# imagecodecs 2026.3.6 (libjxl 0.11.2): half floats in lossless JPEG XL come back with holes (NaN) at infinity.
#
# Guess:     jpegxl_encode() is lossless by default, for float16 as for float32 and whole numbers: every bit comes back. Without a
#            loss there is nothing to compute with, so that NaN is no matter; float32 does so.
# Behaviour: of the 65,536 half floats 3,070 come back as others. NaN is infinity, with its sign: a hole in a map of depth is then
#            what is furthest. Numbers between 0.0000305 and 0.0000610, which is the upper half of the subnormal ones, come back
#            as 0 to 0.0000610: 0.00004 is 0.000019, less than what 0.00003 is. All others are right, the lower half of the
#            subnormal ones too. Nothing is said. It is the same in TIFFs that tifffile
#            writes with compression="jpegxl". float32 comes back to the last bit, all of these numbers included.
# Seen:      of all half floats, as they are, and as float32
#                                               float16         float32
#            NaN of 2046                        2046 infinite   all NaN
#            0.0000305 to 0.0000610 of 1024     1024 too small  as they were
#            the other 62,466                   as they were    as they were
#
# It matters since half floats are what networks give, and lossless JPEG XL is one of few pictures that take them.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 tifffile==2026.3.3 imagecodecs==2026.3.6
venv/bin/python - <<'PYTHON'
import imagecodecs
import numpy as np
import tifffile

assert imagecodecs.jpegxl_version() == "libjxl 0.11.2"
ALL = np.arange(65536, dtype=np.uint16).view(np.float16).reshape(256, 256)
SMALLEST_NORMAL = 2.0**-14


def in_jpegxl(picture):
    return imagecodecs.jpegxl_decode(imagecodecs.jpegxl_encode(picture))


def in_tiff(picture):
    tifffile.imwrite("depth.tif", picture, compression="jpegxl", photometric="minisblack")
    return tifffile.imread("depth.tif")


holes = np.isnan(ALL)
upper = (np.abs(ALL) >= SMALLEST_NORMAL / 2) & (np.abs(ALL) < SMALLEST_NORMAL)
assert (holes.sum(), upper.sum()) == (2046, 1024)
for way in (in_jpegxl, in_tiff):
    found = way(ALL)
    assert (found.dtype, found.shape) == (ALL.dtype, ALL.shape)
    wrong = found.view(np.uint16) != ALL.view(np.uint16)
    print(f"{way.__name__}, float16: {wrong.sum()} wrong, of which NaN {wrong[holes].sum()}, small {wrong[upper].sum()}")
    assert np.array_equal(wrong, holes | upper)
    assert np.all(np.isinf(found[holes]))
    assert np.array_equal(np.signbit(found[holes]), np.signbit(ALL[holes]))
    assert np.array_equal(np.abs(found[upper]), 2 * (np.abs(ALL[upper]) - np.float16(SMALLEST_NORMAL / 2)))
    whole = way(ALL.astype(np.float32))
    assert whole.dtype == np.float32
    assert np.array_equal(whole.view(np.uint32), ALL.astype(np.float32).view(np.uint32))
    print(f"{way.__name__}, float32: as they were")

depth = np.linspace(1, 5, 48 * 64).astype(np.float16).reshape(48, 64)
depth[10:20, 30:40] = np.nan
found = in_jpegxl(depth)
print(f"a map of 1 to 5 m with a hole: {np.isinf(found).sum()} pixels infinitely far, {np.isnan(found).sum()} NaN")
assert np.array_equal(np.isinf(found), np.isnan(depth))
assert np.array_equal(found[~np.isnan(depth)], depth[~np.isnan(depth)])
PYTHON
