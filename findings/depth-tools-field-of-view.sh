#!/usr/bin/env bash
# depth-tools 0.8.0 (PyPI): a camera made from its field of view sees more than that: 30 degrees become 92.
#
# Guess:     from_fov() gives the focal length with which the edges of the picture lie at half the angle to each side: 320 pixels
#            for 640 and 90 degrees. The distance of a pixel is the length of the way to its point: depth_map_2_dist_map() and
#            depth_2_point_cloud() agree, and a wall straight ahead is alike on the left and on the right.
# Behaviour: half the width is multiplied by the cosine of half the angle, not divided by its tangent: the focal length is too short at each
#            angle, and the narrower the lens the more so, by the sine of half the angle. A cloud is as much too wide and too high.
#            A cloud takes the middle of each pixel, a map of distances its corner: half a pixel to the left and down.
# Seen:      640 wide, field of view     30     60     90    120 degrees
#            focal length, should be   1194    554    320    185
#            focal length              309.1  277.1  226.3  160
#            a wall 2 m away is wider  3.86   2      1.41   1.15 times than it should be
#            4 x 4, f = 2, depth 1, the second row: lengths of the points 1.275 1.061 1.061 1.275
#                                                   distances             1.414 1.118 1     1.118
# It matters to who knows the angle of a lens only, as is usual: at 60 degrees a room of 4 m turns out 8 m wide, all depths being right.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile numpy==2.4.6 pillow==13.0.0 matplotlib==3.11.0 depth-tools==0.8.0
venv/bin/python - <<'PYTHON'
import math

import depth_tools
import numpy as np


def cloud(depth, camera):
    """The points, in the picture's order, with x to the right and y upwards."""
    return depth_tools.depth_2_point_cloud(
        depth_map=depth, depth_mask=depth > 0, intrinsics=camera, out_coord_sys=depth_tools.CoordSys.LH_YUp
    )


WALL = np.full((1, 480, 640), 2.0, np.float32)
for degrees, focal, wider in ((30, 309.1, 3.86), (60, 277.1, 2), (90, 226.3, 1.414), (120, 160, 1.155)):
    half = math.radians(degrees / 2)
    camera = depth_tools.CameraIntrinsics.from_fov(width=640, height=480, fov_rad=2 * half, fov_x=True)
    widest = cloud(WALL, camera)[:, 0].max() / (2 * math.tan(half) * 639 / 640)
    print(f"{degrees} degrees: {camera.f_x:.1f} for {320 / math.tan(half):.1f}, a wall {widest:.3f} times as wide")
    assert abs(camera.f_x - focal) < 0.1 and abs(widest - wider) < 0.01
    assert abs(widest - 1 / math.sin(half)) < 0.001

camera = depth_tools.CameraIntrinsics(f_x=2.0, f_y=2.0, c_x=2.0, c_y=2.0)
near = np.ones((1, 4, 4))
lengths = np.linalg.norm(cloud(near, camera), axis=1).reshape(4, 4)
distances = depth_tools.depth_map_2_dist_map(depth_map=near, cam=camera)[0]
print("lengths", lengths[1].round(3), "distances", distances[1].round(3))
assert np.allclose(lengths, lengths[:, ::-1]) and np.allclose(lengths[1], [1.275, 1.061, 1.061, 1.275], atol=0.001)
assert np.allclose(distances[1], [1.414, 1.118, 1, 1.118], atol=0.001) and abs(distances[3, 0] - 3**0.5) < 0.001
PYTHON
