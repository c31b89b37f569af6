#!/usr/bin/env bash
# OpenVINO 2026.4.1 (CPU): a hole of NaN makes ReduceMax forget the maximum that came before it.
#
# Guess:     NaN goes through a network and shows in the result, or is passed over, as by numpy.nanmax: the greatest of what
#            is there is one or the other. ONNX says nothing of NaN; the evaluator that comes with it gives NaN.
# Behaviour: each NaN begins the search anew: the answer is an ordinary number, the greatest of what follows the last NaN
#            in the order of memory. ReduceMin and GlobalMaxPool do the same. ONNX Runtime 1.32.0 passes NaN over in
#            ReduceMax and ReduceMin, unless the very first value is one: it then gives NaN; its GlobalMaxPool is as
#            forgetful as OpenVINO's.
# Seen:      depth of 640 x 480 from 1 to 9 m, 50 m at one pixel and 0.5 m at another above a hole of 40 x 20 of NaN
#                                                     ReduceMax    ReduceMin    GlobalMaxPool
#            both, without the hole                   50           0.5          50
#            OpenVINO                                 9            1            9
#            ONNX Runtime                             50           0.5          9
#            ONNX Runtime, a NaN in the corner too    nan          nan          9
#
# It matters where a map with holes is brought to 0 to 1 within the network: its range depends on where the holes are.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 openvino==2026.4.1
ORT_DISABLE_TELEMETRY=1 venv/bin/python - <<'PYTHON'
import numpy as np
import onnxruntime
import openvino
from onnx import TensorProto, helper

HEIGHT, WIDTH = 480, 640
core = openvino.Core()


def depth(*, hole, corner=False):
    metres = np.tile(np.linspace(1, 9, WIDTH, dtype=np.float32), (HEIGHT, 1))
    metres[100, 100], metres[150, 200] = 50, 0.5
    if hole:
        metres[200:220, 300:340] = np.nan
    if corner:
        metres[0, 0] = np.nan
    return metres[None, None]


def found(operator, values):
    """What OpenVINO and ONNX Runtime give."""
    attributes = {} if operator == "GlobalMaxPool" else {"keepdims": 1}
    graph = helper.make_graph(
        [helper.make_node(operator, ["x"], ["y"], **attributes)],
        "extreme",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, values.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, 1, 1])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9).SerializeToString()
    settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}
    compiled = core.compile_model(core.read_model(model), "CPU", settings)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return float(compiled([values])[0].item()), float(session.run(None, {"x": values})[0].item())


for operator, extreme, after, passed_over in (
    ("ReduceMax", 50, 9, 50),
    ("ReduceMin", 0.5, 1, 0.5),
    ("GlobalMaxPool", 50, 9, 9),
):
    whole = found(operator, depth(hole=False))
    holed = found(operator, depth(hole=True))
    cornered = found(operator, depth(hole=True, corner=True))
    print(f"{operator}: OpenVINO, ONNX Runtime without the hole {whole}, with it {holed}, and the corner {cornered}")
    assert whole == (extreme, extreme)
    assert holed == (after, passed_over)
    assert cornered[0] == after
    assert cornered[1] == 9 if operator == "GlobalMaxPool" else np.isnan(cornered[1])
PYTHON
