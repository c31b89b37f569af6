"""`midas-small`: the network of MiDaS v2.1 small, with the key names of the released checkpoint.

Ranftl et al. 2020, "Towards Robust Monocular Depth Estimation". An EfficientNet-Lite3 encoder, four
3x3 convolutions that bring its features to the decoder's widths, four fusion blocks from stride 32 up to stride 2,
and a head to full size.
"""

from __future__ import annotations

from functools import partial

from torch import Tensor, nn
from torch.nn import functional

from streamdepth.models.networks.efficientnet import build_encoder

_ENCODER_WIDTHS = (32, 48, 136, 384)  # of the features at strides 4, 8, 16, 32
_DECODER_WIDTHS = (64, 128, 256, 512)
_HEAD_WIDTH = 32

_double = partial(functional.interpolate, scale_factor=2, mode="bilinear")


class MidasSmall(nn.Module):
    """float32 (N, 3, H, W), RGB normalised by ImageNet's mean and deviation -> (N, H, W) inverse relative depth.

    H and W are multiples of 32. The output is at least 0; larger is nearer.
    """

    def __init__(self) -> None:
        super().__init__()
        self.pretrained = build_encoder()
        self.scratch = _decoder()

    def forward(self, image: Tensor) -> Tensor:
        """Run the network on (N, 3, H, W); see the class."""
        encoder, decoder = self.pretrained, self.scratch
        stride_4 = encoder["layer1"](image)  # (N, 32, H/4, W/4)
        stride_8 = encoder["layer2"](stride_4)  # (N, 48, H/8, W/8)
        stride_16 = encoder["layer3"](stride_8)  # (N, 136, H/16, W/16)
        stride_32 = encoder["layer4"](stride_16)  # (N, 384, H/32, W/32)

        fused = decoder["refinenet4"](decoder["layer4_rn"](stride_32))  # (N, 256, H/16, W/16)
        fused = decoder["refinenet3"](fused, decoder["layer3_rn"](stride_16))  # (N, 128, H/8, W/8)
        fused = decoder["refinenet2"](fused, decoder["layer2_rn"](stride_8))  # (N, 64, H/4, W/4)
        fused = decoder["refinenet1"](fused, decoder["layer1_rn"](stride_4))  # (N, 64, H/2, W/2)
        depth: Tensor = decoder["output_conv"](fused)  # (N, 1, H, W)
        return depth.squeeze(1)


class FusionBlock(nn.Module):
    """Adds the features of a stride to what comes from below, refines the sum and doubles its size."""

    def __init__(self, width: int, out_width: int) -> None:
        super().__init__()
        self.out_conv = nn.Conv2d(width, out_width, 1)
        self.resConfUnit1 = ResidualUnit(width)
        self.resConfUnit2 = ResidualUnit(width)

    def forward(self, below: Tensor, skip: Tensor | None = None) -> Tensor:
        """(N, width, h, w), twice -> (N, out_width, 2h, 2w)."""
        total = below if skip is None else below + self.resConfUnit1(skip)
        # The release doubles first. A 1x1 convolution commutes with interpolation (whose weights sum to one) and
        # costs a quarter before it.
        return _double(self.out_conv(self.resConfUnit2(total)), align_corners=True)


class ResidualUnit(nn.Module):
    """Two 3x3 convolutions, each after a ReLU, added to the input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        """(N, width, h, w) -> the same shape."""
        inner = self.conv1(functional.relu(features))
        refined: Tensor = self.conv2(functional.relu(inner))
        return refined + features


class Double(nn.Module):
    """Bilinear doubling of height and width."""

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, h, w) -> (N, C, 2h, 2w)."""
        return _double(features, align_corners=False)


def _decoder() -> nn.ModuleDict:
    layers: dict[str, nn.Module] = {}
    for number, (before, width) in enumerate(zip(_ENCODER_WIDTHS, _DECODER_WIDTHS, strict=True), start=1):
        layers[f"layer{number}_rn"] = nn.Conv2d(before, width, 3, padding=1, bias=False)
    for number in (4, 3, 2, 1):
        width, out_width = _DECODER_WIDTHS[number - 1], _DECODER_WIDTHS[max(number - 2, 0)]
        layers[f"refinenet{number}"] = FusionBlock(width, out_width)
    layers["output_conv"] = _head(_DECODER_WIDTHS[0])
    return nn.ModuleDict(layers)


def _head(width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(width, width // 2, 3, padding=1),
        Double(),
        nn.Conv2d(width // 2, _HEAD_WIDTH, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(_HEAD_WIDTH, 1, 1),
        nn.ReLU(),
    )
