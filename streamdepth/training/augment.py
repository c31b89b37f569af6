"""Random views of scenes: crop, size, roll, flip, colour, blur. Depth is moved with the picture and never changed."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import affine_grid, conv2d, grid_sample

from streamdepth.models.registry import IMAGENET_MEAN, IMAGENET_STD
from streamdepth.values import dataclass

Size = tuple[int, int]
"""Height and width."""
_FLATTEST = 0.1
"""Span of values below which a view is not stretched further: there is nothing in it but noise."""


@dataclass(frozen=True)
class AugmentOptions:
    """How far a view may be from its scene."""

    sizes: tuple[Size, ...] = ((160, 160), (128, 192), (160, 128), (96, 192), (128, 224))
    """One of these, multiples of 32, is the size of all views of a batch."""
    least_crop: float = 0.6
    """Smallest crop, as a share of the largest one of that aspect that the scene holds."""
    stretch: float = 1.12
    """How far the aspect of a crop may be from that of the view."""
    roll: float = 0.0
    """Largest angle, in radians, by which a view is turned about the optical axis: depth along it stays what it is."""
    brightness: float = 0.35
    contrast: float = 0.4
    saturation: float = 0.5
    cast: float = 0.18
    """Largest change of a channel's gain."""
    gamma: float = 0.8
    """Logarithm of the largest exponent of a tone curve: dim rooms are darker than any drawing."""
    levelled: float = 0.0
    """Share of views that are stretched to nearly all of black to white, as cameras see to it: for drawings, which are
    flatter than that."""
    framed: float = 0.08
    """Share of views with a black or white frame, such as letterbox bars, over the picture; its depth stays."""
    grey: float = 0.1
    """Share of views without colour; likewise the next three."""
    shuffle: float = 0.2
    blur: float = 0.25
    noise: float = 0.3


def random_views(
    colour: NDArray[np.uint8],
    inverse_depth: NDArray[np.float16],
    options: AugmentOptions,
    rng: np.random.Generator,
) -> tuple[Tensor, Tensor]:
    """Views of (N, 3, H, W) scenes: normalised float32 (N, 3, h, w) and inverse depth float32 (N, h, w)."""
    size = options.sizes[rng.integers(len(options.sizes))]
    count, _, height, width = colour.shape
    theta = torch.from_numpy(_crops(count, (height, width), size, options, rng))
    grid = affine_grid(theta, [count, 1, *size], align_corners=False)
    picture = torch.from_numpy(colour).float() / 255
    depth = torch.from_numpy(inverse_depth).float()[:, None]
    picture = grid_sample(picture, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
    # Nearest, for a mean of the two sides of an edge is a depth that is nowhere in the scene.
    depth = grid_sample(depth, grid, mode="nearest", padding_mode="border", align_corners=False)
    picture = _frame(_colour(_blur(picture, options, rng), options, rng), options, rng)
    return normalise_colour(picture), depth[:, 0]


def normalise_colour(picture: Tensor) -> Tensor:
    """(N, 3, h, w) RGB in 0..1 less ImageNet's mean, over its deviation."""
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (IMAGENET_MEAN, IMAGENET_STD))
    return (picture - mean) / std


def _crops(
    count: int, scene: Size, view: Size, options: AugmentOptions, rng: np.random.Generator
) -> NDArray[np.float32]:
    """(N, 2, 3) affine maps from view to scene, both in -1..1; half of them flipped."""
    scale = rng.uniform(options.least_crop, 1, count)
    stretch = options.stretch ** rng.uniform(-1, 1, count)
    roll = rng.uniform(-options.roll, options.roll, count) * rng.integers(2, size=count)
    aspect = view[1] / view[0] * stretch
    # Half the sides of a crop 1 high, and of the upright box about it once it is turned.
    across, down = np.abs(np.cos(roll)), np.abs(np.sin(roll))
    box = aspect * across + down, aspect * down + across
    high = scale * np.minimum(scene[1] / box[0], scene[0] / box[1])  # in pixels of the scene, as wide
    wide = high * aspect * rng.choice([-1, 1], count)
    theta = np.zeros((count, 2, 3), np.float32)
    theta[:, 0, 0], theta[:, 0, 1] = wide * np.cos(roll) / scene[1], -high * np.sin(roll) / scene[1]
    theta[:, 1, 0], theta[:, 1, 1] = wide * np.sin(roll) / scene[0], high * np.cos(roll) / scene[0]
    for row, side, length in zip((0, 1), scene[::-1], box, strict=True):
        theta[:, row, 2] = rng.uniform(-1, 1, count) * (1 - high * length / side)
    return theta


