"""Every runtime gives what PyTorch gives, on midas-small filled with the numbers of the conformance rule."""

import importlib.util

import numpy as np
import pytest
import torch
from engine_loading import load_engine
from places import REPOSITORY

from streamdepth.models.networks.midas_small import MidasSmall

RULE = REPOSITORY / "tests/unit/models/networks/test_midas_small.py"
SIZES = ((256, 256), (128, 256), (256, 96), (320, 64))
"""(H, W)"""


def conformance_state():
    spec = importlib.util.spec_from_file_location("conformance_rule", RULE)
    rule = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(rule)
    return rule.made_up_state({key: list(value.shape) for key, value in MidasSmall().state_dict().items()})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("midas")


@pytest.fixture(scope="module")
def weights(folder):
    torch.save(conformance_state(), folder / "midas.pt")
    return folder / "midas.pt"


def batch(height, width):
    return np.random.default_rng(height).standard_normal((1, 3, height, width)).astype(np.float32)


@pytest.fixture(scope="module")
def expected(weights):
    runtime = load_engine(weights, runtime="torch").runtime
    return {size: runtime.infer(batch(*size)) for size in SIZES}


@pytest.mark.parametrize("runtime", ["torchscript", "onnxruntime", "openvino"])
def test_a_runtime_agrees_with_torch_at_any_size_and_converts_once(runtime, weights, expected, folder):
    engine = load_engine(weights, runtime=runtime, cache_dir=folder)
    for size, depth in expected.items():
        assert depth.max() > 100
        assert abs(engine.runtime.infer(batch(*size)) - depth).max() <= 1e-3 * depth.max()
    again = []
    load_engine(weights, runtime=runtime, cache_dir=folder, notify=again.append)
    assert again == []
