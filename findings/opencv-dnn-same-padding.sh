#!/usr/bin/env bash
# OpenCV 5.0.0 (dnn): a convolution of stride 2 with auto_pad SAME_UPPER looks one pixel too far to the left and up.
#
# Guess:     auto_pad is what ONNX says: SAME pads so that the output has the size of the input over the stride, rounded up,
#            and of an odd number of pixels the one more is at the end (SAME_UPPER) or at the beginning (SAME_LOWER).
# Behaviour: the new engine, which is the default, puts (kernel - 1) / 2 pixels before the picture, whatever the stride, the
#            size and the mode. Where the padding is an odd number of pixels, Conv, MaxPool and AveragePool are off by one: those
#            of odd kernels with SAME_UPPER (stride 2, even size), those of even kernels with SAME_LOWER. ENGINE_CLASSIC takes
#            SAME_LOWER for SAME_UPPER.
#            ConvTranspose of stride 2 comes out a pixel too small in both engines. With pads written out all are right.
# Seen:      8 columns of 0 to 7; Conv 3 x 3 takes the pixel in the middle
#                                              ONNX Runtime       new engine         ENGINE_CLASSIC
#            Conv 3 x 3, stride 2, UPPER       1 3 5 7            0 2 4 6            1 3 5 7
#            MaxPool 3 x 3, stride 2, UPPER    2 4 6 7            1 3 5 7            2 4 6 7
#            Conv 3 x 3, stride 2, LOWER       0 2 4 6            0 2 4 6            1 3 5 7
#            MaxPool 2 x 2, stride 1, LOWER    0 1 2 3 4 5 6 7    1 2 3 4 5 6 7 7    1 2 3 4 5 6 7 7
#            ConvTranspose, stride 2, UPPER    16 columns         15                 15
#            5 of the first one after another on 64 columns: the first value is that of column 31, and of 0 in the new engine
#
# It matters for networks whose "same" padding, as TensorFlow has it, is written as SAME_UPPER: what they see moves against
# the picture with each halving, by 31 of its pixels after five.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 opencv-python-headless==5.0.0.93
ORT_DISABLE_TELEMETRY=1 venv/bin/python - <<'PYTHON'
import itertools

import cv2
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

middle = np.zeros((1, 1, 3, 3), np.float32)
middle[..., 1, 1] = 1
WEIGHTS = [numpy_helper.from_array(middle, "w")]


def ramp(side):
    return np.tile(np.arange(side, dtype=np.float32), (side, 1))[None, None]


def model(operator, kernel, stride, out, padding, picture, times=1):
    """The operator, so many times one after another."""
    attributes = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, **padding}
    weights = WEIGHTS if "Conv" in operator else []
    names = ["x", *(f"v{index}" for index in range(1, times)), "y"]
    nodes = [
        helper.make_node(operator, [before, *(one.name for one in weights)], [after], **attributes)
        for before, after in itertools.pairwise(names)
    ]
    sizes = {"x": picture.shape, "y": (1, 1, out, out)}
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, size) for name, size in sizes.items()]
    graph = helper.make_graph(nodes, "net", values[:1], values[1:], weights)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made, full_check=True)
    return made


def in_opencv(picture, *engine):
    net = cv2.dnn.readNetFromONNX("net.onnx", *engine)
    net.setInput(picture, "x")
    return net.forward(["y"])[0]


def answers(operator, kernel, stride, out, padding, *, picture=ramp(8), times=1):
    """A row of what ONNX Runtime, OpenCV by default, its new engine and its older one give."""
    network = model(operator, kernel, stride, out, padding, picture, times)
    onnx.save(network, "net.onnx")
    session = onnxruntime.InferenceSession("net.onnx", providers=["CPUExecutionProvider"])
    found = [session.run(None, {"x": picture})[0], in_opencv(picture)]
    found += [in_opencv(picture, engine) for engine in (cv2.dnn.ENGINE_NEW, cv2.dnn.ENGINE_CLASSIC)]
    return [one[0, 0, -1].astype(int).tolist() for one in found]


odd, even, late = [0, 2, 4, 6], [1, 3, 5, 7], [1, 2, 3, 4, 5, 6, 7, 7]
for operator, kernel, stride, mode, before, right, new, classic in (
    ("Conv", 3, 2, "SAME_UPPER", 0, even, odd, even),
    ("MaxPool", 3, 2, "SAME_UPPER", 0, [2, 4, 6, 7], even, [2, 4, 6, 7]),
    ("Conv", 3, 2, "SAME_LOWER", 1, odd, odd, even),
    ("MaxPool", 2, 1, "SAME_LOWER", 1, list(range(8)), late, late),
):
    found = answers(operator, kernel, stride, 8 // stride, {"auto_pad": mode})
    print(f"{operator} {kernel}, stride {stride}, {mode}: ONNX Runtime {found[0]}, new {found[2]}, classic {found[3]}")
    assert found == [right, new, new, classic]
    written = {"pads": [before] * 2 + [1 - before] * 2}
    assert answers(operator, kernel, stride, 8 // stride, written) == [right] * 4
for mode in ("SAME_UPPER", "SAME_LOWER"):
    widths = [len(one) for one in answers("ConvTranspose", 3, 2, 16, {"auto_pad": mode})]
    print(f"ConvTranspose, stride 2, {mode}: widths {widths}")
    assert widths == [16, 15, 15, 15]
halved = answers("Conv", 3, 2, 2, {"auto_pad": "SAME_UPPER"}, picture=ramp(64), times=5)
print(f"5 times Conv 3, stride 2, SAME_UPPER: ONNX Runtime {halved[0]}, new {halved[2]}, classic {halved[3]}")
assert halved == [[31, 63], [0, 32], [0, 32], [31, 63]]
PYTHON
