#!/usr/bin/env bash
# imagecodecs 2026.3.6 (OpenJPEG 2.5.4): a hole in a uint32 map that is stored in lossless JPEG 2000 has depths up to 67,108,863.
#
# Guess:     jpeg2k_encode() of whole numbers is lossless by default, for uint8, uint16 and uint32 alike, or refuses what it
#            cannot keep; tifffile writes such a TIFF with compression="jpeg2000". Numbers below 24,000 are no burden in 32 bits.
# Behaviour: a smooth map comes back. Where a hole of 0, or a step of a thousand or more, stands in it as uint32, the hole and what
#            is around it come back as other numbers, up to 2^26 - 1, without an error: 32 bits are stated, and so half of their range
#            is taken off each number first, which is more than OpenJPEG's arithmetic has room for. int32, uint16, a stated
#            precision (bitspersample=20) and HTJ2K (htj2k_encode) are lossless.
# Seen:      640 x 480 of 15,000 to 23,807 (tenths of a millimetre), and the same with a hole of 100 x 50 at 0
#                                               whole map    with the hole
#            uint32                             as it was    2.6 % wrong, no 0 left, greatest 67108863
#            uint32, TIFF by tifffile           as it was    1.4 % wrong, greatest 67108863
#            uint32, bitspersample=20           as it was    as it was
#            uint32, HTJ2K                      as it was    as it was
#            int32, uint16                      as it was    as it was
#
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 imagecodecs==2026.3.6 tifffile==2026.3.3
venv/bin/python - <<'PYTHON'
import imagecodecs
import numpy as np
import tifffile

y, x = np.mgrid[:480, :640]
whole = (15000 + x * 10 + y * 5 + np.random.default_rng(0).integers(0, 30, x.shape)).astype(np.uint32)
hole = whole.copy()
hole[300:350, 100:200] = 0


def plain(depth):
    return imagecodecs.jpeg2k_decode(imagecodecs.jpeg2k_encode(depth))


def stated(depth):
    return imagecodecs.jpeg2k_decode(imagecodecs.jpeg2k_encode(depth, bitspersample=20))


def high_throughput(depth):
    return imagecodecs.htj2k_decode(imagecodecs.htj2k_encode(depth))


def tiff(depth, compression="jpeg2000"):
    tifffile.imwrite("depth.tif", depth, compression=compression)
    return tifffile.imread("depth.tif")


def check(name, store, kind, least, most):
    assert np.array_equal(store(whole.astype(kind)), whole), name
    found = store(hole.astype(kind))
    wrong = float(np.mean(found != hole))
    print(f"{name}, {np.dtype(kind)}: with the hole {wrong:.1%} wrong, the greatest {found.max()}, {np.sum(found == 0)} at 0")
    assert found.dtype == kind and least <= wrong <= most
    assert bool(found.max() == 23807) == (most == 0)


check("JPEG 2000", plain, np.uint32, 0.02, 0.04)
assert plain(hole).max() == 2**26 - 1 and not np.any(plain(hole) == 0)
check("TIFF, jpeg2000", tiff, np.uint32, 0.005, 0.03)
check("TIFF, zlib", lambda depth: tiff(depth, "zlib"), np.uint32, 0, 0)
check("bitspersample=20", stated, np.uint32, 0, 0)
check("HTJ2K", high_throughput, np.uint32, 0, 0)
check("JPEG 2000", plain, np.int32, 0, 0)
check("JPEG 2000", plain, np.uint16, 0, 0)
PYTHON
