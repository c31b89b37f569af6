"""From a model's card and weights file to the network, ready for inference."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from streamdepth.models.registry import MIDAS_SMALL, NANO, ModelCard

if TYPE_CHECKING:
    from torch import nn


def load_network(card: ModelCard, path: Path) -> nn.Module:
    """The network of `card` with the weights in `path`: float32, on the CPU, in inference mode, without gradients.

    float32 (N, 3, H, W) -> (N, H, W). Raises `WeightsError` where the file is missing, damaged or of another
    network, and `ModelError` where the network cannot be built.
    """
    network = _BUILDERS[card.name](path)
    return network.eval().requires_grad_(False)


def _midas_small(path: Path) -> nn.Module:
    from streamdepth.models.networks.midas_small import MidasSmall
    from streamdepth.models.weights.checkpoint import fill, load_state_dict

    tensors = load_state_dict(path)
    network = MidasSmall()
    fill(network, tensors, path.name, MIDAS_SMALL.name)
    return network


def _nano(path: Path) -> nn.Module:
    from streamdepth.models.networks.nano import fuse_batch_norm
    from streamdepth.models.networks.nano_files import read_weights

    network = fuse_batch_norm(read_weights(path))
    # Rounded as in the ONNX file of the package, so that every runtime computes with the same weights.
    return network.half().float()


_BUILDERS = {MIDAS_SMALL.name: _midas_small, NANO.name: _nano}
