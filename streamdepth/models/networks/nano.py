"""`nano`: this project's own small depth network, made for CPUs.

Inverted residuals (Sandler et al. 2018, MobileNetV2) down to stride 32, a global gate there (Hu et al. 2018, squeeze
and excitation), and an additive decoder of depthwise-separable blocks up to half size. It uses only operations that
every CPU runtime runs fast: convolution, ReLU, addition and bilinear doubling.

The shape stands in the weights file. That of the bundled weights has one million parameters; that of those in training
(`scripts/nano`), the default here, three million: its encoder is EfficientNet-Lite0 (Tan and Le 2019; Google 2020).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate
from torch.nn.utils.fusion import fuse_conv_bn_eval

from streamdepth.values import dataclass


@dataclass(frozen=True)
class StageConfig:
    """One encoder stage; its first block has the stride."""

    width: int
    depth: int
    kernel: int
    expansion: int = 6
    stride: int = 2
    """2 halves the resolution: the decoder gets what was there before as a skip connection."""


@dataclass(frozen=True)
class NanoConfig:
    """Shape of the network; by default the one in training, whose encoder is EfficientNet-Lite0."""

    stem: int = 32
    """Width of the first convolution."""
    stages: tuple[StageConfig, ...] = (
        StageConfig(24, 2, 3),
        StageConfig(40, 2, 5),
        StageConfig(80, 3, 3),
        StageConfig(112, 3, 5, stride=1),
        StageConfig(192, 4, 5),
        StageConfig(320, 1, 3, stride=1),
    )
    decoder: tuple[int, ...] = (96, 64, 48, 24)
    """Widths of the decoder at strides 16, 8, 4 and 2."""
    entry: int = 16
    """Width at stride 2, after the stem's block."""
    clipped: bool = True
    """Whether the encoder's ReLUs end at 6, as those of EfficientNet-Lite do."""
    overview: tuple[int, int] | None = (320, 192)
    """Longer and shorter side in pixels. Past stride 2 a picture is made smaller until one of its sides would be below
    that: views in training were hardly larger, and of larger pictures the network gets the whole wrong. Stride 2 stays
    fine, for the edges. None: nothing is made smaller."""


