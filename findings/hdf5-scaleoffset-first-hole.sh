#!/usr/bin/env bash
# HDF5 2.0.0 (h5py 3.16.0): a depth map with a hole in its first pixel is stored with scaleoffset, and can never be read again.
#
# Guess:     scaleoffset=3 keeps millimetres of metres. h5py's documentation says that NaN is not kept: a hole then becomes some
#            number, wherever it lies, and all else is as precise as asked for.
# Behaviour: a hole becomes the least number of its chunk: it is now where the nearest thing is. Where the first pixel of a
#            chunk is a hole, the file is written without an error, and the chunk, all of it, is refused when it is read.
#            A fill value of NaN changes nothing; floats of 64 bits come back whole. Holes of -1 are right, and so are
#            gzip and NaN.
# Seen:      48 x 64 from 1 to 5 m, scaleoffset=3
#            no hole                           off by up to 0.0005
#            a hole of 50 pixels within        no NaN, all 50 at 1.0; else off by up to 0.0005
#            the first pixel alone             written; OSError: Can't synchronously read data (filter returned failure ...)
#            the same in chunks of 16 x 16     the first chunk, and whatever touches it: OSError; the others are right
#            float64, the first pixel alone    one NaN, all else the same
#            gzip, the first pixel alone       one NaN, all else the same
#
# It matters since depth has its holes along the edge of the picture, where one camera sees what the other does not.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 h5py==3.16.0
venv/bin/python - <<'PYTHON'
import h5py
import numpy as np

assert h5py.version.hdf5_version == "2.0.0"
DEPTH = np.tile(np.linspace(1, 5, 64, dtype=np.float32), (48, 1))
within, first = DEPTH.copy(), DEPTH.copy()
within[10:15, 10:20] = np.nan
first[0, 0] = np.nan


def read(depth, part=np.s_[:], **options):
    """A part of the map as it is read after it was written, or the error."""
    with h5py.File("depth.h5", "w") as file:
        file.create_dataset("depth", data=depth, **options)
    with h5py.File("depth.h5") as file:
        try:
            return file["depth"][part]
        except OSError as error:
            return str(error)


def close(found, depth):
    there = np.isfinite(depth)
    return float(np.abs(found - depth)[there].max()) < 0.00051


whole = {"scaleoffset": 3, "chunks": (48, 64)}
assert close(read(DEPTH, **whole), DEPTH)
for fill in (0, np.nan):
    found = read(within, fillvalue=fill, **whole)
    print(f"a hole within, fill value {fill}: {np.isnan(found).sum()} NaN, the hole is {np.unique(found[10:15, 10:20])}")
    assert close(found, within) and (found[10:15, 10:20] == 1).all()
    found = read(first, fillvalue=fill, **whole)
    print(f"the first pixel, fill value {fill}: {found}")
    assert isinstance(found, str) and "read data" in found
tiles = {"scaleoffset": 3, "chunks": (16, 16)}
for part, refused in ((np.s_[:], True), (np.s_[15:, 15:], True), (np.s_[:16, :16], True), (np.s_[:, 16:], False)):
    found = read(first, part, **tiles)
    print(f"chunks of 16 x 16, {part}: {found if refused else found.shape}")
    assert isinstance(found, str) if refused else close(found, DEPTH[part])
minus = np.where(np.isnan(first), np.float32(-1), first)
assert close(read(minus, **whole), minus)
for found in (read(first.astype(np.float64), **whole), read(first, compression="gzip", chunks=(48, 64))):
    assert np.array_equal(found, first, equal_nan=True)
PYTHON
