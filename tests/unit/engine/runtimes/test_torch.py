"""PyTorch, eager."""

import numpy as np
import pytest
import torch

from streamdepth.engine.runtimes.torch import TorchRuntime
from streamdepth.errors import ModelError


def batch(*shape):
    return np.random.default_rng(1).standard_normal(shape).astype(np.float32)


class Threads(torch.nn.Module):
    def forward(self, image):
        return image[:, 0] * 0 + torch.get_num_threads()


class Failing(torch.nn.Module):
    def forward(self, image):
        raise RuntimeError("out of memory")


def test_the_number_of_threads_holds_for_inference_and_for_nothing_else():
    before = torch.get_num_threads()
    other = before + 1
    assert TorchRuntime(Threads(), threads=other).infer(batch(1, 3, 32, 32)).max() == other
    assert torch.get_num_threads() == before


def test_a_failure_of_torch_is_a_model_error_and_the_threads_are_given_back():
    before = torch.get_num_threads()
    with pytest.raises(ModelError, match="PyTorch cannot run the network: out of memory"):
        TorchRuntime(Failing(), threads=before + 1).infer(batch(1, 3, 32, 32))
    assert torch.get_num_threads() == before
