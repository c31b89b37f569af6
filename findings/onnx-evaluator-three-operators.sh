#!/usr/bin/env bash
# onnx 1.23.2: the evaluator that comes with the definition of ONNX is wrong in three operators; the runtimes are right.
#
# Guess:     onnx.reference is what ONNX means: it was written to show what each operator does, so that where it and a
#            runtime differ, the runtime is wrong.
# Behaviour: LpNormalization with p=1 divides by the plain sum, not by that of the absolute values: signs turn round, and a
#            vector whose values cancel out becomes zeros, with a warning of numpy's at most.
#            GridSample, mode "cubic" and padding "border", holds the position within the picture instead of its
#            neighbours: beyond the middle of the last pixel the curve is flat. "zeros" and "reflection" are right.
#            MaxPool with SAME_LOWER, stride 2 and an odd kernel pads at the end, as SAME_UPPER does; AveragePool does not.
#            ONNX Runtime 1.32.0 is right in all three (NumPy; PyTorch's grid_sample; the formula in the definition).
# Seen:                                                  ONNX Runtime                    the evaluator
#            LpNormalization of 3 -4 0 1                 0.375 -0.5 0 0.125              0 0 0 0
#            LpNormalization of -1 -1 -1 -1              -0.25 -0.25 -0.25 -0.25         0.25 0.25 0.25 0.25
#            GridSample of 0 1 4 9, from -1.2 to 1.2     -0.007 -0.11 ... 9.551 9.034    0 -0.11 ... 9.551 9
#            MaxPool 3, stride 2, of 0 to 7              1 3 5 7                         2 4 6 7
#
# It matters to who trusts it as the judge between engines.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
ORT_DISABLE_TELEMETRY=1 venv/bin/python -W ignore - <<'PYTHON'
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

SQUARES = np.tile(np.arange(4, dtype=np.float32) ** 2, (4, 1))[None, None]
RAMP = np.tile(np.arange(8, dtype=np.float32), (8, 1))[None, None]
VECTORS = np.array([[3, -4, 0, 1], [-1, -1, -1, -1]], np.float32)


def answers(operator, picture, constants=(), **attributes):
    """What ONNX Runtime and the evaluator give for a network of one operator."""
    fixed = [numpy_helper.from_array(one, f"c{number}") for number, one in enumerate(constants)]
    node = helper.make_node(operator, ["x", *(one.name for one in fixed)], ["y"], **attributes)
    values = [helper.make_tensor_value_info("x", TensorProto.FLOAT, picture.shape)]
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None] * picture.ndim)
    graph = helper.make_graph([node], "net", values, [out], fixed)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.checker.check_model(made, full_check=True)
    session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": picture})[0], ReferenceEvaluator(made).run(None, {"x": picture})[0]


def show(name, pair):
    runtime, evaluator = ([round(float(value), 3) + 0.0 for value in one.reshape(-1)] for one in pair)
    print(f"{name}: ONNX Runtime {runtime}, the evaluator {evaluator}")


normal, strange = answers("LpNormalization", VECTORS, axis=1, p=1)
show("LpNormalization", (normal, strange))
assert np.allclose(normal, VECTORS / np.abs(VECTORS).sum(1, keepdims=True))
assert np.array_equal(strange, [[0, 0, 0, 0], [0.25, 0.25, 0.25, 0.25]])

places = np.stack(np.meshgrid(np.linspace(-1.2, 1.2, 9), [0.0]), -1).astype(np.float32)[None]
for padding in ("zeros", "reflection", "border"):
    pair = answers("GridSample", SQUARES, [places], mode="cubic", padding_mode=padding)
    show(f"GridSample, {padding}", pair)
    assert np.allclose(*pair, atol=1e-4) == (padding != "border")
assert np.allclose(pair[0][0, 0, 0, [0, -1]], [-0.007, 9.034], atol=1e-3)
assert np.array_equal(pair[1][0, 0, 0, [0, -1]], [0, 9])

for operator, right, wrong in (("MaxPool", [1, 3, 5, 7], [2, 4, 6, 7]), ("AveragePool", [0.5, 2, 4, 6], [0.5, 2, 4, 6])):
    pair = answers(operator, RAMP, auto_pad="SAME_LOWER", kernel_shape=[3, 3], strides=[2, 2])
    show(f"{operator}, last row", [one[..., -1, :] for one in pair])
    assert [one[0, 0, -1].tolist() for one in pair] == [right, wrong]
PYTHON
