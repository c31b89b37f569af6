#!/usr/bin/env bash
# onnxruntime 1.32.0 (CPU): Resize of int8 with antialias has no values below zero, and turns white into black.
#
# Guess:     Resize takes tensors of int8 and uint8, and gives what it gives of the same numbers as floats, rounded and kept
#            within the type: a picture or a feature map of 8 bits may be scaled within the network.
# Behaviour: with antialias=1, int8 is handled as if it were uint8: each result below zero becomes 0, and what cubic carries
#            beyond 127 becomes 0 too; uint8 is right with antialias. Without it linear cuts fractions off, so that a picture
#            of uint8 becomes darker by half a level in the mean, and cubic opens a session for both types of which every
#            run fails. The evaluator that comes with ONNX is right in all of them.
# Seen:      -128 -92 -55 -19 17 54 90 127 in each row, scaled to 16 columns
#                                                 from column 2 on                   the last
#            floats, linear                       -100 -82 -64 -46 -27 -9 8 26       127
#            int8, linear, antialias              0 0 0 0 0 0 8 26                   127
#            floats, cubic                        -103 -80 -66 -44 -29 -7 6 28       131
#            int8, cubic, antialias               0 0 0 0 0 0 6 28                   0
#            uint8, linear: the mean of 64 x 64 of noise is lower by 0.46; with antialias higher by 0.25
#
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
ORT_DISABLE_TELEMETRY=1 venv/bin/python - <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

TYPES = {"float32": TensorProto.FLOAT, "uint8": TensorProto.UINT8, "int8": TensorProto.INT8}


def model(picture, mode, antialias):
    """A network that makes the picture twice as large."""
    kind = TYPES[str(picture.dtype)]
    node = helper.make_node("Resize", ["x", "", "scales"], ["y"], mode=mode, antialias=antialias)
    graph = helper.make_graph(
        [node],
        "twice",
        [helper.make_tensor_value_info("x", kind, picture.shape)],
        [helper.make_tensor_value_info("y", kind, None)],
        [helper.make_tensor("scales", TensorProto.FLOAT, [4], [1, 1, 2, 2])],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def larger(picture, mode, antialias):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    network = model(picture, mode, antialias).SerializeToString()
    return onnxruntime.InferenceSession(network, options).run(None, {"x": picture})[0]


ramp = np.tile(np.linspace(-128, 127, 8).astype(np.int8), (8, 1))[None, None]
for mode, beyond in (("linear", 127), ("cubic", 0)):
    true = np.rint(larger(ramp.astype(np.float32), mode, 1)).astype(int)
    found = larger(ramp, mode, 1).astype(int)
    for name, answer in (("floats", true), ("int8, antialias", found)):
        print(f"{mode}, {name}: {answer[0, 0, 2, 2:10].tolist()}, the last {answer[0, 0, 2, -1]}")
    assert true.min() < -120
    assert found.min() == 0
    assert found[0, 0, 2, -1] == beyond
    inner = (true >= 0) & (true <= 127)
    assert np.abs(found - true)[inner].max() <= 1
    evaluated = ReferenceEvaluator(model(ramp, mode, 1)).run(None, {"x": ramp})[0]
    assert np.abs(evaluated - np.clip(true, -128, 127)).max() <= 1

noise = np.random.default_rng(0).integers(0, 256, (1, 1, 64, 64), np.uint8)
for antialias, least, most in ((0, -0.55, -0.4), (1, 0, 0.3)):
    answer, true = larger(noise, "linear", antialias), larger(noise.astype(np.float32), "linear", antialias)
    off = float((answer - np.rint(true)).mean())
    print(f"uint8, linear, antialias {antialias}: off by {off:+.2f} in the mean")
    assert least < off < most
for picture in (noise, ramp):
    try:
        larger(picture, "cubic", 0)
    except onnxruntime.capi.onnxruntime_pybind11_state.Fail:
        print(f"{picture.dtype}, cubic: the run fails")
    else:
        raise AssertionError("cubic without antialias runs")
PYTHON
