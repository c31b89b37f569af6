#!/usr/bin/env bash
# newton 1.8.0 (PyPI, with Warp 1.19.0): a camera that is asked for depth alone sees the cone behind it, and one of OpenCV's looks aside.
#
# Guess:     SensorCamera gives the same depth whatever else is asked for, never below zero, and only of what is ahead. The rays that
#            compute_camera_rays_pinhole_opencv and _fisheye_opencv make of OpenCV's numbers are those that OpenCV 5.0.0 has for these pixels.
# Behaviour: where depth is all that is wanted another routine looks for the nearest hit, and takes each that is above -1, which stands for
#            none. A cone is the one shape whose hit may lie before the ray begins: from the free corners of the box around it, as far as
#            1 m, it is at a depth below zero and hides all that is ahead. With normals or colours beside it the depth is right.
#            OpenCV's middle of the first pixel is 0, as its undistortPoints shows; newton takes 0.5: each ray is exactly that of the pixel
#            half a pixel further right and down, with any lens. Nothing is said.
# Seen:      8 x 6 pixels, a wall 4 m ahead, a road cone of 0.7 m, 7 cm behind the camera; forward depth along a row
#            with normals          4       4       4       4       4       4       4       4
#            alone                 4       4      -0.119  -0.137  -0.137  -0.119   4       4
#            a capsule, cylinder, box or ellipsoid there, or the cone 15 cm further back: 4 either way
#            focal length 14, axis at (7.5, 5.5), five k: ray of pixel 8, 5 is OpenCV's of 8.5, 5.5; on a wall at 4 m that is 14 cm away
# It matters where robots learn from such pictures: what is near has a depth that none has, and clouds do not fit those of a real camera.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile numpy==2.4.6 newton==1.8.0 warp-lang==1.19.0 opencv-python-headless==5.0.0.93
venv/bin/python - <<'PYTHON'
import cv2
import numpy as np
import warp as wp

wp.config.kernel_cache_dir, wp.config.log_level, wp.config.optimization_level, wp.config.enable_backward = "kernels", wp.LOG_ERROR, 0, False
import newton
from newton.sensors import SensorCamera

SLIM = {"radius": 0.05, "half_height": 0.35}
SHAPES = {"cone": {**SLIM, "radius": 0.2}, "capsule": SLIM, "cylinder": SLIM, "box": {"hx": 0.05}, "ellipsoid": {"rx": 0.05}}


def forward_depth(shape, away, normals):
    """Along the second row, looking along x, from beside the shape and 10 cm below the tip of the cone, at a wall 4 m ahead."""
    builder = newton.ModelBuilder()
    getattr(builder, f"add_shape_{shape}")(-1, **SHAPES[shape])
    builder.add_shape_box(-1, xform=wp.transform(wp.vec3(away + 4.5, 0, 0), wp.quat_identity()), hx=0.5, hy=9, hz=9)
    model = builder.finalize("cpu")
    camera = SensorCamera(model)
    place = wp.array([wp.transform(wp.vec3(away, 0, 0.25), wp.quat(0.5, -0.5, -0.5, 0.5))], dtype=wp.transformf, device="cpu")
    rays = SensorCamera.compute_camera_rays_pinhole(8, 6, camera_fov=1.0, device="cpu")
    depth, beside = camera.allocate_image_depth(1, 8, 6), camera.allocate_image_normal(1, 8, 6) if normals else None
    camera.update(model.state(), place, rays, forward_depth_image=depth, normal_image=beside)
    return depth.numpy()[0, 1]


for shape, away in (*((shape, 0.1) for shape in SHAPES), ("cone", 0.25)):
    alone, beside = (forward_depth(shape, away, normals) for normals in (False, True))
    print(shape, away, "alone", alone.round(3), "with normals", beside.round(3))
    assert np.allclose(beside, 4, atol=1e-4)
    assert np.allclose(alone, [4, 4, -0.119, -0.137, -0.137, -0.119, 4, 4] if (shape, away) == ("cone", 0.1) else 4, atol=0.001)
PIXELS, MATRIX = np.mgrid[:16, :12].T.reshape(-1, 1, 2).astype(float), np.array([[14, 0, 7.5], [0, 14, 5.5], [0, 0, 1.0]])
CASES = (("pinhole", cv2.undistortPoints, "k1 k2 p1 p2 k3", {}), ("fisheye", cv2.fisheye.undistortPoints, "k1 k2 k3 k4", {"max_fov": 2.0}))
for kind, undo, names, others in CASES:
    lens, exact = dict(zip(names.split(), (0.1, -0.05, 0.01, -0.002, 0.003))), (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 99, 1e-12)
    rays = getattr(SensorCamera, f"compute_camera_rays_{kind}_opencv")(16, 12, 14, 14, 7.5, 5.5, device="cpu", **lens, **others).numpy()
    x, y, z = rays[:, :, 0, 1].reshape(-1, 3).T
    of, further = (undo(places, MATRIX, np.array([*lens.values()]), criteria=exact)[:, 0] for places in (PIXELS, PIXELS + 0.5))
    print(kind, "ray of 8, 5:", -x[88] / z[88], y[88] / z[88], "OpenCV's:", of[88], "and of 8.5, 5.5:", further[88].round(6))
    assert np.allclose(np.stack([-x / z, y / z], 1), further, atol=1e-5) and np.abs(of - further).min() * 14 > 0.4
PYTHON
