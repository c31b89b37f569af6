"""`nano`: this project's own small depth network, about one million parameters, made for CPUs.

Inverted residuals (Sandler et al. 2018, MobileNetV2) down to stride 32, a global gate there (Hu et al. 2018,
squeeze and excitation), and an additive decoder of depthwise-separable blocks up to half size. It uses only
operations that every CPU runtime runs fast: convolution, ReLU, addition and bilinear doubling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn.functional import interpolate
from torch.nn.utils.fusion import fuse_conv_bn_eval

STRIDE = 32
"""Height and width of the input must be multiples of this."""


@dataclass(frozen=True)
class StageConfig:
    """One encoder stage; its first block halves the resolution."""

    width: int
    depth: int
    kernel: int
    expansion: int = 4


@dataclass(frozen=True)
class NanoConfig:
    """Shape of the network; the defaults are the bundled one."""

    stem: int = 16
    stages: tuple[StageConfig, ...] = (
        StageConfig(24, 2, 3),
        StageConfig(40, 3, 5),
        StageConfig(96, 4, 5),
        StageConfig(160, 3, 5),
    )
    decoder: tuple[int, ...] = (64, 48, 32, 24)
    """Widths of the decoder at strides 16, 8, 4 and 2."""


class Nano(nn.Module):
    """float32 (N, 3, H, W), RGB normalised by ImageNet's mean and deviation -> (N, H, W) inverse relative depth.

    H and W are multiples of `STRIDE`. Larger is nearer; scale and shift are arbitrary, values may be negative.
    """

    def __init__(self, config: NanoConfig) -> None:
        super().__init__()
        self.config = config
        widths = (config.stem, *(stage.width for stage in config.stages))
        self.stem = nn.Sequential(
            ConvBN(3, config.stem, 3, stride=2),
            nn.ReLU(inplace=True),
            InvertedResidual(config.stem, config.stem, kernel=3, stride=1, expansion=1),
        )
        self.stages = nn.ModuleList(
            _stage(before, stage) for before, stage in zip(widths, config.stages, strict=False)
        )
        self.gate = GlobalGate(widths[-1])
        self.rise = nn.ModuleList(
            RiseBlock(below, skip, width)
            for below, skip, width in zip(
                (widths[-1], *config.decoder), reversed(widths[:-1]), config.decoder, strict=False
            )
        )
        self.head = nn.Conv2d(config.decoder[-1], 1, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        """Run the network on (N, 3, H, W); see the class."""
        features = [self.stem(image)]  # (N, 16, H/2, W/2)
        for stage in self.stages:
            features.append(stage(features[-1]))  # strides 4, 8, 16, 32
        rising = self.gate(features.pop())
        for block in self.rise:
            rising = block(rising, features.pop())  # strides 16, 8, 4, 2
        return _double(self.head(rising)).squeeze(1)  # (N, H, W)


class InvertedResidual(nn.Module):
    """Widen by 1x1, filter by depth, narrow by 1x1; with a shortcut where the shapes allow it."""

    def __init__(self, inputs: int, outputs: int, *, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        widen = [] if expansion == 1 else [ConvBN(inputs, hidden, 1), nn.ReLU(inplace=True)]
        self.body = nn.Sequential(
            *widen,
            ConvBN(hidden, hidden, kernel, stride=stride, groups=hidden),
            nn.ReLU(inplace=True),
            ConvBN(hidden, outputs, 1),
        )
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, h, w) -> (N, outputs, h / stride, w / stride)."""
        body: Tensor = self.body(x)
        return x + body if self.shortcut else body


class GlobalGate(nn.Module):
    """Scales each channel by a number in 0..1 that the whole picture decides."""

    def __init__(self, width: int, squeeze: int = 4) -> None:
        super().__init__()
        self.decide = nn.Sequential(
            nn.Conv2d(width, width // squeeze, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(width // squeeze, width, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, width, h, w) -> the same shape."""
        gate: Tensor = self.decide(x.mean((2, 3), keepdim=True))
        return x * gate


class RiseBlock(nn.Module):
    """One step up the decoder: double what comes from below, add the skip, filter."""

    def __init__(self, below: int, skip: int, width: int) -> None:
        super().__init__()
        self.below = ConvBN(below, width, 1)
        self.skip = ConvBN(skip, width, 1)
        self.filter = nn.Sequential(
            nn.ReLU(inplace=True), *_separable(width, kernel=5), *_separable(width, kernel=3)
        )

    def forward(self, below: Tensor, skip: Tensor) -> Tensor:
        """(N, below, h, w) and (N, skip, 2h, 2w) -> (N, width, 2h, 2w)."""
        filtered: Tensor = self.filter(_double(self.below(below)) + self.skip(skip))
        return filtered


def build_nano(config: NanoConfig | None = None) -> Nano:
    """The network with random weights, in training mode."""
    network = Nano(config or NanoConfig())
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network


def fuse_batch_norm(network: Nano) -> Nano:
    """Fold each batch normalisation into its convolution, in place, for inference; returns the network."""
    network.eval()
    for module in network.modules():
        for name, child in module.named_children():
            if isinstance(child, ConvBN):
                setattr(module, name, child.fused())
    return network


class ConvBN(nn.Sequential):
    """A convolution without bias and its batch normalisation."""

    def __init__(self, inputs: int, outputs: int, kernel: int, *, stride: int = 1, groups: int = 1) -> None:
        conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        norm = nn.BatchNorm2d(outputs)
        super().__init__(conv, norm)
        self._pair = (conv, norm)

    def fused(self) -> nn.Conv2d:
        """One convolution that does the same in inference."""
        conv, norm = self._pair
        return fuse_conv_bn_eval(conv, norm)


def _separable(width: int, *, kernel: int) -> Sequence[nn.Module]:
    depthwise = ConvBN(width, width, kernel, groups=width)
    return (depthwise, ConvBN(width, width, 1), nn.ReLU(inplace=True))


def _stage(inputs: int, stage: StageConfig) -> nn.Sequential:
    blocks = [
        InvertedResidual(
            inputs if index == 0 else stage.width,
            stage.width,
            kernel=stage.kernel,
            stride=2 if index == 0 else 1,
            expansion=stage.expansion,
        )
        for index in range(stage.depth)
    ]
    return nn.Sequential(*blocks)


def _double(x: Tensor) -> Tensor:
    return interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
