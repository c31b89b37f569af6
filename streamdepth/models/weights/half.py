"""ONNX files that keep their weights in 16 bits and compute in 32: half the size, the same speed.

Each large float32 constant becomes a float16 one and a Cast, which every runtime folds away when it loads the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

_LEAST = 256
"""Values in a constant that is worth it."""
_SUFFIX = ".half"


def halve_file(path: Path) -> None:
    """Keep the weights of an ONNX file in 16 bits, in place. Raises OSError where it cannot be written."""
    import onnx

    model = onnx.load(path)
    onnx.save(halved(model), path)


def halved(model: Any) -> Any:
    """The same ONNX ModelProto, changed in place, with float16 weights; they are rounded to the nearest."""
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT and np.prod(tensor.dims) >= _LEAST:
            name = tensor.name
            values = numpy_helper.to_array(tensor).astype(np.float16)
            tensor.CopyFrom(numpy_helper.from_array(values, name + _SUFFIX))
            casts.append(helper.make_node("Cast", [name + _SUFFIX], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def widened(model: Any) -> Any:
    """The same ONNX ModelProto, changed in place, with float32 weights where `halved` made float16 of them."""
    from onnx import numpy_helper

    halves = {t.name: t for t in model.graph.initializer if t.name.endswith(_SUFFIX)}
    rest = []
    for node in model.graph.node:
        if node.op_type == "Cast" and node.input[0] in halves:
            tensor = halves[node.input[0]]
            values = numpy_helper.to_array(tensor).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(values, node.output[0]))
        else:
            rest.append(node)
    del model.graph.node[:]
    model.graph.node.extend(rest)
    return model
