"""The encoder of `midas-small`: EfficientNet-Lite3 up to its features at stride 32.

Tan and Le 2019, "EfficientNet"; the lite variants have ReLU6 in the place of swish and no squeeze and excitation.
Names of layers are those of the released checkpoint.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from torch import Tensor, nn
from torch.nn import functional

from streamdepth.values import dataclass

_STEM_WIDTH = 32
_EPSILON = 1e-3  # of batch normalisation, as the network was trained in TensorFlow


@dataclass(frozen=True)
class _Stage:
    width: int
    depth: int
    kernel: int
    stride: int = 2
    """Of the first block."""
    expansion: int = 6


_STAGES = (
    _Stage(24, 1, 3, stride=1, expansion=1),
    _Stage(32, 3, 3),
    _Stage(48, 3, 5),
    _Stage(96, 5, 3),
    _Stage(136, 5, 5, stride=1),
    _Stage(232, 6, 5),
    _Stage(384, 1, 3, stride=1),
)


def build_encoder() -> nn.ModuleDict:
    """`layer1` to `layer4`, to be called in turn, with random weights.

    float32 (N, 3, H, W) -> (N, 32, H/4, W/4) -> (N, 48, H/8, W/8) -> (N, 136, H/16, W/16) -> (N, 384, H/32, W/32).
    """
    stages = list(_stages())
    stem = [_conv(3, _STEM_WIDTH, 3, stride=2), _norm(_STEM_WIDTH), nn.ReLU6(inplace=True)]
    encoder = nn.ModuleDict(
        {
            "layer1": nn.Sequential(*stem, *stages[:2]),
            "layer2": nn.Sequential(stages[2]),
            "layer3": nn.Sequential(*stages[3:5]),
            "layer4": nn.Sequential(*stages[5:]),
        }
    )
    for module in encoder.modules():
        if isinstance(module, nn.Conv2d):
            _randomise(module)
    return encoder


class Conv2dSame(nn.Conv2d):
    """Convolution of stride 2 padded as TensorFlow's "SAME" pads an even input: one more at the end than before.

    The padding of "SAME" depends on the input's size; for even sizes, all there are here, it is constant. That
    keeps sizes out of the graph, so that it can be exported with a free height and width.
    """

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, 2h, 2w) -> (N, C', h, w)."""
        before, after = (self.kernel_size[0] - 2) // 2, (self.kernel_size[0] - 1) // 2
        return super().forward(functional.pad(features, (before, after, before, after)))


class SeparableBlock(nn.Module):
    """Filter by depth, then mix by 1x1: the first block, which widens nothing."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.conv_dw = _conv(inputs, inputs, kernel, stride=stride, groups=inputs)
        self.bn1 = _norm(inputs)
        self.conv_pw = _conv(inputs, outputs, 1)
        self.bn2 = _norm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, h, w) -> (N, outputs, h / stride, w / stride)."""
        filtered = functional.relu6(self.bn1(self.conv_dw(x)), inplace=True)
        mixed: Tensor = self.bn2(self.conv_pw(filtered))
        return mixed


class InvertedResidual(nn.Module):
    """Widen by 1x1, filter by depth, narrow by 1x1; with a shortcut where the shapes allow it."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.conv_pw = _conv(inputs, hidden, 1)
        self.bn1 = _norm(hidden)
        self.conv_dw = _conv(hidden, hidden, kernel, stride=stride, groups=hidden)
        self.bn2 = _norm(hidden)
        self.conv_pwl = _conv(hidden, outputs, 1)
        self.bn3 = _norm(outputs)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, h, w) -> (N, outputs, h / stride, w / stride)."""
        wide = functional.relu6(self.bn1(self.conv_pw(x)), inplace=True)
        filtered = functional.relu6(self.bn2(self.conv_dw(wide)), inplace=True)
        narrow: Tensor = self.bn3(self.conv_pwl(filtered))
        return x + narrow if self.shortcut else narrow


def _stages() -> Iterator[nn.Sequential]:
    inputs = _STEM_WIDTH
    for stage in _STAGES:
        widths = (inputs, *[stage.width] * (stage.depth - 1))
        strides = (stage.stride, *[1] * (stage.depth - 1))
        yield nn.Sequential(*(_block(*place, stage) for place in zip(widths, strides, strict=True)))
        inputs = stage.width


def _block(inputs: int, stride: int, stage: _Stage) -> nn.Module:
    if stage.expansion == 1:
        return SeparableBlock(inputs, stage.width, stage.kernel, stride)
    return InvertedResidual(inputs, stage.width, stage.kernel, stride, stage.expansion)


def _conv(inputs: int, outputs: int, kernel: int, *, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    if stride == 2:
        return Conv2dSame(inputs, outputs, kernel, stride, groups=groups, bias=False)
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)


def _norm(width: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(width, eps=_EPSILON)


def _randomise(conv: nn.Conv2d) -> None:
    """He et al. 2015, by the outputs that each input reaches."""
    reached = math.prod(conv.kernel_size) * conv.out_channels // conv.groups
    nn.init.normal_(conv.weight, std=math.sqrt(2 / reached))
