#!/usr/bin/env bash
# MNN 3.6.1 (CPU): what a cubic Resize enlarges is a pixel off along its upper and its left edge.
#
# Guess:     a row that lies above the middle of the first one takes its four rows from beyond the edge too, where the first
#            is repeated; MNN converts mode "cubic" with half_pixel, so that it does as ONNX Runtime does, to rounding.
# Behaviour: within the picture, to the right and below it is so. Above the middle of the first row and to the left of that of
#            the first column it reads a whole pixel too far in: the edge repeats what comes after it, whatever the number
#            of channels. align_corners, asymmetric, linear, and all that is made smaller are right.
# Seen:      8 rows of 0 to 7, the first rows of what comes out; the same for columns
#            doubled             ONNX Runtime -0.11 0.19 0.67 1.30         MNN 0.67 0.19 0.67 1.30
#            three times         ONNX Runtime -0.11 0    0.26 0.57         MNN 0.57 0    0.26 0.57
#            four times          ONNX Runtime -0.11 -0.07 0.09 0.29        MNN 0.53 0.82 0.09 0.29
#
# It matters where a map is enlarged within the network (PyTorch's interpolate with bicubic): its edge is wrong by up to
# the difference of two rows of what was enlarged, and four times that make two rows of it.
# Fails where that changes. Needs Linux, Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 MNN==3.6.1
ORT_DISABLE_TELEMETRY=1 venv/bin/python - <<'PYTHON'
import _tools
import MNN
import MNN.expr
import MNN.nn
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

ROWS = np.tile(np.arange(8, dtype=np.float32)[:, None], (1, 8))[None, None]


def model(scale, mode, places, picture):
    node = helper.make_node("Resize", ["x", "", "s"], ["y"], mode=mode, coordinate_transformation_mode=places)
    scales = numpy_helper.from_array(np.array([1, 1, scale, scale], np.float32), "s")
    size = (*picture.shape[:2], *(int(side * scale) for side in picture.shape[2:]))
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("x", picture.shape), ("y", size))
    ]
    graph = helper.make_graph([node], "net", values[:1], values[1:], [scales])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(made, full_check=True)
    onnx.save(made, "net.onnx")


def in_mnn(picture):
    # The converter itself, since the command that wraps it reports its use.
    _tools.mnnconvert("mnnconvert -f ONNX --modelFile net.onnx --MNNModel net.mnn --bizCode x".split())
    net = MNN.nn.load_module_from_file("net.mnn", ["x"], ["y"])
    put = MNN.expr.placeholder(list(picture.shape), MNN.expr.NCHW, MNN.expr.float)
    put.write(np.ascontiguousarray(picture))
    answer = net.forward([put])
    answer = answer[0] if isinstance(answer, list) else answer
    return np.array(MNN.expr.convert(answer, MNN.expr.NCHW).read())


def both(scale, mode="cubic", places="half_pixel", picture=ROWS):
    model(scale, mode, places, picture)
    session = onnxruntime.InferenceSession("net.onnx", providers=["CPUExecutionProvider"])
    return session.run(None, {"x": picture})[0], in_mnn(picture)


told = []
for scale, wrong in ((2, 1), (3, 1), (4, 2)):
    for picture in (ROWS, ROWS.transpose(0, 1, 3, 2), np.concatenate([ROWS, ROWS + 100], 1)):
        right, found = both(scale, picture=picture)
        assert np.allclose(right[..., wrong:, wrong:], found[..., wrong:, wrong:], atol=1e-3)
        edges = (found - right)[0, 0, :wrong, -1], (found - right)[0, 0, -1, :wrong]
        assert max(one.min() for one in edges) > 0.5
    right, found = both(scale)
    columns = [[round(float(value), 2) for value in one[0, 0, :4, -1]] for one in (right, found)]
    told.append(f"times {scale}: ONNX Runtime {columns[0]}, MNN {columns[1]}")
assert np.allclose(*both(0.5), atol=1e-3)
for mode, places in (("linear", "half_pixel"), ("cubic", "align_corners"), ("cubic", "asymmetric")):
    assert np.allclose(*both(2, mode, places), atol=1e-3)
print(*told, sep="\n")
PYTHON
