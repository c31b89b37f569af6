#!/usr/bin/env bash
# MuJoCo 4.0.0 (PyPI): the depth picture of a camera with a focal length begins at its optical axis and shows the lower right only.
#
# Guess:     a rangefinder at a camera has one ray for the middle of each pixel of the picture that the same camera renders. The attribute
#            "principal" is, by the documentation that comes with it, how far the axis is from the middle of the picture, by default
#            0, which is said to be an ordinary pinhole. The sensor camprojection gives the pixel at which a site is seen there.
# Behaviour: three parts read the same camera in three ways. What renders does as documented. The rays take "principal" for the place of the
#            axis from the upper left corner: by default the corner looks straight ahead, no ray goes to the left or upwards, and an axis
#            that is moved moves them the other way than the picture. camprojection leaves it out. With fovy in place of a focal length
#            all three agree; so do the rays with "principal" at the half of sensorsize, and then the picture is elsewhere. Nothing is said.
# Seen:      8 x 6 pixels, focal length 4 pixels, a wall 2 m ahead: x of the points hit in a row, y in a column, and the pixel of (0.5, 0.5)
#            fovy                  rays  -1.75 ... 1.75   1.25 ... -1.25   picture -2 to 2,     -1.5 to 1.5   pixel 5, 2
#            focal length          rays   0.25 ... 3.75  -0.25 ... -2.75   picture -2 to 2,     -1.5 to 1.5   pixel 5, 2
#            principalpixel 1 1    rays  -0.25 ... 3.25   0.25 ... -2.25   picture -1.5 to 2.5, -2 to 1       pixel 5, 2, shown at 4, 1
#            principalpixel 4 3    rays  -1.75 ... 1.75   1.25 ... -1.25   picture 0 to 4,      -3 to 0       pixel 5, 2, shown at 1, -1
# It matters where a calibrated camera is simulated, which a focal length is for: depth and colour look at different places.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile numpy==2.4.6 mujoco==4.0.0
venv/bin/python - <<'PYTHON'
import mujoco
import numpy as np

WALL = 2.0
LENS = 'sensorsize="0.008 0.006" focalpixel="4 4"'
MODEL = """<mujoco><worldbody><geom type="plane" size="50 50 1" pos="0 0 -2"/><site name="spot" pos="0.5 0.5 -2"/>
  <body mocap="true"><camera name="camera" resolution="8 6" {}/></body></worldbody>
  <sensor><rangefinder camera="camera" data="point depth"/><camprojection site="spot" camera="camera"/></sensor></mujoco>"""


def look(camera):
    """Where the middles of the pixels hit the wall, what of the wall is rendered, and the pixel of the spot (each x, y)."""
    model = mujoco.MjModel.from_xml_string(MODEL.format(camera))
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    points = data.sensordata[:-2].reshape(6, 8, 4)
    assert np.allclose(points[..., 3], WALL)
    scene, view = mujoco.MjvScene(model, 1000), mujoco.MjvCamera()
    view.type, view.fixedcamid = mujoco.mjtCamera.mjCAMERA_FIXED, 0
    mujoco.mjv_updateScene(model, data, mujoco.MjvOption(), None, view, mujoco.mjtCatBit.mjCAT_ALL, scene)
    eye = scene.camera[0]
    half = eye.frustum_width or (eye.frustum_top - eye.frustum_bottom) / 2 * 8 / 6  # where there is no width, it follows the window
    picture = np.array([eye.frustum_center - half, eye.frustum_center + half, eye.frustum_bottom, eye.frustum_top])
    return points[0, [0, -1], 0], points[[0, -1], 0, 1], picture * WALL / eye.frustum_near, data.sensordata[-2:]


for camera, x, y, picture in (
    ('fovy="73.7398"', [-1.75, 1.75], [1.25, -1.25], [-2, 2, -1.5, 1.5]),
    (LENS, [0.25, 3.75], [-0.25, -2.75], [-2, 2, -1.5, 1.5]),
    (f'{LENS} principalpixel="1 1"', [-0.25, 3.25], [0.25, -2.25], [-1.5, 2.5, -2, 1]),
    (f'{LENS} principalpixel="4 3"', [-1.75, 1.75], [1.25, -1.25], [0, 4, -3, 0]),
):
    found = look(camera)
    print(camera, *(part.round(3) for part in found), "shown at", 2 * (0.5 - found[2][0]), 2 * (found[2][3] - 0.5))
    assert all(np.allclose(one, other, atol=0.001) for one, other in zip(found, (x, y, picture, [5, 2]), strict=True))
PYTHON
