#!/usr/bin/env bash
# tifffile 2026.3.3 with imagecodecs 2026.3.6: holes (NaN) of a depth map in a TIFF with LERC are read as depth 0.
#
# Guess:     compression="lerc" keeps every value to the last bit by default. LERC was made for heights with gaps: NaN comes
#            back as NaN, as with zlib, zstd and lzma, or the map is refused.
# Behaviour: the encoder marks NaN as "no value" in a mask of its own, beside the pixels. The decoder gives that mask only to
#            who asks for it; tifffile does not, and puts 0 where it says "none". GDAL (rasterio 1.4.4) reads NaN from the
#            same file, and tifffile reads 0 from the file that GDAL wrote.
# Seen:      64 x 48 from 1 to 5 m with a hole of 10 x 10
#                                 tifffile                rasterio
#            zlib, zstd           100 NaN, nothing at 0   100 NaN, nothing at 0
#            lerc                 no NaN, 100 at 0        100 NaN, nothing at 0
#            LERC by GDAL         no NaN, 100 at 0        100 NaN, nothing at 0
#
# It matters where the least depth or a mean is taken: a hole has become the nearest thing in the picture.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 tifffile==2026.3.3 imagecodecs==2026.3.6 rasterio==1.4.4
venv/bin/python -W ignore - <<'PYTHON'
import numpy as np
import rasterio
import tifffile

depth = np.linspace(1, 5, 48 * 64, dtype=np.float32).reshape(48, 64)
depth[10:20, 10:20] = np.nan


def by_gdal(path):
    with rasterio.open(path) as file:
        return file.read(1)


def check(path, expected):
    for name, found, (holes, zeros) in (("tifffile", tifffile.imread(path), expected), ("rasterio", by_gdal(path), (100, 0))):
        seen = int(np.isnan(found).sum()), int((found == 0).sum())
        print(f"{path}, {name}: {seen[0]} NaN, {seen[1]} at 0")
        assert seen == (holes, zeros)
        there = ~np.isnan(depth)
        assert np.array_equal(found[there], depth[there])


for name, expected in (("zlib", (100, 0)), ("zstd", (100, 0)), ("lerc", (0, 100))):
    tifffile.imwrite(f"{name}.tiff", depth, compression=name)
    check(f"{name}.tiff", expected)
shape = {"height": 48, "width": 64, "count": 1, "dtype": "float32"}
with rasterio.open("gdal.tiff", "w", driver="GTiff", compress="LERC", **shape) as file:
    file.write(depth, 1)
check("gdal.tiff", (0, 100))
PYTHON
