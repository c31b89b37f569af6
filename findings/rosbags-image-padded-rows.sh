#!/usr/bin/env bash
# rosbags-image 0.10.4: a depth image of ROS whose rows are padded comes out sheared, with the padding as depth.
#
# Guess:     message_to_cvimage reads sensor_msgs/Image as its definition says: `step` is the length of a row in bytes, which
#            may be more than width times size of a pixel, as buffers of decoders and GPUs have it.
# Behaviour: `step` is not looked at: pixels are counted on through the padding, so that each row begins further to the left
#            of where it lies, the padding is within the picture, and the last rows are cut off. Nothing is said.
# Seen:      2 rows of 16UC1 millimetres, 1000 1001 1002 and 2000 2001 2002, each row 8 bytes long (the padding is 7)
#            read as 1000 1001 1002 / 7 2000 2001; 32FC1, mono8 and rgb8 alike; with rows that are not padded all are right
#
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 opencv-python-headless==5.0.0.93 rosbags==0.11.9 rosbags-image==0.10.4
venv/bin/python - <<'PYTHON'
import numpy as np
from rosbags.image import message_to_cvimage
from rosbags.typesys import Stores, get_typestore

store = get_typestore(Stores.ROS2_JAZZY)
stamp = store.types["builtin_interfaces/msg/Time"](0, 0)
header = store.types["std_msgs/msg/Header"](stamp, "camera_optical_frame")


def message(picture, encoding, padding):
    """The picture with that many pixels of value 7 at the end of each row."""
    height, width = picture.shape[:2]
    padded = np.pad(picture, [(0, 0), (0, padding)] + [(0, 0)] * (picture.ndim - 2), constant_values=7)
    data = np.frombuffer(padded.tobytes(), np.uint8)
    image = store.types["sensor_msgs/msg/Image"]
    return image(header, height, width, encoding, 0, padded.nbytes // height, data), padded


grey = np.array([[1000, 1001, 1002], [2000, 2001, 2002]], np.uint16)
bytes_of_grey = (grey // 20).astype(np.uint8)
for encoding, picture in (
    ("16UC1", grey),
    ("32FC1", grey.astype(np.float32) / 1000),
    ("mono8", bytes_of_grey),
    ("rgb8", np.stack([bytes_of_grey] * 3, 2)),
):
    plain, _ = message(picture, encoding, 0)
    assert np.array_equal(message_to_cvimage(plain), picture)
    sent, padded = message(picture, encoding, 1)
    assert sent.step * sent.height == sent.data.size
    found = message_to_cvimage(sent)
    print(f"{encoding}: sent {picture.tolist()}, read {found.tolist()}")
    assert np.array_equal(found.ravel(), padded.ravel()[: picture.size])
    assert not np.array_equal(found, picture)
PYTHON
