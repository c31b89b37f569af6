#!/usr/bin/env bash
# onnx 1.23.2: its version converter moves what Upsample and Resize of opset 9 and 10 enlarge by half a pixel.
#
# Guess:     version_converter.convert_version gives a model that answers as before: where a newer version of an operator has
#            an attribute whose default means something else, the converter writes out what the older version did.
# Behaviour: linear Upsample (opset 9) and Resize (10) take pixel i of the answer from i / scale: ONNX Runtime and OpenVINO
#            read them so. Resize of opset 11 does that with coordinate_transformation_mode "asymmetric"; the converter writes
#            no mode, which means half_pixel. The map moves by half a pixel of the larger picture with every doubling, and
#            so does one that is halved by Resize. "nearest" is right where the scale is 2 or 0.5, a pixel off at 0.25. The
#            new engine of OpenCV 5 reads even the unconverted Resize as half_pixel.
# Seen:      8 columns of 0 to 7, opset 10 by ONNX Runtime and OpenVINO, and converted to 13 by both
#            linear, doubled     0 0.5  1    1.5         converted  0    0.25 0.75 1.25    OpenCV, opset 10: 0 0.25 0.75
#            linear, halved      0 2    4    6           converted  0.5  2.5  4.5  6.5     OpenCV, opset 10: 0.5 2.5 4.5
#            nearest, a quarter  0 4                     converted  1 5
#
# It matters to who raises an old network's opset for a newer engine: its depth is shifted against the picture, the
# more so the coarser the step of the decoder.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 openvino==2026.4.1 opencv-python-headless==5.0.0.93
ORT_DISABLE_TELEMETRY=1 venv/bin/python - <<'PYTHON'
import cv2
import numpy as np
import onnx
import onnxruntime
import openvino
from onnx import TensorProto, helper, numpy_helper, version_converter

PICTURE = np.tile(np.arange(8, dtype=np.float32), (8, 1))[None, None]


def model(operator, opset, scale, mode):
    node = helper.make_node(operator, ["x", "scales"], ["y"], mode=mode)
    side = int(8 * scale)
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, size)
        for name, size in (("x", PICTURE.shape), ("y", (1, 1, side, side)))
    ]
    scales = numpy_helper.from_array(np.array([1, 1, scale, scale], np.float32), "scales")
    graph = helper.make_graph([node], "net", values[:1], values[1:], [scales])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(made, full_check=True)
    return made


def row(answer):
    return answer[0, 0, -1].round(2).tolist()


def answers(network):
    """A row by ONNX Runtime, and the same by OpenVINO."""
    onnx.save(network, "net.onnx")
    session = onnxruntime.InferenceSession("net.onnx", providers=["CPUExecutionProvider"])
    found = [row(session.run(None, {"x": PICTURE})[0]), row(openvino.compile_model("net.onnx", "CPU")(PICTURE)[0])]
    assert found[0] == found[1]
    return found[0]


def in_opencv(network):
    onnx.save(network, "net.onnx")
    net = cv2.dnn.readNetFromONNX("net.onnx", cv2.dnn.ENGINE_NEW)
    net.setInput(PICTURE, "x")
    return row(net.forward())


doubled = [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5]
moved = [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3.25]
for operator, opset, scale, mode, right, wrong in (
    ("Upsample", 9, 2, "linear", doubled, moved),
    ("Resize", 10, 2, "linear", doubled, moved),
    ("Resize", 10, 0.5, "linear", [0, 2, 4, 6], [0.5, 2.5, 4.5, 6.5]),
    ("Resize", 10, 0.25, "nearest", [0, 4], [1, 5]),
    ("Resize", 10, 2, "nearest", [0, 0, 1, 1, 2, 2, 3, 3], [0, 0, 1, 1, 2, 2, 3, 3]),
):
    before = model(operator, opset, scale, mode)
    after = version_converter.convert_version(before, 13)
    attributes = {one.name for node in after.graph.node if node.op_type == "Resize" for one in node.attribute}
    seen = answers(before)[:8], answers(after)[:8]
    print(f"{operator} of opset {opset}, {mode}, times {scale}: {seen[0]}; converted {seen[1]}")
    assert attributes == {"mode"}
    assert seen == (right, wrong)
    if operator == "Resize" and mode == "linear":
        alone = in_opencv(before)[:8]
        print(f"    not converted, in OpenCV: {alone}")
        assert alone == wrong
PYTHON
