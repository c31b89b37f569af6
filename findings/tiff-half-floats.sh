#!/usr/bin/env bash
# A TIFF of half floats is read as whole numbers by PyAV 18.1.0 (FFmpeg 8.1), SimpleITK 2.5.7, image-js 1.7.0 and three 0.187.0.
#
# Guess:     the tag SampleFormat says whether 16 bits are a whole number or a float: a reader that knows no half floats
#            refuses the file, as FFmpeg and image-js refuse TIFFs of 32-bit floats, and as OpenCV and Pillow refuse this.
# Behaviour: the bits are given as numbers from 0 to 65535, as a picture of 16-bit grey; three shows the upper eight of
#            them. Nothing is said. Positive halves have the same order as their bits, so that the map looks like depth: what is
#            twice as far is 1024 more. GDAL, OpenImageIO and geotiff.js read the numbers.
# Seen:      1 1.25 1.5 1.75 2 m, written by tifffile 2026.3.3, as it is and compressed (zlib), little and big endian
#            rasterio, OpenImageIO, geotiff.js      1 1.25 1.5 1.75 2
#            OpenCV 5.0.0, Pillow 13.0.0            refused
#            PyAV, SimpleITK, image-js              15360 15616 15872 16128 16384
#            three (TIFFLoader)                     60 61 62 63 64
#
# It matters since half floats are what networks give, and half the size: read as millimetres, one metre is 15.36 m.
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 tifffile==2026.3.3 av==18.1.0 simpleitk==2.5.7 opencv-python-headless==5.0.0.93 \
  pillow==13.0.0 rasterio==1.4.4 openimageio==3.2.2.0
npm install --silent --no-audit --no-fund image-js@1.7.0 three@0.187.0 geotiff@3.0.5
cat > read.mjs <<'JAVASCRIPT'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fromFile } from 'geotiff';
import { decode } from 'image-js';
import { TIFFLoader } from 'three/examples/jsm/loaders/TIFFLoader.js';

for (const path of process.argv.slice(2)) {
  const bytes = readFileSync(path);
  const shown = new TIFFLoader().parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const found = {
    'geotiff.js': [...(await (await (await fromFile(path)).getImage()).readRasters({ interleave: true }))],
    'image-js': [...decode(bytes).getRawImage().data],
    three: [0, 1, 2, 3, 4].map((place) => shown.data[4 * place]),
  };
  console.log(path, found);
  assert.deepEqual(found, {
    'geotiff.js': [1, 1.25, 1.5, 1.75, 2],
    'image-js': [15360, 15616, 15872, 16128, 16384],
    three: [60, 61, 62, 63, 64],
  });
}
assert.throws(() => decode(readFileSync('floats.tif')), /Float TIFF data is not supported/);
JAVASCRIPT
cat > read.py <<'PYTHON'
import subprocess
import warnings

import av
import cv2
import numpy as np
import OpenImageIO
import rasterio
import SimpleITK
import tifffile
from PIL import Image

warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
DEPTH = np.array([[1, 1.25, 1.5, 1.75, 2]], np.float16)
BITS = DEPTH.view(np.uint16)


def by_opencv(path):
    found = cv2.imread(path, cv2.IMREAD_UNCHANGED)
    if found is None:
        raise OSError("refused")
    return found


def by_openimageio(path):
    picture = OpenImageIO.ImageBuf(path)
    return picture.get_pixels(OpenImageIO.FLOAT)[..., 0]


def by_ffmpeg(path):
    with av.open(path) as container:
        return next(container.decode(video=0)).to_ndarray()


def by_rasterio(path):
    with rasterio.open(path) as file:
        return file.read(1)


def by_pillow(path):
    with Image.open(path) as image:
        return np.array(image)


def by_itk(path):
    return SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(path))


def answer(reader, path):
    try:
        found = reader(path)
    except (OSError, av.error.FFmpegError) as error:
        return f"refused ({type(error).__name__})"
    return found.tolist()[0]


WANTED = {
    by_rasterio: DEPTH.tolist()[0],
    by_openimageio: DEPTH.tolist()[0],
    by_ffmpeg: BITS.tolist()[0],
    by_itk: BITS.tolist()[0],
}
PATHS = []
for name, options in (("plain", {}), ("zlib", {"compression": "zlib"}), ("big", {"byteorder": ">"})):
    PATHS.append(f"{name}.tif")
    tifffile.imwrite(PATHS[-1], DEPTH, photometric="minisblack", **options)
    assert np.array_equal(tifffile.imread(PATHS[-1]).squeeze(), DEPTH[0])
    for reader, wanted in WANTED.items():
        found = answer(reader, PATHS[-1])
        print(PATHS[-1], reader.__name__, found)
        assert found == wanted
    for reader in (by_opencv, by_pillow):
        assert "refused" in answer(reader, PATHS[-1])
tifffile.imwrite("floats.tif", DEPTH.astype(np.float32), photometric="minisblack")
assert "refused" in answer(by_ffmpeg, "floats.tif")
subprocess.run(["node", "read.mjs", *PATHS], check=True)
PYTHON
OPENCV_LOG_LEVEL=SILENT venv/bin/python read.py
