#!/usr/bin/env bash
# onnxruntime 1.32.0: quantize_static leaves out a Clip to at least 0.1, so that what is turned into depth becomes infinite.
#
# Guess:     the quantiser may take out a Clip or a Relu behind a convolution where the 8 bits themselves end at the same
#            bounds; any other it keeps.
# Behaviour: it takes out every Clip, whatever its bounds. The range is widened to hold 0, so that all below the lower bound
#            comes through down to 0; nothing is said. With CalibTensorRangeSymmetric, where the range is as wide below 0 as
#            above, each Clip and even each Relu is taken out too: negative values come through. With ActivationSymmetric or
#            QDQKeepRemovableActivations they stay, and all is right.
# Seen:      a convolution from -4 to 4, then                 as floats    quantised    CalibTensorRangeSymmetric
#            Clip to 0.1 to 10: the least                     0.1          0            -3.98
#            that inverted, as depth from disparity: the most 10           inf          inf
#            Relu: the least                                  0            0            -3.98
#
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
ORT_DISABLE_TELEMETRY=1 venv/bin/python - <<'PYTHON'
import logging

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnxruntime.quantization import CalibrationDataReader, quantize_static

logging.disable(logging.WARNING)  # it recommends a preparation of shapes, which these models state
values = np.linspace(-4, 4, 256, dtype=np.float32).reshape(1, 1, 16, 16)
CONSTANTS = {"w": np.ones((1, 1, 1, 1)), "least": np.array(0.1), "most": np.array(10)}


class Once(CalibrationDataReader):
    def __init__(self):
        self.left = [{"x": values}]

    def get_next(self):
        return self.left.pop() if self.left else None


def model(*operators):
    """A convolution that changes nothing, and what follows it."""
    inputs = {"Clip": ["least", "most"]}
    nodes = [helper.make_node("Conv", ["x", "w"], ["v0"], name="Conv")]
    for index, operator in enumerate(operators):
        nodes.append(helper.make_node(operator, [f"v{index}", *inputs.get(operator, [])], [f"v{index + 1}"], name=operator))
    used = {name for node in nodes for name in node.input}
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, values.shape)],
        [helper.make_tensor_value_info(f"v{len(operators)}", TensorProto.FLOAT, values.shape)],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in CONSTANTS.items() if name in used],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    onnx.checker.check_model(made, full_check=True)
    return made


def answer(path):
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, {"x": values})[0]


def quantised(**options):
    """The operators that are left, and the answer of ONNX Runtime, which is the evaluator's of ONNX too."""
    quantize_static("floats.onnx", "bytes.onnx", Once(), extra_options=options)
    left = onnx.load("bytes.onnx")
    found = answer("bytes.onnx")
    with np.errstate(divide="ignore"):
        assert np.allclose(found, ReferenceEvaluator(left).run(None, {"x": values})[0], atol=0.01)
    return {node.op_type for node in left.graph.node}, found


SYMMETRIC = {"CalibTensorRangeSymmetric": True}
for operators, end, true, default, symmetric in (
    (("Clip",), np.min, 0.1, 0, -3.98),
    (("Clip", "Reciprocal"), np.max, 10, np.inf, np.inf),
    (("Relu",), np.min, 0, 0, -3.98),
):
    onnx.save(model(*operators), "floats.onnx")
    assert np.isclose(end(answer("floats.onnx")), true)
    for options, expected in (({}, default), (SYMMETRIC, symmetric)):
        left, found = quantised(**options)
        print(f"{operators} {options}: floats {true}, quantised {end(found):.3g}")
        assert operators[0] not in left
        assert end(found) == expected or np.isclose(end(found), expected, atol=0.01)
    for options in ({"ActivationSymmetric": True}, SYMMETRIC | {"QDQKeepRemovableActivations": True}):
        left, found = quantised(**options)
        assert operators[0] in left
        assert np.isclose(end(found), true, rtol=0.3, atol=0.01)
PYTHON
