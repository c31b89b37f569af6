#!/usr/bin/env bash
# OpenCV 5.0.0 (dnn): GridSample with mode "cubic" is linear, and with "bicubic" it cannot go beyond its neighbours.
#
# Guess:     mode "cubic" of GridSample (ONNX opset 20, "bicubic" in 16) is the interpolation of PyTorch's grid_sample with
#            mode="bicubic", as in ONNX Runtime 1.32.0; a mode that is not known is refused.
# Behaviour: "cubic" gives what "linear" gives, to the last digit. "bicubic" takes the right weights and then holds the answer
#            between the least and the greatest of what is around the point: what it should carry beyond an edge is
#            cut off. Both engines of OpenCV 5 do so and say nothing.
# Seen:      a step from 1 to 3, sampled at -0.75, -0.5, 0.25, 0.5, 1.25 and 1.5 pixels from the last 1
#            ONNX Runtime    0.93  0.812 1.453 2 3.211 3.188
#            bicubic         1     1     1.453 2 3     3
#            cubic, linear   1     1     1.5   2 3     3
#
# It matters where a map is warped by motion or pose within the network: the same file is blurrier here than elsewhere.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 opencv-python-headless==5.0.0.93
ORT_DISABLE_TELEMETRY=1 venv/bin/python - <<'PYTHON'
import cv2
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

SIDE, LAST = 9, 3
step = np.tile(np.where(np.arange(SIDE) <= LAST, 1, 3).astype(np.float32), (SIDE, 1))[None, None]
at = LAST + np.array([-0.75, -0.5, 0.25, 0.5, 1.25, 1.5])
grid = np.zeros((1, 1, len(at), 2), np.float32)
grid[..., 0] = at / (SIDE - 1) * 2 - 1


def sampled(mode, opset):
    """What ONNX Runtime and the two engines of OpenCV make of the step."""
    node = helper.make_node("GridSample", ["x", "grid"], ["y"], mode=mode, align_corners=1, padding_mode="border")
    sizes = {"x": step.shape, "grid": grid.shape, "y": (1, 1, 1, len(at))}
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, size) for name, size in sizes.items()]
    graph = helper.make_graph([node], "net", values[:2], values[2:])
    network = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(network)
    onnx.save(network, "net.onnx")
    inputs = {"x": step, "grid": grid}
    answers = [onnxruntime.InferenceSession("net.onnx").run(None, inputs)[0]]
    for engine in (cv2.dnn.ENGINE_NEW, cv2.dnn.ENGINE_CLASSIC):
        net = cv2.dnn.readNetFromONNX("net.onnx", engine)
        for name, value in inputs.items():
            net.setInput(value, name)
        answers.append(net.forward(["y"])[0])
    return [answer.ravel() for answer in answers]


linear = sampled("linear", 20)
for answer in linear[1:]:
    assert np.abs(answer - linear[0]).max() < 1e-5
for mode, opset, expected in (("bicubic", 16, None), ("cubic", 20, linear[0])):
    true, new, classic = sampled(mode, opset)
    print(f"{mode}: ONNX Runtime {true.round(3).tolist()}, OpenCV {new.round(3).tolist()}")
    assert np.abs(true - [0.93, 0.812, 1.453, 2, 3.211, 3.188]).max() < 1e-3
    wrong = np.clip(true, 1, 3) if expected is None else expected
    assert np.abs(new - wrong).max() < 1e-5
    assert np.abs(classic - wrong).max() < 1e-5
PYTHON
