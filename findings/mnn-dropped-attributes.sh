#!/usr/bin/env bash
# MNN 3.6.1: its converter drops what it does not know of ONNX operators, and says "Converted Success!".
#
# Guess:     mnnconvert tells of operators that it has not got, and refuses the model; what it takes gives ONNX
#            Runtime's numbers.
# Behaviour: axes that come as an input (Reduce* of opset 18, but for Sum, Mean, Max, Min and Prod) are dropped: everything is
#            reduced to one number, and a normal divided by that is no normal. "axes" and "antialias" of Resize are dropped,
#            so that what should be doubled comes out as 2 x 2. padding_mode "reflection" of GridSample
#            becomes "border", mode "bicubic" linear; auto_pad SAME_LOWER becomes SAME_UPPER; PRelu with a slope for each
#            column takes the first one; Shrink cuts off below 0; Softplus ends at 87.
# Seen:                                                     ONNX Runtime 1.32.0         MNN
#            ReduceL2 over channels of 3 4 (opset 18)       5 everywhere                40, shape () or (1, 1, 1, 1)
#            Resize of 8 x 8, axes 2 3, doubled             16 x 16                     2 x 2
#            Resize of 0 to 7, antialias, a quarter         1.66 5.34                   1.5 5.5
#            GridSample of 0 to 7, from -1.5 to 1.5         1.5 0 1.5 3.5 5.5 7 5.5     0 0 1.5 3.5 5.5 7 7
#            Conv 3, stride 2, SAME_LOWER, of 0 to 7        0 2 4 6                     1 3 5 7
#            PRelu of -1, slopes 0 to 7                     0 -1 -2 ... -7              0 0 0 ... 0
#            Shrink of -2 -1 0 1 2, lambd 0.4, bias 0.1     -1.9 -0.9 0 0.9 1.9         0 0 0 0.9 1.9
#            Softplus of 50 and 100                         50 100                      50 87
#
# It matters since networks exported today have opset 18 or later: those whose axes are inputs.
# Fails where that changes. Needs Linux, Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 MNN==3.6.1
ORT_DISABLE_TELEMETRY=1 venv/bin/python - <<'PYTHON'
from pathlib import Path

import _tools
import MNN
import MNN.expr
import MNN.nn
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

RAMP = np.tile(np.arange(8, dtype=np.float32), (8, 1))[None, None]


def model(operator, picture, constants, attributes):
    fixed = [numpy_helper.from_array(one, f"c{place}") for place, one in enumerate(constants) if one is not None]
    names = ["" if one is None else f"c{place}" for place, one in enumerate(constants)]
    node = helper.make_node(operator, ["x", *names], ["y"], **attributes)
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, picture.shape if name == "x" else None) for name in "xy"]
    graph = helper.make_graph([node], "net", values[:1], values[1:], fixed)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    made = onnx.shape_inference.infer_shapes(made, strict_mode=True, data_prop=True)
    onnx.checker.check_model(made, full_check=True)
    onnx.save(made, "net.onnx")


def in_mnn(picture):
    Path("net.mnn").unlink(missing_ok=True)
    # The converter itself, since the command that wraps it reports its use.
    _tools.mnnconvert("mnnconvert -f ONNX --modelFile net.onnx --MNNModel net.mnn --bizCode x".split())
    net = MNN.nn.load_module_from_file("net.mnn", ["x"], ["y"])
    put = MNN.expr.placeholder(list(picture.shape), MNN.expr.NCHW, MNN.expr.float)
    put.write(np.ascontiguousarray(picture))
    answer = net.forward([put])
    answer = answer[0] if isinstance(answer, list) else answer
    if answer.data_format == MNN.expr.NC4HW4:
        answer = MNN.expr.convert(answer, MNN.expr.NCHW)
    return np.array(answer.read())


def both(operator, picture, *constants, **attributes):
    model(operator, picture, constants, attributes)
    session = onnxruntime.InferenceSession("net.onnx", providers=["CPUExecutionProvider"])
    return session.run(None, {"x": picture})[0], in_mnn(picture)


told = []


def last_rows(name, pair, right, wrong):
    """Hold the last rows against what they should be."""
    rows = [one.reshape(-1)[-len(right) :] for one in pair]
    told.append(f"{name}: ONNX Runtime {[f'{v:g}' for v in rows[0].round(2)]}, MNN {[f'{v:g}' for v in rows[1].round(2)]}")
    assert np.allclose(rows[0], right, atol=0.006)
    assert np.allclose(rows[1], wrong, atol=0.006)


def numbers(*values):
    return np.array(values, np.float32)


def whole(*values):
    return np.array(values, np.int64)


channels = np.concatenate([np.full_like(RAMP, 3), np.full_like(RAMP, 4)], 1)
normal, found = both("ReduceL2", channels, whole(1))
told.append(f"ReduceL2: ONNX Runtime {normal.max():g} {normal.shape}, MNN {found.max():g} {found.shape}")
assert np.allclose(normal, 5) and found.size == 1 and np.allclose(found, 40)
doubled, found = both("Resize", RAMP, None, numbers(2, 2), mode="linear", axes=[2, 3])
told.append(f"Resize with axes: ONNX Runtime {doubled.shape}, MNN {found.shape}")
assert doubled.shape == (1, 1, 16, 16) and found.size == 4
quarter = both("Resize", RAMP, None, numbers(1, 1, 0.25, 0.25), mode="linear", antialias=1)
last_rows("Resize, antialias", quarter, [1.66, 5.34], [1.5, 5.5])

places = np.stack(np.meshgrid(np.linspace(-1.5, 1.5, 7), [0.0]), -1).astype(np.float32)[None]
mirrored = both("GridSample", RAMP, places, mode="bilinear", padding_mode="reflection")
last_rows("GridSample, reflection", mirrored, [1.5, 0, 1.5, 3.5, 5.5, 7, 5.5], [0, 0, 1.5, 3.5, 5.5, 7, 7])
curved = both("GridSample", RAMP, places, mode="bicubic", padding_mode="border")
last_rows("GridSample, bicubic", curved, [0, -0.09, 1.5, 3.5, 5.5, 7.09, 7], [0, 0, 1.5, 3.5, 5.5, 7, 7])

middle = np.zeros((1, 1, 3, 3), np.float32)
middle[..., 1, 1] = 1
halved = both("Conv", RAMP, middle, auto_pad="SAME_LOWER", strides=[2, 2])
last_rows("Conv, SAME_LOWER", halved, [0, 2, 4, 6], [1, 3, 5, 7])
below = both("PRelu", np.full_like(RAMP, -1), numbers(*range(8)))
last_rows("PRelu", below, [0, -1, -2, -3, -4, -5, -6, -7], [0] * 8)
shrunk = both("Shrink", numbers(-2, -1, 0, 1, 2), lambd=0.4, bias=0.1)
last_rows("Shrink", shrunk, [-1.9, -0.9, 0, 0.9, 1.9], [0, 0, 0, 0.9, 1.9])
soft = both("Softplus", numbers(-1, 0, 50, 100))
last_rows("Softplus", soft, [50, 100], [50, 87])
print(*told, sep="\n")
PYTHON