def _blur(picture: Tensor, options: AugmentOptions, rng: np.random.Generator) -> Tensor:
    """Gaussian blur of random width for some views."""
    for index in np.flatnonzero(rng.random(len(picture)) < options.blur):
        kernel = _gaussian(rng.uniform(0.4, 1.6))
        view = picture[index][:, None]  # the channels as a batch
        radius = kernel.numel() // 2
        view = conv2d(view, kernel.view(1, 1, 1, -1), padding=(0, radius))
        weight = conv2d(torch.ones_like(view[:1]), kernel.view(1, 1, 1, -1), padding=(0, radius))
        view = conv2d(view / weight, kernel.view(1, 1, -1, 1), padding=(radius, 0))
        weight = conv2d(torch.ones_like(view[:1]), kernel.view(1, 1, -1, 1), padding=(radius, 0))
        picture[index] = (view / weight)[:, 0]
    return picture


def _gaussian(sigma: float) -> Tensor:
    radius = math.ceil(2 * sigma)
    weights = torch.exp(-0.5 * (torch.arange(-radius, radius + 1) / sigma) ** 2)
    return weights / weights.sum()


def _frame(picture: Tensor, options: AugmentOptions, rng: np.random.Generator) -> Tensor:
    """Bars of up to a tenth of the picture at two facing sides or at all four."""
    height, width = picture.shape[2:]
    for index in np.flatnonzero(rng.random(len(picture)) < options.framed):
        rows, columns = (
            int(rng.integers(1, max(2, side // 10)) * on)
            for side, on in zip((height, width), _sides(rng), strict=True)
        )
        inner = picture[index, :, rows : height - rows, columns : width - columns].clone()
        picture[index] = float(rng.integers(2))
        picture[index, :, rows : height - rows, columns : width - columns] = inner
    return picture


def _sides(rng: np.random.Generator) -> tuple[bool, bool]:
    """Above and below, left and right, or both."""
    choice = rng.integers(3)
    return choice != 1, choice != 0


def _colour(picture: Tensor, options: AugmentOptions, rng: np.random.Generator) -> Tensor:
    """Saturation, gain, contrast, brightness and noise, each its own for each view, clipped to 0..1."""
    count = len(picture)

    def spread(amount: float, *shape: int) -> Tensor:
        return torch.from_numpy(rng.uniform(-amount, amount, (count, *(shape or (1, 1, 1))))).float()

    for index in np.flatnonzero(rng.random(count) < options.shuffle):
        picture[index] = picture[index][torch.from_numpy(rng.permutation(3))]
    grey = picture.mean(1, keepdim=True)
    saturation = 1 + spread(options.saturation)
    saturation[torch.from_numpy(rng.random(count) < options.grey)] = 0
    picture = grey + (picture - grey) * saturation
    picture = picture * (1 + spread(options.cast, 3, 1, 1))
    middle = picture.mean((1, 2, 3), keepdim=True)
    picture = middle + (picture - middle) * torch.exp(spread(options.contrast))
    picture = picture * torch.exp(spread(options.brightness))
    picture = _levelled(picture, options, rng)
    picture = picture.clamp(0, 1) ** torch.exp(spread(options.gamma) * spread(1.0).abs())
    noisy = torch.from_numpy(rng.uniform(0, 0.04, count) * (rng.random(count) < options.noise)).float()
    seed = torch.Generator().manual_seed(int(rng.integers(2**62)))
    picture = picture + torch.randn(picture.shape, generator=seed) * noisy[:, None, None, None]
    return picture.clamp(0, 1)


def _levelled(picture: Tensor, options: AugmentOptions, rng: np.random.Generator) -> Tensor:
    """Some views, stretched so that all but 3 % of them at either end lie between nearly black and nearly white."""
    for index in np.flatnonzero(rng.random(len(picture)) < options.levelled):
        low, high = np.quantile(picture[index, :, ::3, ::3].mean(0).numpy(), (0.03, 0.97))
        floor, top = rng.uniform(0, 0.1), rng.uniform(0.75, 1.1)
        gain = (top - floor) / max(high - low, _FLATTEST)
        picture[index] = floor + (picture[index] - low) * gain
    return picture
