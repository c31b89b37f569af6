#!/usr/bin/env bash
# VTK 9.7.2 (PyPI): the cloud that it makes of a depth buffer is too wide and too high: of 8 x 8 pixels by a seventh.
#
# Guess:     vtkDepthImageToPointCloud puts each pixel of a depth buffer back to where a renderer with the same camera saw it: through the
#            middle of the pixel. Seen by that camera each point of the cloud is at the middle of the pixel that it came from.
# Behaviour: it takes the first and the last pixel of a row for the edges of the picture, and so does it for columns. What is half a pixel
#            inside is laid onto the edge, and each place is drawn out by W / (W - 1) and H / (H - 1): where W and H differ, a ball is no
#            ball any more. The depth along the axis is right. With a parallel camera it is the same. Nothing is said.
# Seen:      field of view 90 degrees, a wall 5 m ahead
#            pixels       x of the first row           by the camera       the first pixel is at, seen by the camera
#            8 x 8        -5      to 5                 -4.375  to 4.375    0, 0            (middle: 0.5, 0.5)
#            8 x 6        -6.6667 to 6.6667            -5.8333 to 5.8333   0, 0
#            640 x 480    -6.6667 to 6.6667            -6.6563 to 6.6563   0, 0
#            what fills 4 x 4 of 8 x 6 pixels is 6.67 m wide and high, and becomes 7.62 m wide and 8 m high
# It matters where what is small is measured: sensors of 8 x 8 or 54 x 42 zones, and clouds of several views, whose edges do not meet.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile numpy==2.4.6
venv/bin/pip install --quiet --no-compile --no-deps vtk==9.7.2 # the rest is for its plots
venv/bin/python - <<'PYTHON'
import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkRenderingCore import vtkCamera
from vtkmodules.vtkRenderingImage import vtkDepthImageToPointCloud

NEAR, FAR, WALL = 1, 10, 5.0


def cloud(width, height, is_parallel):
    """The points (H, W, 3) of a wall, and the places in the picture at which the camera sees them (H, W, 2)."""
    camera = vtkCamera()
    camera.SetPosition(0, 0, 0)
    camera.SetFocalPoint(0, 0, -1)
    camera.SetViewAngle(90)
    camera.SetParallelScale(WALL)
    camera.SetParallelProjection(is_parallel)
    camera.SetClippingRange(NEAR, FAR)
    matrix = camera.GetCompositeProjectionTransformMatrix(width / height, 0, 1)
    seen = np.array([matrix.GetElement(row, column) for row in range(4) for column in range(4)]).reshape(4, 4)
    on_axis = seen @ [0, 0, -WALL, 1]
    image, filter_ = vtkImageData(), vtkDepthImageToPointCloud()
    image.SetDimensions(width, height, 1)
    image.GetPointData().SetScalars(numpy_to_vtk(np.full(width * height, on_axis[2] / on_axis[3]), deep=True))
    filter_.SetInputData(0, image)
    filter_.SetCamera(camera)
    filter_.Update()
    points = vtk_to_numpy(filter_.GetOutput().GetPoints().GetData()).astype(float)
    place = np.c_[points, np.ones(len(points))] @ seen.T
    places = (place[:, :2] / place[:, 3:] + 1) / 2 * [width, height]
    return points.reshape(height, width, 3), places.reshape(height, width, 2)


for width, height in ((8, 8), (8, 6), (640, 480)):
    for is_parallel in (False, True):
        points, places = cloud(width, height, is_parallel)
        middles = np.stack(np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5), -1)
        drawn_out = (middles - 0.5) * [width / (width - 1), height / (height - 1)]
        wide, high = np.ptp(points[:2, :2, :2], axis=(0, 1))  # of a pixel
        print(width, height, "parallel:", is_parallel, "x", points[0, [0, -1], 0], "seen at", places[0, 0].round(3), "pixel", wide, high)
        assert np.allclose(points[..., 2], -WALL, atol=1e-4) and np.allclose(places, drawn_out, atol=1e-3)
        assert np.allclose([wide * (width - 1) / width, high * (height - 1) / height], 2 * WALL / height, atol=1e-3)
PYTHON
