#!/usr/bin/env bash
# pillow-heif 1.8.1 (libheif 1.23.6): what is 8 m away in the depth picture of a HEIC is said to be 0.3 nanometres away.
#
# Guess:     the depth picture of a HEIC is 8 bits of grey; a message beside it (H.265, depth representation info) says how far the nearest and
#            the farthest grey are. pillow-heif gives both as z_near and z_far, and disparities as d_min and d_max. They are the numbers
#            that were written, in each of the lengths of 1 to 32 bits that a number may have.
# Behaviour: the message is a NAL unit, in which H.265 puts a 3 behind each two zero bytes that are followed by less than 4. libheif takes it
#            out again where it reads the parameter sets of a picture, not here: all bits from there on are a byte late. A number like 0.5,
#            1.5 or 8 ends in zeros and so spoils the next, also in the 23 bits that a float has. Nothing is said.
# Seen:      written as z_near, z_far, d_min, d_max    bits    read
#            1.5   8                                   24      1.5   8.0000005
#            1.5   8                                   32      1.5   0.00000000032
#            1     100                                 32      1     0.00000000067
#            0.3   4.2                                 32      0.3   4.2
#            0.5   8      0.125   2                    23      0.5   8      -13421772800   36893488147419103232
#            of z_near 0.5, 1, 1.5 and 2 with z_far from 3 to 30 in steps of 0.5, in 32 bits, no z_far is right; without the 3 each is
# It matters where inverse depth is turned into metres with them: the whole picture lies within nanometres of the lens.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile numpy==2.4.6 pillow==13.0.0 pillow-heif==1.8.1
venv/bin/python - <<'PYTHON'
import io
import re
import struct

import numpy as np
import pillow_heif

KIND, NAMES = b"urn:mpeg:hevc:2015:auxid:1\0", ("z_near", "z_far", "d_min", "d_max")
SEEN = [((1.5, 8), 24, (1.5, 8.0000005)), ((1.5, 8), 32, (1.5, 3.2e-10)), ((1, 100), 32, (1, 6.7e-10)), ((0.3, 4.2), 32, (0.3, 4.2))]
SEEN += [((0.5, 8, 0.125, 2), 23, (0.5, 8, -13421772800.0, 36893488147419103232.0))]


def bits(number, length):
    """Sign, exponent, length and mantissa."""
    exponent = int(np.floor(np.log2(number)))
    return f"0{exponent + 31:07b}{length - 1:05b}{round((number / 2.0**exponent - 1) * 2**length):0{length}b}"


def read(numbers, length, escaped=True):
    """By pillow-heif, from a picture of its own whose alpha is made its depth, with a message of uniform inverse depth."""
    text = ("111111" if len(numbers) == 4 else "11001") + "".join(bits(number, length) for number in numbers) + "1"
    size = -(-len(text) // 8)
    unit = bytes([39 << 1, 1, 177, size, *int(text.ljust(8 * size, "0"), 2).to_bytes(size), 0x80])
    if escaped:
        unit = re.sub(rb"\0\0(?=[\0-\3])", b"\0\0\3", unit)
    data = bytearray(WRITTEN.replace(KIND, KIND[:-2] + b"2\0" + struct.pack(">II", 4 + len(unit), len(unit)) + unit))
    sizes = [data.index(name) - 4 for name in (b"meta", b"iprp", b"ipco", b"auxC")]
    for place in (*sizes, data.index(b"iloc") + 16, data.index(b"iloc") + 34):  # the last two: where the two pictures begin
        data[place : place + 4] = (int.from_bytes(data[place : place + 4]) + 8 + len(unit)).to_bytes(4)
    (depth,) = pillow_heif.open_heif(io.BytesIO(data)).info["depth_images"]
    assert np.ptp(np.asarray(depth)) == 0 and depth.info["metadata"]["representation_type"] == 0
    return [depth.info["metadata"][name] for name in NAMES[: len(numbers)]]


file = io.BytesIO()
pillow_heif.from_bytes("LA", (64, 64), b"\x80\x80" * 4096).save(file)
WRITTEN = file.getvalue()
assert b"\0\0\3" in WRITTEN[WRITTEN.index(b"hvcC") : WRITTEN.index(b"ispe")]
for numbers, length, seen in SEEN:
    print(numbers, length, "bits, read as", read(numbers, length))
    assert np.allclose(read(numbers, length), seen, rtol=0.02, atol=0)
    assert np.allclose(read(numbers, length, escaped=False), numbers, rtol=2.0**-length)
for pair in ((near, far) for near in (0.5, 1, 1.5, 2) for far in np.arange(3, 30.5, 0.5)):
    assert read(pair, 32)[1] < 1e-6 and read(pair, 32, escaped=False) == [*pair]
PYTHON
