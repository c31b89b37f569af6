#!/usr/bin/env bash
# VTK 9.7.2: a TIFF is read upside down, whatever its tag of orientation says, and its own TIFFs come back upside down.
#
# Guess:     row 0 of a picture in VTK is the lowest one: a reader turns round a file that begins with the uppermost row, so that
#            the same map in a PNG and in a TIFF is the same map, and what VTK writes it reads as it was.
# Behaviour: vtkTIFFWriter does so, and so do vtkPNGReader and vtkPNGWriter. vtkTIFFReader gives the uppermost row as row 0 where a
#            file begins at the top (as nearly all do, with the tag and without it), and turns round one that begins at the
#            bottom. So it is with whole numbers, floats and colours, compressed or not. SetOrientationType(4), which
#            names the other order, puts a file from the top right.
# Seen:      a map whose numbers are those of its rows, from 0 at the top; row 0 in VTK, which should be 47
#            PNG by Pillow                                47
#            PNG by VTK                                   47
#            TIFF by tifffile, without a tag, or 1        0
#            the same with SetOrientationType(4)          47
#            TIFF by tifffile, bottom first, tag 4        0
#            TIFF by VTK                                  0, where tifffile reads it as it was
#
# It matters where depth lies in a TIFF and its picture in a PNG: the two do not fit, and the ground hangs in the sky.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 pillow==13.0.0 tifffile==2026.3.3 vtk==9.7.2
venv/bin/python - <<'PYTHON'
import numpy as np
import tifffile
import vtk
from PIL import Image
from vtk.util.numpy_support import numpy_to_vtk, vtk_to_numpy

TOP_FIRST = np.repeat(np.arange(48)[:, None], 64, 1)


def read(reader, path, orientation=None):
    """The rows as VTK counts them, from the lowest one."""
    reader.SetFileName(path)
    if orientation:
        reader.SetOrientationType(orientation)
    reader.Update()
    image = reader.GetOutput()
    width, height, _ = image.GetDimensions()
    return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(height, width, -1)[:, 0, 0]


def write(writer, path, rows):
    image = vtk.vtkImageData()
    image.SetDimensions(rows.shape[1], rows.shape[0], 1)
    image.GetPointData().SetScalars(numpy_to_vtk(rows.ravel(), deep=True))
    writer.SetInputData(image)
    writer.SetFileName(path)
    writer.Write()


def check(what, found, expected):
    print(f"{what}: row 0 is {found[0]}")
    assert np.array_equal(found, expected)


lowest_first = TOP_FIRST[::-1, 0]
depth = TOP_FIRST.astype(np.uint16)
Image.fromarray(depth).save("pillow.png")
check("PNG by Pillow", read(vtk.vtkPNGReader(), "pillow.png"), lowest_first)
write(vtk.vtkPNGWriter(), "vtk.png", np.ascontiguousarray(depth[::-1]))
assert np.array_equal(np.asarray(Image.open("vtk.png")), depth)
check("PNG by VTK", read(vtk.vtkPNGReader(), "vtk.png"), lowest_first)

for name, kind, options in (
    ("uint8", np.uint8, {}),
    ("uint16", np.uint16, {}),
    ("uint16, deflate", np.uint16, {"compression": "zlib"}),
    ("float32", np.float32, {}),
    ("uint8, tiles", np.uint8, {"tile": (16, 16)}),
    ("colours", np.uint8, {"photometric": "rgb"}),
):
    rows = TOP_FIRST.astype(kind)
    rows = np.stack([rows] * 3, 2) if name == "colours" else rows
    tifffile.imwrite("plain.tif", rows, **options)
    check(f"TIFF, {name}", read(vtk.vtkTIFFReader(), "plain.tif"), lowest_first[::-1])
tifffile.imwrite("plain.tif", depth)
check("TIFF with SetOrientationType(4)", read(vtk.vtkTIFFReader(), "plain.tif", 4), lowest_first)
tifffile.imwrite("top.tif", depth, extratags=[(274, "H", 1, 1, True)])
check("TIFF, tag 1", read(vtk.vtkTIFFReader(), "top.tif"), lowest_first[::-1])
tifffile.imwrite("bottom.tif", depth[::-1], extratags=[(274, "H", 1, 4, True)])
check("TIFF, bottom first, tag 4", read(vtk.vtkTIFFReader(), "bottom.tif"), lowest_first[::-1])
write(vtk.vtkTIFFWriter(), "vtk.tif", np.ascontiguousarray(depth[::-1]))
assert np.array_equal(tifffile.imread("vtk.tif"), depth)
check("TIFF by VTK", read(vtk.vtkTIFFReader(), "vtk.tif"), lowest_first[::-1])
PYTHON
