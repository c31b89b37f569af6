#!/usr/bin/env bash
# netCDF 4.10.1 (netCDF4 1.7.5.1) and imagecodecs 2026.10.10: what is infinitely far is at 0 m, or a hole, where digits are rounded off.
#
# Guess:     rounding to so many digits, which netCDF offers so that files become smaller, changes numbers by so many digits: infinity
#            stays infinity and a hole (NaN) stays a hole, in each of the three ways.
# Behaviour: GranularBitRound counts digits by a logarithm, of infinity as well: it becomes zero, with the sign turned round.
#            BitGroom, which is the default, sets and clears the last bits by turns, and an infinity with bits set is NaN: of what is
#            infinitely far each second pixel is a hole, in a chess board where the width is odd. BitRound is right. imagecodecs, which has
#            the same three, does the same, and its granularbr makes zero of each NaN as well. Nothing is said.
# Seen:      1.2, infinity, infinity, NaN with three digits, in float32 as in float64
#                                 netCDF                      imagecodecs
#            BitGroom             1.1997, NaN, inf, NaN       1.1997, NaN, inf, NaN
#            GranularBitRound     1.2031,  -0,  -0, NaN       1.2031,  -0,  -0,  -0
#            BitRound, 3 bits     1.25,   inf, inf, NaN       1.25,   inf, inf, NaN
#
# It matters where disparity or depth is kept rounded: the sky of a depth map, which is infinitely far, comes back as the lens itself.
# Fails where that changes. Needs Python 3.12 or newer (PYTHON=python3.12) and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.5.5 netCDF4==1.7.5.1.post1 imagecodecs==2026.10.10
venv/bin/python - <<'PYTHON'
import imagecodecs
import netCDF4
import numpy as np

assert netCDF4.__netcdf4libversion__.startswith("4.10.1")
GIVEN = [1.2, np.inf, np.inf, np.nan]
NAMES = {"BitGroom": "bitgroom", "GranularBitRound": "granularbr", "BitRound": "bitround"}
BY_NETCDF = {
    "BitGroom": ["1.1997", "nan", "inf", "nan"],
    "GranularBitRound": ["1.2031", "-0", "-0", "nan"],
    "BitRound": ["1.25", "inf", "inf", "nan"],
}
BY_IMAGECODECS = BY_NETCDF | {"GranularBitRound": ["1.2031", "-0", "-0", "-0"]}


def by_netcdf(depth, **how):
    with netCDF4.Dataset("depth.nc", "w") as file:
        for name, count in zip("yx", depth.shape, strict=True):
            file.createDimension(name, count)
        variable = file.createVariable("depth", depth.dtype, ("y", "x"), zlib=True, significant_digits=3, **how)
        variable[:] = depth
    with netCDF4.Dataset("depth.nc") as file:
        file.set_auto_mask(False)
        return file["depth"][:]


def text(depth):
    return [f"{value:.5g}" for value in depth.ravel()]


for kind in (np.float32, np.float64):
    depth = np.array([GIVEN], kind)
    for mode, name in NAMES.items():
        answers = text(by_netcdf(depth, quantize_mode=mode)), text(imagecodecs.quantize_encode(depth.copy(), name, 3))
        print(kind.__name__, mode, *answers)
        assert answers == (BY_NETCDF[mode], BY_IMAGECODECS[mode])
chess = by_netcdf(np.full((3, 5), np.inf, np.float32))
print(chess)
assert np.array_equal(np.isnan(chess).ravel(), np.arange(15) % 2 == 1)
assert np.isposinf(chess.ravel()[::2]).all()
PYTHON
