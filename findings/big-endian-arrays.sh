#!/usr/bin/env bash
# ONNX Runtime 1.32.0, OpenCV 5.0.0, tract 0.23.9 and rerun 0.41.0 (Python) read big-endian arrays as other numbers.
#
# Guess:     an array of the dtype ">u2" or ">f4" is what numpy says it is, or is refused as a type that is not supported:
#            arrays that are cropped, turned or mirrored are taken rightly by all four.
# Behaviour: the bytes are taken as they lie and read as native numbers, without an error or a warning. Within rerun it depends
#            on where the array goes: DepthImage, Image and SegmentationImage swap, Points3D is right, and Tensor
#            leaves it out with a warning.
# Seen:      a map of 1500 mm and of 1.5 m
#            cv2.resize, and PNG written by cv2.imencode         56325 mm
#            rerun.DepthImage                                    56325 mm
#            a Relu in ONNX Runtime, OpenCV (dnn) and tract      6.9e-41
#
# It matters as such arrays come from files: numpy.frombuffer(..., ">u2") of a 16-bit PGM, ">f4" of a PFM, a big-endian TIFF
# in tifffile, or messages of ROS. array.astype(array.dtype.newbyteorder("=")) helps.
# Fails where that changes. Needs Python 3.11 or newer, a little-endian machine and the network; writes to a temporary folder.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 opencv-python-headless==5.0.0.93 \
    rerun-sdk==0.41.0 tract==0.23.9
ORT_DISABLE_TELEMETRY=1 venv/bin/python - <<'PYTHON'
import warnings

import cv2
import numpy as np
import onnx
import onnxruntime
import rerun
import tract
from onnx import TensorProto, helper

warnings.simplefilter("error")
SIZE = (4, 6)
metres = np.full((1, 1, *SIZE), 1.5, ">f4")
millimetres = np.frombuffer(np.full(SIZE, 1500, ">u2").tobytes(), ">u2").reshape(SIZE)
assert metres.max() == 1.5
assert millimetres.max() == 1500


def relu():
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, metres.shape) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "net", values[:1], values[1:])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made, full_check=True)
    onnx.save(made, "net.onnx")


def in_opencv(array):
    net = cv2.dnn.readNetFromONNX("net.onnx")
    net.setInput(array, "x")
    return net.forward()


def in_rerun(archetype, array, **more):
    """The numbers that rerun holds."""
    logged = archetype(array, **more).buffer.as_arrow_array().to_pylist()[0]
    return np.array(logged, np.uint8).view(array.dtype.newbyteorder("="))


def all_are(name, answer, expected):
    print(f"{name}: {answer.ravel()[0]:.6g}")
    assert np.array_equal(answer.ravel(), np.full(answer.size, expected, answer.dtype))


relu()
session = onnxruntime.InferenceSession("net.onnx", providers=["CPUExecutionProvider"])
runnable = tract.onnx().load("net.onnx").into_model().into_runnable()
for array, small in ((metres.astype("<f4"), 1.5), (metres, metres.view("<f4").item(0))):
    kind = array.dtype.str
    all_are(f"ONNX Runtime {kind}", session.run(None, {"x": array})[0], small)
    all_are(f"OpenCV dnn {kind}", in_opencv(array), small)
    all_are(f"tract {kind}", runnable.run([tract.Tensor.from_numpy(array)])[0].to_numpy(), small)
for array, found in ((millimetres.astype("<u2"), 1500), (millimetres, 56325)):
    kind = array.dtype.str
    all_are(f"cv2.resize {kind}", cv2.resize(array, (3, 2)), found)
    written = cv2.imencode(".png", array)[1]
    all_are(f"PNG {kind}", cv2.imdecode(written, cv2.IMREAD_UNCHANGED), found)
    all_are(f"rerun.DepthImage {kind}", in_rerun(rerun.DepthImage, array, meter=1000), found)
    all_are(f"rerun.Image {kind}", in_rerun(rerun.Image, array, color_model="L"), found)
    all_are(f"rerun.SegmentationImage {kind}", in_rerun(rerun.SegmentationImage, array), found)
points = rerun.Points3D(metres.reshape(-1, 3)).positions.as_arrow_array().to_pylist()
assert points[0] == [1.5, 1.5, 1.5]
turned = np.arange(24, dtype=np.uint16).reshape(SIZE)[::-1, 1:4]
assert np.array_equal(in_rerun(rerun.DepthImage, turned), turned.ravel())
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    rerun.Tensor(millimetres)
print(f"rerun.Tensor: {said[0].message}")
assert "Byte-swapped" in str(said[0].message)
PYTHON
