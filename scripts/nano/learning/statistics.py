"""What the decoder's normalisation takes for the usual, from real pictures as cameras give them.

In training it is taken from drawings and from views in changed light: real pictures differ from these.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy

import torch
from torch import Tensor, nn

from learning.states import PARTS
from streamdepth.models.networks.nano import Nano


@torch.no_grad()
def restated(network: Nano, pictures: Iterable[Tensor], share: float) -> Nano:
    """`network`, ready for inference, the statistics of its decoder moved by `share` towards those of `pictures`.

    `pictures` are batches of (N, 3, H, W), normalised; each counts the same.
    """
    changed = deepcopy(network).eval()
    pairs = list(zip(decoder_norms(network), decoder_norms(changed), strict=True))
    for _, norm in pairs:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean over all batches
        norm.train()
    for batch in pictures:
        changed(batch)
    for before, norm in pairs:
        for ours, old in ((norm.running_mean, before.running_mean), (norm.running_var, before.running_var)):
            assert ours is not None
            assert old is not None
            ours.lerp_(old, 1 - share)
        norm.momentum = before.momentum
    return changed.eval()


def decoder_norms(network: Nano) -> list[nn.BatchNorm2d]:
    """The batch normalisations of all but the encoder."""
    return [
        module
        for name, module in network.named_modules()
        if isinstance(module, nn.BatchNorm2d) and not name.startswith(PARTS["encoder"])
    ]
