#!/usr/bin/env bash
# pnnx 20261020, read by ncnn 1.0.20261020: every ONNX Resize comes out as one of three, whatever its attributes say.
#
# Guess:     pnnx converts a Resize to what ncnn's Interp does with the same numbers, or refuses it: a network
#            that loads gives what it gave.
# Behaviour: of coordinate_transformation_mode it knows align_corners; all others become half_pixel. cubic_coeff_a is always
#            -0.75, antialias and nearest_mode are dropped; nearest takes the pixel at i / scale. ncnn loads the file and
#            answers, without a word from either.
# Seen:      8 columns of 0 to 7                          ONNX Runtime            pnnx and ncnn
#            linear, asymmetric, doubled                  0 0.5 1 1.5 2           0 0.25 0.75 1.25 1.75
#            cubic of squares, coefficient -0.5, doubled  -0.07 0.13 0.59 1.56    -0.11 0.12 0.46 1.61, as with -0.75
#            nearest, ceil, doubled                       0 1 1 2 2 3 3           0 0 1 1 2 2 3
#            linear, antialias, a quarter                 1.66 5.34               1.5 5.5
#            linear, half_pixel, and linear, align_corners: the same
#
# It matters for decoders whose linear Resize is "asymmetric", as converters from TensorFlow write what TensorFlow 1 did:
# their maps move by half a pixel with every doubling.
# Fails where that changes. Needs Linux on x86, Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 ncnn==1.0.20261020
venv/bin/pip install --quiet --no-deps pnnx==20261020
ORT_DISABLE_TELEMETRY=1 venv/bin/python - <<'PYTHON'
import subprocess
import sys
from pathlib import Path

import ncnn
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

RAMP = np.tile(np.arange(8, dtype=np.float32), (8, 1))[None, None]
PROGRAM = next(Path(sys.prefix).rglob("site-packages/pnnx/pnnx"))


def by_onnxruntime(picture, scale, attributes):
    node = helper.make_node("Resize", ["x", "", "scales"], ["y"], **attributes)
    side = int(8 * scale)
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("x", picture.shape), ("y", (1, 1, side, side)))
    ]
    scales = numpy_helper.from_array(np.array([1, 1, scale, scale], np.float32), "scales")
    graph = helper.make_graph([node], "net", values[:1], values[1:], [scales])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    onnx.checker.check_model(made, full_check=True)
    onnx.save(made, "net.onnx")
    session = onnxruntime.InferenceSession("net.onnx", providers=["CPUExecutionProvider"])
    return session.run(None, {"x": picture})[0][0, 0, -1]


def by_ncnn(picture):
    subprocess.run([PROGRAM, "net.onnx", "fp16=0"], check=True, capture_output=True, timeout=300)
    net = ncnn.Net()
    net.opt.use_fp16_arithmetic = net.opt.use_fp16_packed = net.opt.use_fp16_storage = False
    assert net.load_param("net.ncnn.param") == 0
    assert net.load_model("net.ncnn.bin") == 0
    extractor = net.create_extractor()
    extractor.input("in0", ncnn.Mat(np.ascontiguousarray(picture[0])).clone())
    failed, answer = extractor.extract("out0")
    assert failed == 0
    return np.array(answer).reshape(-1, answer.w)[-1]


def rows(name, scale, picture=RAMP, **attributes):
    found = [np.round(one, 3) + 0.0 for one in (by_onnxruntime(picture, scale, attributes), by_ncnn(picture))]
    print(f"{name}: ONNX Runtime {[float(f'{one:.3f}') for one in found[0]]}")
    print(f"    pnnx and ncnn {[float(f'{one:.3f}') for one in found[1]]}")
    return found


for places in ("half_pixel", "align_corners"):
    assert np.allclose(*rows(f"linear, {places}", 2, mode="linear", coordinate_transformation_mode=places), atol=2e-3)
plain, found = rows("linear, asymmetric", 2, mode="linear", coordinate_transformation_mode="asymmetric")
assert np.array_equal(plain[:5], [0, 0.5, 1, 1.5, 2]) and np.array_equal(found[:5], [0, 0.25, 0.75, 1.25, 1.75])
softer, found = rows("cubic, coefficient -0.5", 2, RAMP**2, mode="cubic", cubic_coeff_a=-0.5)
usual, _ = rows("cubic, as it is by default", 2, RAMP**2, mode="cubic")
assert np.allclose(found, usual, atol=2e-3) and not np.allclose(found, softer, atol=0.01)
plain, found = rows("nearest, ceil", 2, mode="nearest", nearest_mode="ceil")
assert np.array_equal(plain[:7], [0, 1, 1, 2, 2, 3, 3]) and np.array_equal(found[:7], [0, 0, 1, 1, 2, 2, 3])
plain, found = rows("linear, antialias, a quarter", 0.25, mode="linear", antialias=1)
assert np.allclose(plain, [1.656, 5.344], atol=1e-3) and np.array_equal(found, [1.5, 5.5])
PYTHON
