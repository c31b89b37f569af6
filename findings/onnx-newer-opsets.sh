#!/usr/bin/env bash
# OpenVINO 2026.4.1, OpenCV 5.0.0 (dnn) and tract 0.23.9 read operators of newer ONNX opsets as if they were older ones.
#
# Guess:     a model states the opset that it needs (ONNX 1.23: up to 28), so that an engine which does not know that version
#            of an operator refuses it, as tract refuses Attention with a softcap.
# Behaviour: the attributes that came with the newer version are passed over without a word, and the answer is the
#            one without them. ONNX Runtime 1.32.0 has both and agrees with the evaluator that comes with ONNX.
#            SpaceToDepth, opset 28:  mode "CRD", the order of PyTorch's pixel_unshuffle, is "DCR" in all three
#            Attention, opset 25:     left_window_size and right_window_size do not bound anything: each picture or patch
#                                     attends to all (in OpenCV in its new engine: ENGINE_CLASSIC refuses Attention)
# Seen:      0 to 31 as 2 channels of 4 x 4, blocks of 2: the first value of each of the 8 channels that come out
#            ONNX Runtime 0 1 4 5 16 17 20 21     OpenVINO, OpenCV, tract 0 16 1 17 4 20 5 21
#            6 positions of which the values are 0 to 5, all keys alike: what a window of 1 to the left and 0 to the right gives
#            ONNX Runtime 0 0.5 1.5 2.5 3.5 4.5   OpenVINO, OpenCV, tract 2.5 2.5 2.5 2.5 2.5 2.5
#
# It matters where a depth network begins with an unshuffled picture, or looks at a bounded time before each picture.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 opencv-python-headless==5.0.0.93 \
    openvino==2026.4.1 tract==0.23.9
ORT_DISABLE_TELEMETRY=1 venv/bin/python - <<'PYTHON'
import cv2
import numpy as np
import onnx
import onnxruntime
import openvino
import tract
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator


def model(operator, opset, inputs, shape, attributes):
    node = helper.make_node(operator, list(inputs), ["y"], **attributes)
    sizes = {name: value.shape for name, value in inputs.items()} | {"y": shape}
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, size) for name, size in sizes.items()]
    graph = helper.make_graph([node], "net", values[:-1], values[-1:])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=13)
    onnx.checker.check_model(made, full_check=True)
    return made


def in_openvino(inputs):
    core = openvino.Core()
    settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}
    return core.compile_model(core.read_model("net.onnx"), "CPU", settings)(list(inputs.values()))[0]


def in_opencv(inputs):
    net = cv2.dnn.readNetFromONNX("net.onnx")
    for name, value in inputs.items():
        net.setInput(value, name)
    return net.forward(["y"])[0]


def in_tract(inputs):
    net = tract.onnx().load("net.onnx").into_model().into_runnable()
    return net.run([tract.Tensor.from_numpy(value) for value in inputs.values()])[0].to_numpy()


def passed_over(name, operator, opset, inputs, shape, attributes, shown):
    """`shown` takes from an answer what is worth printing."""
    plain = ReferenceEvaluator(model(operator, opset, inputs, shape, attributes[0])).run(None, inputs)[0]
    newer = model(operator, opset, inputs, shape, attributes[0] | attributes[1])
    onnx.save(newer, "net.onnx")
    true = onnxruntime.InferenceSession("net.onnx", providers=["CPUExecutionProvider"]).run(None, inputs)[0]
    print(f"{name}: ONNX Runtime {shown(true)}")
    assert np.abs(true - ReferenceEvaluator(newer).run(None, inputs)[0]).max() < 1e-5
    assert np.abs(true - plain).max() > 0.9
    for engine, run in (("OpenVINO", in_openvino), ("OpenCV", in_opencv), ("tract", in_tract)):
        answer = run(inputs)
        print(f"{name}: {engine} {shown(answer)}")
        assert np.abs(answer - plain).max() < 1e-5


counted = np.arange(32, dtype=np.float32).reshape(1, 2, 4, 4)
passed_over(
    "SpaceToDepth CRD",
    "SpaceToDepth",
    28,
    {"x": counted},
    (1, 8, 2, 2),
    ({"blocksize": 2}, {"mode": "CRD"}),
    lambda answer: answer[0, :, 0, 0].astype(int).tolist(),
)
alike = np.ones((1, 1, 6, 4), np.float32)
values = alike * np.arange(6, dtype=np.float32)[:, None]
passed_over(
    "Attention, window",
    "Attention",
    25,
    {"q": alike, "k": alike, "v": values},
    alike.shape,
    ({}, {"left_window_size": 1, "right_window_size": 0}),
    lambda answer: answer[0, 0, :, 0].round(3).tolist(),
)
PYTHON
