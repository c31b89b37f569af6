#!/usr/bin/env bash
# fitsio 1.4.2 reads the holes of a depth map in FITS as 32.768 m behind the camera, and astropy 8.0.2 some of them as depth.
#
# Guess:     BLANK in the header of whole numbers says which number stands for "no value", and FITS has no other way to mark a hole in
#            them. A reader gives NaN there, or a mask: astropy has an option to ignore BLANK, so that it respects it by
#            default, and fitsio scales by BSCALE and BZERO, which belong to it.
# Behaviour: fitsio passes over it everywhere: a hole is a number like any other, scaled too, so that metres made of int16 with
#            the usual -32768 have holes at -32.768 m. astropy gives NaN, but not where BZERO makes unsigned numbers, the
#            form of uint16 that FITS has: with uint=False, the same file has NaN. And ignore_blank=True has an effect in
#            the first part of a file alone: in each extension the holes are NaN all the same. Nothing is said.
# Seen:      a row of 1000, 1500, a hole and 2000, with BLANK = -32768; what is where the hole is
#                                                     astropy   uint=False   ignore_blank=True   fitsio
#            int16, first part                        NaN       NaN          -32768              -32768
#            int16, extension, plain or RICE          NaN       NaN          NaN                 -32768
#            uint16 (BZERO = 32768), anywhere         0         NaN          0                   0
#            metres (BSCALE = 0.001), first part      NaN       NaN          -32.768             -32.768
#            metres, extension, plain or RICE         NaN       NaN          NaN                 -32.768
#
# It matters since lunar and planetary depth and heights are exchanged in FITS: one hole moves the mean of a hundred pixels by 0.3 m.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile numpy==2.4.6 astropy==8.0.2 fitsio==1.4.2
venv/bin/python - <<'PYTHON'
import warnings

import fitsio
import numpy as np
from astropy.io import fits

HOLE = -32768
STORED = np.array([[1000, 1500, HOLE, 2000]] * 4, np.int16)
METRES = np.float32(HOLE * 0.001)
# What is where the hole is: by default, with uint=False, with ignore_blank=True, and by fitsio.
WANTED = {
    ("int16", "first"): (np.nan, np.nan, HOLE, HOLE),
    ("int16", "extension"): (np.nan, np.nan, np.nan, HOLE),
    ("uint16", "first"): (0, np.nan, 0, 0),
    ("uint16", "extension"): (0, np.nan, 0, 0),
    ("metres", "first"): (np.nan, np.nan, METRES, METRES),
    ("metres", "extension"): (np.nan, np.nan, np.nan, METRES),
}


def write(path, kind, place, compressed):
    numbers = (STORED.astype(np.int32) + 32768).astype(np.uint16) if kind == "uint16" else STORED
    if compressed:
        part = fits.CompImageHDU(numbers, compression_type="RICE_1")
    else:
        part = fits.PrimaryHDU(numbers) if place == "first" else fits.ImageHDU(numbers)
    part.header["BLANK"] = HOLE
    if kind == "metres":
        part.header["BSCALE"], part.header["BZERO"] = 0.001, 0.0
    (part if place == "first" else fits.HDUList([fits.PrimaryHDU(), part])).writeto(path)


def by_astropy(path, index, **options):
    with fits.open(path, **options) as file:
        return np.array(file[index].data)


warnings.simplefilter("ignore", fits.verify.VerifyWarning)
for (kind, place), wanted in WANTED.items():
    for compressed in (False, True) if place == "extension" else (False,):
        path = f"{kind}-{place}-{compressed}.fits"
        write(path, kind, place, compressed)
        index = 0 if place == "first" else 1
        maps = [by_astropy(path, index, **options) for options in ({}, {"uint": False}, {"ignore_blank": True})]
        maps.append(fitsio.read(path, ext=index))
        first = {"int16": 1000, "uint16": 33768, "metres": 1}[kind]
        assert all(np.allclose(depth[:, 0], first) for depth in maps)
        found = [depth[0, 2] for depth in maps]
        print(f"{kind}, {place}, {'RICE' if compressed else 'plain'}: {', '.join(map(str, found))}")
        assert np.allclose(found, wanted, equal_nan=True)
PYTHON
