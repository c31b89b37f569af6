#!/usr/bin/env bash
# tract 0.23.9 (PyPI): what is further than 88 m, or than 11 m in half floats, is at infinity behind a Softplus; Celu forgets its alpha.
#
# Guess:     Softplus is log(1 + exp(x)), and of a large number that number, as in ONNX's reference (since 1.23): it keeps depth above zero
#            without an end. Celu is alpha * (exp(x / alpha) - 1) below zero. LogSoftmax has no end below.
# Behaviour: exp(x) is computed in the type of the picture and runs over: from 88.8 on the answer is infinity, and of half floats from
#            11.1 on, although each of these numbers fits. ReduceLogSumExp does the same. Of doubles it is right. LogSoftmax
#            ends at about -87.5, except below -104, where it is minus infinity. Celu is alpha times too small or too large (the factor
#            is missing) unless alpha is 1, while Elu, with the same attribute, is right. Nothing is said.
# Seen:      Softplus          11     12     20     88     89    100
#            float32           11     12     20     88    inf    inf
#            float16           11    inf    inf    inf    inf    inf
#            float64           11     12     20     88     89    100
#            Celu(-2), alpha 0.5, 1, 2     -0.982  -0.865  -0.632, which should be -0.491  -0.865  -1.264
#            LogSoftmax(0, 50, 150)        -inf  -87.523  0, which should be -150  -100  0
#
# It matters since Softplus is the last step of networks for depth in metres: indoors all is right, a street ends at infinity.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 onnx==1.23.2 tract==0.23.9
venv/bin/python - <<'PYTHON'
import numpy as np
import onnx
import tract
from onnx import helper
from onnx.reference import ReferenceEvaluator


def both(operator, values, **attributes):
    """What tract makes of the values, and what ONNX's reference does."""
    kind = helper.np_dtype_to_tensor_dtype(values.dtype)
    node = helper.make_node(operator, ["x"], ["y"], **attributes)
    shapes = [helper.make_tensor_value_info(name, kind, shape) for name, shape in (("x", values.shape), ("y", None))]
    graph = helper.make_graph([node], "one", shapes[:1], shapes[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, "one.onnx")
    found = tract.onnx().load("one.onnx").into_model().into_runnable().run([values])[0].to_numpy()
    right = ReferenceEvaluator(model).run(None, {"x": values})[0]
    print(operator, values.dtype, attributes, "tract", found.ravel().round(3).tolist(), "reference", right.ravel().round(3).tolist())
    return found.ravel().astype(float), right.ravel().astype(float)


far = [11, 12, 20, 88, 89, 100]
for kind, expected in (("float16", [11] + [np.inf] * 5), ("float32", [11, 12, 20, 88, np.inf, np.inf]), ("float64", far)):
    found, right = both("Softplus", np.array([far], kind))
    assert np.allclose(found, expected, rtol=1e-3) and np.allclose(right, far, rtol=1e-3)
for alpha in (0.5, 1.0, 2.0):
    found, right = both("Celu", np.array([[-2, 3]], np.float32), alpha=alpha)
    assert np.allclose(found[0] * alpha, right[0]) and found[1] == right[1] == 3
assert np.allclose(*both("Elu", np.array([[-2, 3]], np.float32), alpha=2.0))
found, right = both("LogSoftmax", np.array([[0, 50, 150]], np.float32))
assert found[0] == -np.inf and abs(found[1] + 87.523) < 0.01 and found[2] == 0
found, right = both("ReduceLogSumExp", np.array([[80, 89, 100]], np.float32), axes=[1])
assert found == np.inf and abs(right - 100) < 0.001
PYTHON
