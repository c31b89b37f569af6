#!/usr/bin/env bash
# onnxoptimizer 0.4.2: with its default passes a Pad before a pooling, or two Reshapes, become another network.
#
# Guess:     the passes that run without being named change no number: that is why they are the default ones.
# Behaviour: a Pad of zeros is taken into MaxPool, whose own padding is no number at all: what is below zero comes through at
#            the edge where zero was greater. A Pad before an AveragePool that has pads of its own and does not count them
#            makes it count both, so that every edge is darker. Of two Reshapes the first is left out, though a 0 in the
#            second copies a size of what the first one gives: the answer has another shape than the model states. A
#            Pad before a Conv is taken in rightly. onnxsim 0.8.1, onnxslim 0.1.98 and ONNX Runtime leave all right.
# Seen:                                                       before           optimised
#            Pad 1 of zeros, MaxPool 3, of -5 (corner)        0                -5
#            Pad 1, AveragePool 3 with pads 1, of 9 (corner)  2.25             1
#            (3, 4, 2, 2) to (3, 2, 8), then [0, 0, -1]       (3, 2, 8)        (3, 4, 4)
#            (3, 4, 2, 2) to (6, 8), then [0, -1]             (6, 8)           (3, 16)
#
# It matters where logits, logarithms of depth or other numbers below zero are pooled. Frameworks write "same" padding as
# a Pad of its own.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 onnxoptimizer==0.4.2 onnxslim==0.1.98 onnxsim==0.8.1
ORT_DISABLE_TELEMETRY=1 venv/bin/python - <<'PYTHON'
import copy

import numpy as np
import onnx
import onnxoptimizer
import onnxruntime
import onnxsim
import onnxslim
from onnx import TensorProto, helper, numpy_helper


def network(shape, *steps):
    """Operators one after another, each with what it is given beside the answer of the one before."""
    nodes, fixed, name = [], [], "x"
    for place, (operator, constants, attributes) in enumerate(steps):
        names = [f"c{place}{number}" for number in range(len(constants))]
        fixed += [numpy_helper.from_array(np.asarray(one), it) for one, it in zip(constants, names, strict=True)]
        nodes.append(helper.make_node(operator, [name, *names], [f"v{place}"], **attributes))
        name = f"v{place}"
    values = [
        helper.make_tensor_value_info(one, TensorProto.FLOAT, size) for one, size in (("x", shape), (name, None))
    ]
    graph = helper.make_graph(nodes, "net", values[:1], values[1:], fixed)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    made = onnx.shape_inference.infer_shapes(made, strict_mode=True, data_prop=True)
    onnx.checker.check_model(made, full_check=True)
    return made


def answers(made, picture):
    """Before it is optimised, and by onnxoptimizer; the other two are held to be right."""
    found = []
    for one in (
        made,
        onnxsim.simplify(copy.deepcopy(made))[0],
        onnxslim.slim(copy.deepcopy(made)),
        onnxoptimizer.optimize(copy.deepcopy(made)),
    ):
        session = onnxruntime.InferenceSession(one.SerializeToString(), providers=["CPUExecutionProvider"])
        found.append(session.run(None, {"x": picture})[0])
    for one in found[1:3]:
        assert np.array_equal(one, found[0])
    return found[0], found[3]


AROUND = ("Pad", [np.array([0, 0, 1, 1, 0, 0, 1, 1])], {})
picture = np.full((1, 1, 4, 4), -5, np.float32)
pooled = answers(network(picture.shape, AROUND, ("MaxPool", [], {"kernel_shape": [3, 3]})), picture)
mean = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
averaged = answers(network(picture.shape, AROUND, ("AveragePool", [], mean)), picture * 0 + 9)
weights = np.ones((1, 1, 3, 3), np.float32)
convolved = answers(network(picture.shape, AROUND, ("Conv", [weights], {})), picture)
for name, (before, after) in (("MaxPool", pooled), ("AveragePool", averaged), ("Conv", convolved)):
    print(f"{name}: a corner {before[0, 0, 0, 0]:g}, optimised {after[0, 0, 0, 0]:g}")
assert [one[0, 0, 0, 0] for one in pooled] == [0, -5]
assert [one[0, 0, 0, 0] for one in averaged] == [2.25, 1]
assert np.array_equal(*convolved)

block = np.arange(48, dtype=np.float32).reshape(3, 4, 2, 2)
for first, second, right, wrong in (
    ([3, 2, 8], [0, 0, -1], (3, 2, 8), (3, 4, 4)),
    ([6, 8], [0, -1], (6, 8), (3, 16)),
):
    made = network(block.shape, ("Reshape", [np.array(first)], {}), ("Reshape", [np.array(second)], {}))
    before, after = answers(made, block)
    print(f"to {first}, then {second}: {before.shape}, optimised {after.shape}")
    assert (before.shape, after.shape) == (right, wrong)
PYTHON
