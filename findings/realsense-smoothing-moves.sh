#!/usr/bin/env bash
# librealsense 2.59.1 (pyrealsense2): smoothing a noisy wall puts it 4 mm further away (in space), or 1 mm nearer (in time).
#
# Guess:     the spatial and the temporal filter take noise away and leave the mean where it is: a sum of a half of the old and
#            a half of the new value is rounded, in whole millimetres, without a preference for one side.
# Behaviour: the spatial filter goes over the picture to the right, to the left, down and up, and at each step rounds a half
#            upwards. What is rounded is what the next step begins with, so that each way adds half a millimetre, and each
#            repetition does so again until nothing is left to smooth. The temporal filter cuts off, so that it stays below.
#            Neither is so where "disparity" is filtered, in floats, or with a spatial alpha of 0.4 or 0.6, which have no ties.
# Seen:      a wall at 1500 mm, each pixel up to 8 mm before or behind it by chance; how far the mean moves
#            spatial, alpha 0.5 (the default), repeated 1 to 4 times    2.0  4.0  5.1  6.0 mm; 2 is the default
#            spatial, alpha 0.25, 0.4, 0.6                              3.0  0.0  0.0 mm
#            spatial of disparity, alpha 0.5                            0.0 mm
#            temporal, alpha 0.2, 0.4 (the default), 0.8                -2.0 -1.0 -0.5 mm
#
# One or two millimetres of noise make an error as large as themselves.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 pyrealsense2==2.59.1.11053
venv/bin/python - <<'PYTHON'
import numpy as np
import pyrealsense2 as rs

WIDTH, HEIGHT = 640, 480


def stream():
    made = rs.video_stream()
    made.type, made.index, made.uid = rs.stream.depth, 0, 0
    made.width, made.height, made.fps, made.bpp, made.fmt = WIDTH, HEIGHT, 30, 2, rs.format.z16
    lens = rs.intrinsics()
    lens.width, lens.height, lens.ppx, lens.ppy, lens.fx, lens.fy = WIDTH, HEIGHT, 320, 240, 400, 400
    lens.model, lens.coeffs = rs.distortion.none, [0] * 5
    made.intrinsics = lens
    return made


device = rs.software_device()
sensor = device.add_sensor("depth")
profile = sensor.add_video_stream(stream())
sensor.add_read_only_option(rs.option.depth_units, 0.001)
sensor.add_read_only_option(rs.option.stereo_baseline, 50.0)
queue = rs.frame_queue(4)
sensor.open(profile)
sensor.start(queue)
chance = np.random.default_rng(0)
sent = 0


def wall(noise):
    """A frame of 1500 mm with that much noise, and its mean."""
    global sent
    sent += 1
    frame = rs.software_video_frame()
    depth = (1500 + chance.integers(-noise, noise + 1, (HEIGHT, WIDTH))).astype(np.uint16)
    frame.pixels = depth
    frame.bpp, frame.stride, frame.frame_number, frame.timestamp = 2, WIDTH * 2, sent, sent * 33.0
    frame.domain, frame.depth_units = rs.timestamp_domain.hardware_clock, 0.001
    frame.profile = profile.as_video_stream_profile()
    sensor.on_video_frame(frame)
    return queue.wait_for_frame(), depth.mean()


def mean(frame):
    return float(np.asanyarray(frame.get_data()).mean())


def in_space(noise, times, alpha=0.5, disparity=False):
    frame, before = wall(noise)
    if disparity:
        frame = rs.disparity_transform(True).process(frame)
    frame = rs.spatial_filter(alpha, 20, times, 0).process(frame)
    if disparity:
        frame = rs.disparity_transform(False).process(frame)
    return mean(frame) - before


def in_time(noise, alpha):
    filtering, moved = rs.temporal_filter(alpha, 20, 0), []
    for _ in range(60):
        frame, before = wall(noise)
        moved.append(mean(filtering.process(frame)) - before)
    return float(np.mean(moved[30:]))


def check(what, found, expected):
    print(f"{what}: {[round(float(one), 2) for one in found]}")
    assert np.allclose(found, expected, atol=0.15), expected


defaults = rs.spatial_filter()
assert defaults.get_option(rs.option.filter_smooth_alpha) == 0.5 and defaults.get_option(rs.option.filter_magnitude) == 2
assert abs(rs.temporal_filter().get_option(rs.option.filter_smooth_alpha) - 0.4) < 1e-6
check("8 mm of noise, in space, 1 to 4 times", [in_space(8, times) for times in range(1, 5)], [2, 4, 5.1, 6])
check("alpha 0.25, 0.4, 0.6", [in_space(8, 2, alpha) for alpha in (0.25, 0.4, 0.6)], [3, 0, 0])
check("1 mm and 2 mm of noise, in space", [in_space(noise, 2) for noise in (1, 2)], [1, 2])
check("disparity, 1 mm and 8 mm of noise", [in_space(noise, 2, disparity=True) for noise in (1, 8)], [0, 0])
check("in time, alpha 0.2, 0.4, 0.8", [in_time(8, alpha) for alpha in (0.2, 0.4, 0.8)], [-2, -1, -0.5])
PYTHON