class Nano(nn.Module):
    """float32 (N, 3, H, W), RGB normalised by ImageNet's mean and deviation -> (N, H, W) inverse relative depth.

    H and W are multiples of 32. Larger is nearer; scale and shift are arbitrary, values may be negative.
    """

    def __init__(self, config: NanoConfig) -> None:
        super().__init__()
        self.config = config
        widths = (config.entry, *(stage.width for stage in config.stages))
        activation = nn.ReLU6 if config.clipped else nn.ReLU
        self.stem = nn.Sequential(
            ConvBN(3, config.stem, 3, stride=2),
            activation(inplace=True),
            InvertedResidual(config.stem, config.entry, StageConfig(config.entry, 1, 3, 1, 1), activation),
        )
        self.stages = nn.ModuleList(
            _stage(before, stage, activation) for before, stage in zip(widths, config.stages, strict=False)
        )
        self.gate = GlobalGate(widths[-1])
        skips = [
            width for width, stage in zip(widths, config.stages, strict=False) if stage.stride == 2
        ]  # at strides 2, 4, 8, 16
        self.rise = nn.ModuleList(
            RiseBlock(below, skip, width)
            for below, skip, width in zip(
                (widths[-1], *config.decoder), reversed(skips), config.decoder, strict=False
            )
        )
        self.head = nn.Conv2d(config.decoder[-1], 1, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        """Run the network on (N, 3, H, W); see the class."""
        *skips, deepest = self.encode(image)
        rising = self.gate(deepest)
        *coarse, last = self.rise
        for block in coarse:
            rising = block(rising, skips.pop())  # strides 16, 8, 4
        rising = last(
            rising, skips.pop(), exact=self.config.overview is None
        )  # stride 2 of the picture itself
        return _double(self.head(rising)).squeeze(1)  # (N, H, W)

    def encode(self, image: Tensor) -> list[Tensor]:
        """(N, 3, H, W) -> features at strides 2, 4, 8, 16 and 32: (N, entry, H/2, W/2) to (N, 320, h/32, w/32).

        h and w are H and W, or less where the picture is larger than `NanoConfig.overview`.
        """
        fine: Tensor = self.stem(image)
        levels, features = [], fine
        if self.config.overview is not None:
            longer, shorter = self.config.overview
            features = _overview(fine, longer // 2, shorter // 2)
        for stage, config in zip(self.stages, self.config.stages, strict=True):
            if config.stride == 2:
                levels.append(features)
            features = stage(features)
        return [fine, *levels[1:], features]


class InvertedResidual(nn.Module):
    """Widen by 1x1, filter by depth, narrow by 1x1; with a shortcut where the shapes allow it."""

    def __init__(
        self, inputs: int, outputs: int, stage: StageConfig, activation: type[nn.ReLU6 | nn.ReLU]
    ) -> None:
        super().__init__()
        hidden = inputs * stage.expansion
        widen = [] if stage.expansion == 1 else [ConvBN(inputs, hidden, 1), activation(inplace=True)]
        self.body = nn.Sequential(
            *widen,
            ConvBN(hidden, hidden, stage.kernel, stride=stage.stride, groups=hidden),
            activation(inplace=True),
            ConvBN(hidden, outputs, 1),
        )
        self.shortcut = stage.stride == 1 and inputs == outputs

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

    def forward(self, below: Tensor, skip: Tensor, *, exact: bool = True) -> Tensor:
        """(N, below, h, w) and (N, skip, H, W) -> (N, width, H, W); H and W are 2h and 2w, or more unless `exact`."""
        narrow = self.below(below)
        large = _double(narrow) if exact else _resized(narrow, skip.shape[2], skip.shape[3])
        filtered: Tensor = self.filter(large + self.skip(skip))
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
        self.pair = (conv, norm)

    def fused(self) -> nn.Conv2d:
        """One convolution that does the same in inference."""
        return fuse_conv_bn_eval(*self.pair)


def _separable(width: int, *, kernel: int) -> Sequence[nn.Module]:
    depthwise = ConvBN(width, width, kernel, groups=width)
    return (depthwise, ConvBN(width, width, 1), nn.ReLU(inplace=True))


def _stage(inputs: int, stage: StageConfig, activation: type[nn.ReLU6 | nn.ReLU]) -> nn.Sequential:
    further = replace(stage, stride=1)
    blocks = [InvertedResidual(inputs, stage.width, stage, activation)]
    blocks += [
        InvertedResidual(stage.width, stage.width, further, activation) for _ in range(stage.depth - 1)
    ]
    return nn.Sequential(*blocks)


def _double(x: Tensor) -> Tensor:
    return interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def _resized(x: Tensor, height: int, width: int) -> Tensor:
    return interpolate(x, size=(height, width), mode="bilinear", align_corners=False)


def _read_smaller(fine: Tensor, longer: int, shorter: int) -> Tensor:
    """Features at stride 2, smaller where they are larger than asked; scripted, so that graphs hold the rule."""
    height, width = fine.shape[2], fine.shape[3]
    longest, shortest = max(height, width), min(height, width)
    size = [
        min(side, max(_share(side, longer, longest), _share(side, shorter, shortest)))
        for side in (height, width)
    ]
    return interpolate(fine, size=size, mode="bilinear", align_corners=False)


def _share(side: int, part: int, whole: int) -> int:
    """`side * part / whole` as the nearest multiple of 16, which is one of 32 pixels."""
    return (side * part + 8 * whole) // (16 * whole) * 16


_overview: Callable[[Tensor, int, int], Tensor] = torch.jit.script_if_tracing(  # type: ignore[no-untyped-call]  # PyTorch gives it no types
    _read_smaller
)
