"""Messages of ROS 2, read back by a decoder of others from their own definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from mcap.records import Schema
from mcap_ros2.decoder import DecoderFactory

from streamdepth.depthfiles.ros_messages import (
    CAMERA_INFO,
    COMPRESSED_IMAGE,
    DEFINITIONS,
    IMAGE,
    Lens,
    Stamp,
    camera_info,
    depth_image,
    jpeg_image,
)

STAMP = Stamp(1_764_355_200_123_456_789, "camera_optical_frame")


def decoded(kind, message):
    schema = Schema(id=1, name=kind, encoding="ros2msg", data=DEFINITIONS[kind])
    return DecoderFactory().decoder_for("cdr", schema)(message)


@pytest.mark.parametrize("frame", ["", "a", "camera_optical_frame"])
def test_a_depth_image_is_metres_in_float32(frame):
    metres = np.array([[0.5, np.nan, 2.5], [np.inf, 3.25, 4.0]], np.float32)
    image = decoded(IMAGE, depth_image(Stamp(STAMP.nanoseconds, frame), metres))
    assert (image.height, image.width, image.step, image.encoding) == (2, 3, 12, "32FC1")
    assert (image.header.stamp.sec, image.header.stamp.nanosec) == (1_764_355_200, 123_456_789)
    assert (image.header.frame_id, image.is_bigendian) == (frame, 0)
    back = np.frombuffer(bytes(image.data), "<f4").reshape(2, 3)
    assert np.array_equal(back, metres, equal_nan=True)


def test_a_compressed_image_is_the_jpeg():
    image = decoded(COMPRESSED_IMAGE, jpeg_image(STAMP, b"\xff\xd8bytes"))
    assert (image.format, bytes(image.data)) == ("jpeg", b"\xff\xd8bytes")


@pytest.mark.parametrize("frame", ["", "abc", "camera_optical_frame"])
def test_a_camera_info_is_a_pinhole(frame):
    lens = Lens.of(90.0, (64, 48), (0, 0, 64, 48), 64 / 48)
    info = decoded(CAMERA_INFO, camera_info(Stamp(0, frame), lens))
    assert (info.width, info.height, info.distortion_model) == (64, 48, "plumb_bob")
    assert list(info.d) == [0.0] * 5
    assert list(info.k) == pytest.approx([32, 0, 31.5, 0, 32, 23.5, 0, 0, 1])
    assert list(info.r) == [1, 0, 0, 0, 1, 0, 0, 0, 1]
    assert list(info.p) == pytest.approx([32, 0, 31.5, 0, 0, 32, 23.5, 0, 0, 0, 1, 0])
    assert (info.roi.width, info.roi.do_rectify) == (0, False)


def test_a_lens_knows_bars_and_maps_of_another_shape():
    lens = Lens.of(60.0, (100, 100), (0, 25, 100, 50), 2.0)
    assert lens.focal[0] == lens.focal[1] == pytest.approx(50 / math.tan(math.radians(30)))
    assert lens.centre == (49.5, 49.5)
    squeezed = Lens.of(60.0, (100, 100), (0, 0, 100, 100), 2.0)
    assert squeezed.focal[1] == pytest.approx(2 * squeezed.focal[0])
