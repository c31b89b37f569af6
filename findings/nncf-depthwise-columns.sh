#!/usr/bin/env bash
# NNCF 3.4.0 gives each column of a depthwise kernel a scale of its own, and OpenVINO 2026.4.1 then computes it in floats.
#
# Guess:     quantised, a depthwise convolution has one scale for each channel, and runs in 8 bits, however its weights are
#            written: as five dimensions, or as the four of ONNX, which OpenVINO reshapes to five when it reads the file.
# Behaviour: with four dimensions and a reshape NNCF counts the axes in the four and applies them to the five: the ranges
#            are taken over the first spatial axis alone. OpenVINO has no such convolution in 8 bits. It rounds the weights
#            and what comes in, and then computes in float32: the error of 8 bits at the speed of floats. Nothing is said.
# Seen:      weights (8, 1, 3, 3), reshaped: scales (8, 1, 1, 1, 3), computed in f32
#            the same, folded to (8, 1, 1, 3, 3): scales (8, 1, 1, 1, 1), computed in i8 (where the processor can)
#
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 onnx==1.23.2 openvino==2026.4.1 nncf==3.4.0
venv/bin/python - <<'PYTHON'
import logging
from pathlib import Path

import nncf
import numpy as np
import onnx
import openvino
from onnx import TensorProto, helper, numpy_helper
from openvino.passes import ConstantFolding, Manager

logging.getLogger("nncf").setLevel(logging.ERROR)
random = np.random.default_rng(0)
CHANNELS = 8
SHAPES = {"point": (CHANNELS, CHANNELS, 1, 1), "depthwise": (CHANNELS, 1, 3, 3), "last": (CHANNELS, CHANNELS, 1, 1)}


def written(path):
    """1x1, ReLU, depthwise, ReLU, 1x1."""
    nodes = [
        helper.make_node("Conv", ["x", "point"], ["a"]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Conv", ["b", "depthwise"], ["c"], group=CHANNELS, pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["d"]),
        helper.make_node("Conv", ["d", "last"], ["y"]),
    ]
    shape = [1, CHANNELS, 32, 32]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(random.normal(size=s).astype(np.float32), n) for n, s in SHAPES.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)


def depthwise(network):
    return next(node for node in network.get_ops() if node.get_type_name() == "GroupConvolution")


def quantised(network):
    pictures = [random.normal(size=(1, CHANNELS, 32, 32)).astype(np.float32) for _ in range(4)]
    return nncf.quantize(network, nncf.Dataset(pictures))


def scales(network):
    """Of weights in 8 bits: the factor behind them, or the lower end of a FakeQuantize."""
    return tuple(depthwise(network).input_value(1).get_node().input_value(1).get_shape())


def way(network):
    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = core.compile_model(network, "CPU", exact).get_runtime_model()
    name = depthwise(network).get_friendly_name()
    node = next(node for node in compiled.get_ops() if node.get_friendly_name() == name)
    return node.get_rt_info()["primitiveType"].value.lower()


core = openvino.Core()
written(Path("net.onnx"))
reshaped, folded = core.read_model("net.onnx"), core.read_model("net.onnx")
manager = Manager()
manager.register_pass(ConstantFolding())
manager.run_passes(folded)
for name, network in (("reshaped", reshaped), ("folded", folded)):
    rounded = quantised(network)
    print(f"{name}: scales {scales(rounded)}, computed by {way(rounded)}")
    assert scales(rounded) == (CHANNELS, 1, 1, 1, 3 if name == "reshaped" else 1)
    assert name == "folded" or way(rounded).endswith("f32")
PYTHON
echo "NNCF 3.4.0 still takes the ranges over one axis"
