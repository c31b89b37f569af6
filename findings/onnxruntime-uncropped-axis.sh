#!/usr/bin/env bash
# onnxruntime 1.32.0 (CPU): Resize with tf_crop_and_resize does not crop along an axis whose size stays as it was.
#
# Guess:     coordinate_transformation_mode "tf_crop_and_resize" takes the part of the picture that the input "roi" names and
#            brings it to the wanted size, whatever that size is: as large as the whole picture is one size of many.
# Behaviour: where the wanted size equals the size of the picture, the axis is copied as if there were no roi: a zoom to the
#            picture's own size is the picture itself, one that keeps the height zooms in width only, and the result is
#            stretched. Sizes and scales, nearest, linear and cubic alike; nothing is said. The evaluator that comes with
#            ONNX crops, and OpenVINO 2026.4.1 refuses the mode. One pixel more or less and all is right.
# Seen:      8 x 8 of 0 to 63, its last quarter (roi 0.5 to 1), linear: first row
#                        ONNX Runtime         the evaluator
#            to 8 x 8    0   1    2    3      31.5 32   32.5 33
#            to 8 x 4    3.5 4.7  5.8  7      31.5 32.7 33.8 35
#            to 9 x 9    31.5 31.9 32.4 32.8  the same
#
# It matters where a network looks again at a part of its picture, at the size that it works at: it sees the whole again.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 openvino==2026.4.1
ORT_DISABLE_TELEMETRY=1 venv/bin/python - <<'PYTHON'
import numpy as np
import onnx
import onnxruntime
import openvino
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

PICTURE = np.arange(64, dtype=np.float32).reshape(1, 1, 8, 8)
QUARTER = np.array([0, 0, 0.5, 0.5, 1, 1, 1, 1], np.float32)


def model(mode, size, by):
    wanted = np.array([1, 1, *size], np.int64) if by == "sizes" else np.array([1, 1, *size], np.float32) / [1, 1, 8, 8]
    constants = [
        numpy_helper.from_array(QUARTER, "roi"),
        numpy_helper.from_array(wanted if by == "sizes" else wanted.astype(np.float32), "wanted"),
    ]
    inputs = ["x", "roi", "", "wanted"] if by == "sizes" else ["x", "roi", "wanted"]
    node = helper.make_node("Resize", inputs, ["y"], mode=mode, coordinate_transformation_mode="tf_crop_and_resize")
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("x", PICTURE.shape), ("y", (1, 1, *size)))
    ]
    graph = helper.make_graph([node], "net", values[:1], values[1:], constants)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    onnx.checker.check_model(made, full_check=True)
    return made


def answers(network):
    session = onnxruntime.InferenceSession(network.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": PICTURE})[0], ReferenceEvaluator(network).run(None, {"x": PICTURE})[0]


for mode in ("nearest", "linear", "cubic"):
    for by in ("sizes", "scales"):
        whole, cropped = answers(model(mode, (8, 8), by))
        assert np.array_equal(whole, PICTURE) and cropped.min() >= 27
        wide, cropped_wide = answers(model(mode, (8, 4), by))
        assert wide.min() < 8 and cropped_wide.min() >= 27
        for size in ((9, 9), (4, 4), (16, 7)):
            found = answers(model(mode, size, by))
            assert mode == "nearest" or np.allclose(*found, atol=1e-4)
            assert found[0].min() >= 27
for size in ((8, 8), (8, 4), (9, 9)):
    rows = [[round(float(value), 1) for value in one[0, 0, 0, :4]] for one in answers(model("linear", size, "sizes"))]
    print(f"linear, to {size[0]} x {size[1]}: ONNX Runtime {rows[0]}, the evaluator {rows[1]}")
onnx.save(model("linear", (8, 8), "sizes"), "net.onnx")
try:
    openvino.compile_model("net.onnx", "CPU")
except RuntimeError:
    print("OpenVINO refuses the mode")
else:
    raise AssertionError("OpenVINO reads the mode")
PYTHON
