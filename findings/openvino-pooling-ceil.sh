#!/usr/bin/env bash
# OpenVINO 2026.4.1 (CPU): pooling with ceil_mode has a row of -3.4e38 too many, and edges that are too near to zero.
#
# Guess:     ceil_mode is what ONNX says of it and PyTorch does: a window that would begin beyond the picture and its padding
#            at the beginning is left out, and a mean with count_include_pad counts the padding that the model states,
#            not what lies beyond that.
# Behaviour: MaxPool keeps such a window. There is nothing in it, so that the map has a row and a column more than the model
#            states, all of the lowest number there is. AveragePool leaves it out, but with pads and count_include_pad, which
#            is how PyTorch's AvgPool2d is by default, it divides by the whole window where part of it is beyond the padding.
#            ONNX Runtime 1.32.0, the evaluator and the shapes of ONNX (opset 22) and PyTorch agree with one another.
# Seen:                                                   ONNX Runtime and ONNX        OpenVINO
#            MaxPool 2, stride 3, of 6 x 8 from 0 to 7    2 x 3: 1 4 7                 3 x 3: 1 4 7, last row -3.4e38
#            AveragePool 3, stride 2, pads 1, of 9        last row 3 4.5 4.5 4.5 2.25  2 3 3 3 1
#
# It matters where pooled maps are added to, or laid over, others: sizes differ, or their lower and right edge is dark.
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
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

RAMP = np.tile(np.arange(8, dtype=np.float32), (6, 1))[None, None]


def answers(operator, picture, **attributes):
    """By ONNX Runtime, which the evaluator and the shape inference of ONNX must agree with, and by OpenVINO."""
    node = helper.make_node(operator, ["x"], ["y"], ceil_mode=1, **attributes)
    values = [helper.make_tensor_value_info("x", TensorProto.FLOAT, picture.shape)]
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph([node], "net", values, [out])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    made = onnx.shape_inference.infer_shapes(made, strict_mode=True)
    onnx.checker.check_model(made, full_check=True)
    onnx.save(made, "net.onnx")
    session = onnxruntime.InferenceSession("net.onnx", providers=["CPUExecutionProvider"])
    right = session.run(None, {"x": picture})[0]
    assert [one.dim_value for one in made.graph.output[0].type.tensor_type.shape.dim] == list(right.shape)
    assert np.allclose(right, ReferenceEvaluator(made).run(None, {"x": picture})[0])
    return right, openvino.compile_model("net.onnx", "CPU")(picture)[0]


right, found = answers("MaxPool", RAMP, kernel_shape=[2, 2], strides=[3, 3])
print(f"MaxPool: ONNX Runtime {right.shape[2:]}, OpenVINO {found.shape[2:]}, its last row {found[0, 0, -1].tolist()}")
assert right.shape == (1, 1, 2, 3) and np.array_equal(right, found[:, :, :2])
assert found.shape == (1, 1, 3, 3) and (found[0, 0, 2] == np.finfo(np.float32).min).all()
right, found = answers("AveragePool", RAMP, kernel_shape=[2, 2], strides=[3, 3])
assert np.array_equal(right, found)
flat = np.full_like(RAMP, 9)
right, found = answers("AveragePool", flat, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1)
print(f"AveragePool, last row: ONNX Runtime {right[0, 0, -1].tolist()}, OpenVINO {found[0, 0, -1].tolist()}")
assert right[0, 0, -1].tolist() == [3, 4.5, 4.5, 4.5, 2.25]
assert np.allclose(found[0, 0, -1], [2, 3, 3, 3, 1])
PYTHON
