"""The encoder of midas-small."""

import math

import pytest
import torch
from torch.nn import functional

from streamdepth.models.networks.efficientnet import Conv2dSame


@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize(("height", "width"), [(2, 4), (32, 96), (48, 10)])
def test_halving_pads_an_even_input_as_tensorflow_does(kernel, height, width):
    """ "SAME" adds what the last of ceil(size / stride) windows lacks, the smaller half of it before."""
    lacks = [max((math.ceil(size / 2) - 1) * 2 + kernel - size, 0) for size in (width, height)]
    padding = [part for total in lacks for part in (total // 2, total - total // 2)]
    ours = Conv2dSame(4, 4, kernel, stride=2, groups=4)
    image = torch.randn(2, 4, height, width)
    padded = functional.pad(image, padding)
    expected = functional.conv2d(padded, ours.weight, ours.bias, stride=2, groups=4)
    torch.testing.assert_close(ours(image), expected)
