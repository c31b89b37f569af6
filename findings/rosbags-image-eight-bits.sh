#!/usr/bin/env bash
# rosbags-image 0.10.4: depth that ROS keeps in a PNG of 16 bits comes out in 8 bits: 1500 mm are 5.
#
# Guess:     message_to_cvimage gives of a CompressedImage what it gives of the Image with the same pixels: uint16 of 16UC1,
#            as the format of the message says and the PNG has it; what it cannot read it refuses, and says what it is.
# Behaviour: the PNG is opened without the flag that keeps its depth, and each number is divided by 256: all between 1.28 m
#            and 1.53 m is 5. What is nearer than 256 mm is 0, which stands for "no depth". Asked for the encoding 16UC1 it
#            says that bgr8 cannot become that, and for mono16 OpenCV complains of the number of channels. Depth as
#            compressedDepth and as TIFF, which it cannot read, ends in an AssertionError without a word.
# Seen:      0, 255, 256, 1000, 1500, 3000, 10000 and 65535 mm
#            Image, 16UC1                            as they are, uint16
#            CompressedImage, png                    0 0 1 3 5 11 39 255, uint8
#            its bytes by OpenCV, IMREAD_UNCHANGED   as they are, uint16
#
# It matters since 16-bit PNG is what ROS makes of depth where its topic is recorded compressed.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 opencv-python-headless==5.0.0.93 rosbags==0.11.9 rosbags-image==0.10.4
venv/bin/python - <<'PYTHON'
import cv2
import numpy as np
from rosbags.image import message_to_cvimage
from rosbags.image.image import ImageConversionError
from rosbags.typesys import Stores, get_typestore

store = get_typestore(Stores.ROS2_JAZZY)
stamp = store.types["builtin_interfaces/msg/Time"](0, 0)
header = store.types["std_msgs/msg/Header"](stamp, "camera_optical_frame")
depth = np.array([[0, 255, 256, 1000, 1500, 3000, 10000, 65535]], np.uint16)
png = cv2.imencode(".png", depth)[1].ravel()


def compressed(words, data):
    return store.types["sensor_msgs/msg/CompressedImage"](header, words, data)


image = store.types["sensor_msgs/msg/Image"](header, 1, 8, "16UC1", 0, 16, depth.view(np.uint8).ravel())
assert np.array_equal(message_to_cvimage(image), depth)
assert np.array_equal(cv2.imdecode(png, cv2.IMREAD_UNCHANGED), depth)
message = compressed("16UC1; png compressed ", png)
found = message_to_cvimage(message)
print(f"as a PNG: {found.tolist()}, {found.dtype}")
assert found.dtype == np.uint8
assert found.tolist() == [[0, 0, 1, 3, 5, 11, 39, 255]]
for encoding, kind in (("16UC1", ImageConversionError), ("mono16", cv2.error)):
    try:
        message_to_cvimage(message, encoding)
    except kind as error:
        print(f"asked for {encoding}: {str(error)[:70]}")
    else:
        raise AssertionError(f"{encoding} is given")
metres = cv2.imencode(".tiff", depth.astype(np.float32) / 1000)[1].ravel()
twelve = np.zeros(12, np.uint8)  # the header that compressedDepth puts in front
for words, data in (
    ("16UC1; compressedDepth png", np.concatenate([twelve, png])),
    ("32FC1; tiff compressed ", metres),
):
    try:
        message_to_cvimage(compressed(words, data))
    except AssertionError as error:
        print(f"{words}: AssertionError {str(error)!r}")
        assert not str(error)
    else:
        raise RuntimeError(f"{words} is read")
PYTHON
