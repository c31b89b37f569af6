"""What lens, sensor and file do to a picture; depth is never touched."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, conv2d, pad

from simple.scene import Effects

_LUMA = (0.299, 0.587, 0.114)
"""ITU-R BT.601."""


def developed(linear: Tensor, inverse: Tensor, effects: Sequence[Effects], seeds: Sequence[int]) -> Tensor:
    """(N, 3, H, W) uint8 of linear light (N, 3, H, W) and inverse depth (N, H, W), both float32.

    The noise of a picture follows from its seed.
    """
    pictures = zip(linear, inverse, effects, seeds, strict=True)
    return torch.stack([_developed(*picture) for picture in pictures])


def _developed(linear: Tensor, inverse: Tensor, what: Effects, seed: int) -> Tensor:
    scale = max(linear.shape[-2:]) / 160
    picture = linear.clamp(max=20.0)
    picture = picture * (what.exposure / picture.mean().clamp(min=1e-6))
    if what.defocus:
        picture = defocused(picture, inverse, what.focus, what.defocus * scale)
    picture = blurred(picture, what.blur * scale)
    if what.shake != (0.0, 0.0):
        picture = shaken(picture, what.shake[0] * scale, what.shake[1] * scale)
    picture = picture * torch.tensor(what.gains, device=picture.device)[:, None, None]
    if what.vignette:
        picture = picture * (1 - what.vignette * _corners(picture))
    picture = toned(picture) ** (1 / what.gamma)
    picture = what.contrast * (picture - 0.45) + 0.45
    picture = torch.lerp(_grey(picture), picture, what.saturation)
    picture = picture + what.noise * _noise(picture, seed, what.grain)
    if what.sharpened:
        picture = picture + what.sharpened * (picture - blurred(picture, scale))
    if what.quantised:
        picture = quantised(picture.clamp(0, 1), what.quantised)
    return (picture * 255).round().clamp(0, 255).to(torch.uint8)


def toned(linear: Tensor) -> Tensor:
    """0..1 of 0..inf: straight in the shadows, then a shoulder, so that lamps and windows burn out softly."""
    return torch.where(linear < 0.5, linear, 1 - 0.25 / linear.clamp(min=0.5)).clamp(0, 1)


def blurred(picture: Tensor, sigma: float) -> Tensor:
    """Gaussian blur of (C, H, W); under 0.2 pixels nothing happens."""
    if sigma < 0.2:
        return picture
    reach = max(1, round(2.5 * sigma))
    steps = torch.arange(-reach, reach + 1, device=picture.device, dtype=torch.float32)
    kernel = (-0.5 * (steps / sigma) ** 2).exp()
    kernel = kernel / kernel.sum()
    return _filtered(_filtered(picture, kernel[None]), kernel[:, None])


def shaken(picture: Tensor, x: float, y: float) -> Tensor:
    """Blur of (C, H, W) along a straight line of (x, y) pixels."""
    reach = int(max(abs(x), abs(y)) / 2) + 1
    kernel = torch.zeros(2 * reach + 1, 2 * reach + 1, device=picture.device)
    steps = torch.linspace(-0.5, 0.5, 4 * reach + 1)
    kernel[(reach + steps * y).round().long(), (reach + steps * x).round().long()] = 1.0
    return _filtered(picture, kernel / kernel.sum())


def defocused(picture: Tensor, inverse: Tensor, focus: float, sigma: float) -> Tensor:
    """Blur of (C, H, W) that grows with the distance from the focus, evenly in inverse depth (H, W)."""
    nearest = inverse.max().clamp(min=1e-6)
    amount = (2 * (inverse / nearest - focus).abs()).clamp(0, 1)
    amount = blurred(amount[None], sigma / 2)
    half = blurred(picture, sigma / 2)
    near = torch.lerp(picture, half, (2 * amount).clamp(max=1))
    return torch.lerp(near, blurred(picture, sigma), (2 * amount - 1).clamp(min=0))


def quantised(picture: Tensor, step: float) -> Tensor:
    """What a block codec leaves of (3, H, W) in 0..1: coarse chroma, 8x8 cosine transform, rounded to `step`.

    The step grows with the frequency, as in the usual tables.
    """
    height, width = picture.shape[-2:]
    padded = pad(picture[None], (0, -width % 16, 0, -height % 16), mode="replicate")[0]
    luma = _grey(padded)
    chroma = avg_pool2d(padded - luma, 2)
    luma = _rounded_blocks(luma[:1], step)
    chroma = _rounded_blocks(chroma, 1.5 * step).repeat_interleave(2, 1).repeat_interleave(2, 2)
    return (luma + chroma)[:, :height, :width]


def _rounded_blocks(plane: Tensor, step: float) -> Tensor:
    cosines = _cosines().to(plane.device)
    blocks = plane.unfold(1, 8, 8).unfold(2, 8, 8)
    frequency = torch.arange(8, device=plane.device)
    table = step * (1 + 0.5 * (frequency[:, None] + frequency))
    kept = (cosines @ blocks @ cosines.T / table).round() * table
    return (cosines.T @ kept @ cosines).permute(0, 1, 3, 2, 4).reshape(plane.shape)


@lru_cache(maxsize=1)
def _cosines() -> Tensor:
    """(8, 8) orthonormal cosine transform (DCT-II)."""
    row = torch.arange(8)[:, None]
    matrix = ((2 * torch.arange(8) + 1) * row * torch.pi / 16).cos() / 2
    return matrix * torch.where(row == 0, 0.5**0.5, 1.0)


def _noise(picture: Tensor, seed: int, grain: float) -> Tensor:
    """Normal noise of (C, H, W), of unit variance; `grain` smears it."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(picture.shape, generator=generator).to(picture.device)
    return torch.lerp(noise, 2.8 * blurred(noise, 0.8), grain) if grain else noise


def _corners(picture: Tensor) -> Tensor:
    """(H, W): the square of the distance from the middle, 1 in the corners."""
    y, x = (torch.linspace(-1, 1, size, device=picture.device) for size in picture.shape[-2:])
    return (y[:, None] ** 2 + x**2) / 2


def _grey(picture: Tensor) -> Tensor:
    """(3, H, W): three times the luma."""
    weights = torch.tensor(_LUMA, device=picture.device)[:, None, None]
    return (picture * weights).sum(0, keepdim=True).expand_as(picture)


def _filtered(picture: Tensor, kernel: Tensor) -> Tensor:
    """(C, H, W) convolved with an odd kernel (h, w); the border is repeated."""
    high, wide = kernel.shape[0] // 2, kernel.shape[1] // 2
    padded = pad(picture[:, None], (wide, wide, high, high), mode="replicate")
    return conv2d(padded, kernel[None, None])[:, 0]
