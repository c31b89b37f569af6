#!/usr/bin/env bash
# librealsense 2.59.1 (pyrealsense2): the decimation filter moves a cloud of points to the side, by half a block.
#
# Guess:     the filter gives a smaller picture with intrinsics of its own: points made of it, with those, lie on the surfaces
#            that the whole picture shows, but for noise and rounding.
# Behaviour: the focal lengths and the principal point are divided by the factor, as if a block of pixels lay at its first.
#            Its middle is (factor - 1) / 2 pixels further on, and its value is of the middle: everything moves to the left
#            and up by that. With factor 2 it takes the second smallest of four numbers, so that it depends on which way
#            a surface slopes whether there is no error or one of a whole pixel.
# Seen:      a wall that recedes by half a metre for each metre to the right, or to the left; how far the points are moved, in
#            pixels of the whole picture (400 pixels of focal length, at 2 m 5 mm each)
#            factor              1      2      3      4      5      8
#            to the right        0.0    0.0   -1.0   -1.4   -1.9   -3.3
#            to the left         0.0   -1.0   -1.0   -1.6   -2.1   -3.7
#
# It matters where a decimated cloud is matched with colour, with another camera or with itself at another factor: with 8
# it is 18 mm off at 2 m.
# Fails where that changes. Needs Linux on x86, Python 3.11 or newer and the network; writes to a temporary folder only.
# The camera is librealsense's own software device: none needs to be there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 pyrealsense2==2.59.1.11053
venv/bin/python - <<'PYTHON'
import numpy as np
import pyrealsense2 as rs

WIDTH, HEIGHT, FOCAL = 640, 480, 400.0
MIDDLE = (WIDTH - 1) / 2, (HEIGHT - 1) / 2


def intrinsics():
    made = rs.intrinsics()
    made.width, made.height = WIDTH, HEIGHT
    made.ppx, made.ppy = MIDDLE
    made.fx = made.fy = FOCAL
    made.model, made.coeffs = rs.distortion.none, [0] * 5
    return made


def stream():
    made = rs.video_stream()
    made.type, made.index, made.uid = rs.stream.depth, 0, 0
    made.width, made.height, made.fps, made.bpp = WIDTH, HEIGHT, 30, 2
    made.fmt, made.intrinsics = rs.format.z16, intrinsics()
    return made


device = rs.software_device()
sensor = device.add_sensor("depth")
profile = sensor.add_video_stream(stream())
sensor.add_read_only_option(rs.option.depth_units, 0.001)
queue = rs.frame_queue(4)
sensor.open(profile)
sensor.start(queue)


def wall(number, slope):
    """A frame of z = 2 + slope * x, in millimetres."""
    depth = 2 / (1 - slope * (np.arange(WIDTH) - MIDDLE[0]) / FOCAL)
    frame = rs.software_video_frame()
    frame.pixels = np.tile(np.rint(depth * 1000).astype(np.uint16), (HEIGHT, 1))
    frame.bpp, frame.stride, frame.frame_number, frame.timestamp = 2, WIDTH * 2, number, number * 33.0
    frame.domain, frame.depth_units = rs.timestamp_domain.hardware_clock, 0.001
    frame.profile = profile.as_video_stream_profile()
    sensor.on_video_frame(frame)
    return queue.wait_for_frame()


def moved(frame, slope):
    """How far its points are to the right of where they should be, in pixels of the whole picture."""
    vertices = np.asanyarray(rs.pointcloud().calculate(frame).get_vertices()).view(np.float32).reshape(-1, 3)
    x, _, z = vertices[vertices[:, 2] > 0].T
    return float(np.mean((x - (z - 2) / slope) / z * FOCAL))


def decimated(frame, factor):
    if factor == 1:
        return frame
    decimation = rs.decimation_filter()
    decimation.set_option(rs.option.filter_magnitude, factor)
    return decimation.process(frame)


FACTORS = 1, 2, 3, 4, 5, 8
print("factor", *FACTORS)
for number, slope in enumerate((0.5, -0.5)):
    frame = wall(number, slope)
    shifts = [moved(decimated(frame, factor), slope) for factor in FACTORS]
    print(f"recedes by {slope}:", *(round(one, 1) + 0.0 for one in shifts))
    assert abs(shifts[0]) < 0.05
    assert abs(shifts[1] - (0 if slope > 0 else -1)) < 0.1
    assert all(abs(one + (factor - 1) / 2) < 0.25 for one, factor in zip(shifts[2:], FACTORS[2:], strict=True))
quarter = decimated(frame, 4)
size = quarter.profile.as_video_stream_profile().get_intrinsics()
print(f"intrinsics of factor 4: focal length {size.fx}, principal point {size.ppx} {size.ppy}")
assert (size.fx, size.ppx, size.ppy) == (100, MIDDLE[0] / 4, MIDDLE[1] / 4)
PYTHON
