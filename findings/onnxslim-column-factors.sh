#!/usr/bin/env bash
# onnxslim 0.1.98: a factor for each column behind a convolution becomes a factor for each channel, where there are as many.
#
# Guess:     a Mul behind a Conv is taken into the weights where it is one number for each channel, which is a shape of
#            (channels, 1, 1); a vector without more axes belongs to the last one, the columns, as in NumPy.
# Behaviour: what counts is how many numbers there are: as many as channels, and they are taken for channels, whether they lie
#            along the channels, the columns or the rows. One column more and the Mul stays. Nothing is said.
#            onnxsim 0.8.1 and ONNX Runtime's own optimiser, with the same network, leave it right.
# Seen:      ones, convolved to 4 channels of 6 x 4, times 1 2 3 4
#                                              before      slimmed: channel 0, channel 3
#            (4, 1, 1), for each channel       right       right
#            (4,), for each column             1 2 3 4     1 1 1 1     4 4 4 4
#            (1, 1, 1, 4), for each column     1 2 3 4     1 1 1 1     4 4 4 4
#            (6, 1), 6 channels, for each row  1 ... 6     1 ... 1     6 ... 6
#            (5,), for each of 5 columns       1 2 3 4 5   right
#
# It matters where a map is weighted by its columns or rows behind a convolution: a vignette, rays of a camera.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 onnxslim==0.1.98 onnxsim==0.8.1
ORT_DISABLE_TELEMETRY=1 venv/bin/python - <<'PYTHON'
import copy

import numpy as np
import onnx
import onnxruntime
import onnxsim
import onnxslim
from onnx import TensorProto, helper, numpy_helper


def network(shape, channels, rows, columns):
    weights = np.zeros((channels, 1, 3, 3), np.float32)
    weights[:, :, 1, 1] = 1
    factors = np.arange(1, 1 + np.prod(shape), dtype=np.float32).reshape(shape)
    nodes = [helper.make_node("Conv", ["x", "w"], ["v"]), helper.make_node("Mul", ["v", "f"], ["y"])]
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, size)
        for name, size in (("x", (1, 1, rows + 2, columns + 2)), ("y", (1, channels, rows, columns)))
    ]
    fixed = [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(factors, "f")]
    graph = helper.make_graph(nodes, "net", values[:1], values[1:], fixed)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made, full_check=True)
    return made


def answer(made):
    session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    size = [one.dim_value for one in made.graph.input[0].type.tensor_type.shape.dim]
    return session.run(None, {"x": np.ones(size, np.float32)})[0]


for shape, channels, rows, columns, same in (
    ((4, 1, 1), 4, 6, 4, True),
    ((4,), 4, 6, 4, False),
    ((1, 1, 1, 4), 4, 6, 4, False),
    ((6, 1), 6, 6, 4, False),
    ((5,), 4, 6, 5, True),
):
    made = network(shape, channels, rows, columns)
    right, slimmed = answer(made), answer(onnxslim.slim(copy.deepcopy(made)))
    simplified, passed = onnxsim.simplify(copy.deepcopy(made))
    first, last = (one.astype(int).tolist() for one in (slimmed[0, 0, 0], slimmed[0, -1, 0]))
    print(f"{shape}: before {right[0, 0, 0].astype(int).tolist()}, slimmed {first} in channel 0, {last} in the last one")
    assert np.array_equal(right, np.ones_like(right) * np.arange(1, 1 + np.prod(shape)).reshape(shape))
    assert passed and np.array_equal(right, answer(simplified))
    assert np.array_equal(right, slimmed) == same
    if not same:
        assert np.array_equal(slimmed, np.ones_like(right) * np.arange(1, 1 + channels).reshape(-1, 1, 1))
PYTHON
