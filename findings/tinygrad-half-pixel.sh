#!/usr/bin/env bash
# tinygrad 0.14.0: of older ONNX networks Upsample is half a pixel off, and ConvTranspose with auto_pad VALID lacks a row and a column.
#
# Guess:     tinygrad's reader of ONNX gives what the definition of ONNX says, or refuses an operator, as it refuses Resize with antialias.
# Behaviour: Upsample (opset 9), which puts pixel i at 2 i, is read as Resize with its default of today, half_pixel, and so puts it at
#            2 i + 0.5. ConvTranspose with VALID, which is to add no padding, takes that of SAME: of what is enlarged the first row and
#            the first column are cut off, and all is a pixel further to the left and up. NOTSET is right. Nothing is said.
# Seen:      Upsample by 2 of 0 1 2 3, linear     0 0.25 0.75 1.25 1.75 2.25 2.75 3
#            by the definition                    0 0.5  1    1.5  2    2.5  3    3
#            ConvTranspose of 3 x 3, kernel of 3, stride 2: 6 x 6 with VALID, 7 x 7 with NOTSET
#
# It matters since decoders of networks for depth are made of these two: their maps move against the picture.
# Fails where that changes. Needs Linux, Python 3.12 or newer (PYTHON=python3.12) and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile numpy==2.5.5 tinygrad==0.14.0 onnx==1.23.2
DEV=PYTHON CACHEDB="$folder/cache.db" venv/bin/python - <<'PYTHON'
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from tinygrad import Tensor
from tinygrad.nn.onnx import OnnxRunner

ROW = np.array([[[[0, 1, 2, 3]]]], np.float32)
MAP = np.arange(1, 10, dtype=np.float32).reshape(1, 1, 3, 3)
TWICE = np.array([1, 1, 1, 2], np.float32)
KERNEL = np.arange(1, 10, dtype=np.float32).reshape(1, 1, 3, 3)


def answer(operator, opset, given, other, **how):
    node = helper.make_node(operator, ["x", "other"], ["y"], **how)
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, given.shape)]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    graph = helper.make_graph([node], "one", inputs, outputs, [numpy_helper.from_array(other, "other")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    Path("one.onnx").write_bytes(model.SerializeToString())
    return OnnxRunner("one.onnx")({"x": Tensor(given)})["y"].numpy()


linear = answer("Upsample", 9, ROW, TWICE, mode="linear")
print(linear.ravel())
assert linear.ravel().tolist() == [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3]
assert answer("Upsample", 9, ROW, TWICE, mode="nearest").ravel().tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
expected = np.zeros((1, 1, 7, 7), np.float32)
for y, x in np.ndindex(3, 3):
    expected[..., 2 * y : 2 * y + 3, 2 * x : 2 * x + 3] += MAP[0, 0, y, x] * KERNEL
assert np.array_equal(answer("ConvTranspose", 11, MAP, KERNEL, strides=[2, 2]), expected)
valid = answer("ConvTranspose", 11, MAP, KERNEL, strides=[2, 2], auto_pad="VALID")
print(valid.shape)
assert np.array_equal(valid, expected[..., 1:, 1:])
PYTHON
