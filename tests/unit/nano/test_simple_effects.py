"""What the drawn camera does to a picture, effect by effect."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from simple.camera_effects import (
    blurred,
    defocused,
    developed,
    quantised,
    shaken,
    toned,
)
from simple.scene import Effects


def scene(size: int = 32) -> torch.Tensor:
    """(3, size, size): smooth colours with one bright line."""
    y, x = torch.meshgrid(torch.linspace(0, 1, size), torch.linspace(0, 1, size), indexing="ij")
    picture = torch.stack([0.2 + 0.3 * x, 0.3 + 0.2 * y, 0.4 - 0.2 * x])
    picture[:, :, size // 2] = 1.0
    return picture


def taken(what: Effects, seed: int = 1) -> torch.Tensor:
    picture = scene()
    return developed(picture[None], torch.ones(1, 32, 32), [what], [seed])[0].float()


def test_the_mean_brightness_follows_the_exposure() -> None:
    dark, bright = taken(Effects(exposure=0.1)).mean(), taken(Effects(exposure=0.4)).mean()
    assert dark < 0.7 * bright


def test_no_saturation_leaves_three_equal_channels() -> None:
    red, green, blue = taken(Effects(saturation=0.0))
    torch.testing.assert_close(red, green, atol=1.0, rtol=0)
    torch.testing.assert_close(red, blue, atol=1.0, rtol=0)


def test_a_vignette_darkens_the_corners_and_leaves_the_middle() -> None:
    plain, vignetted = taken(Effects()), taken(Effects(vignette=0.6))
    assert (vignetted[:, 0, 0] < 0.8 * plain[:, 0, 0]).all()
    torch.testing.assert_close(vignetted[:, 15, 15], plain[:, 15, 15], atol=2.0, rtol=0)


def test_a_colour_cast_changes_the_balance_of_the_channels() -> None:
    warm = taken(Effects(gains=(1.3, 1.0, 0.7)))
    plain = taken(Effects())
    assert warm[0].mean() > plain[0].mean()
    assert warm[2].mean() < plain[2].mean()


def test_noise_is_the_same_for_a_seed_and_differs_between_seeds() -> None:
    noisy = Effects(noise=0.05)
    assert torch.equal(taken(noisy, 7), taken(noisy, 7))
    assert not torch.equal(taken(noisy, 7), taken(noisy, 8))
    assert (taken(noisy, 7) - taken(Effects(), 7)).std() > 5


def test_grain_makes_neighbours_alike() -> None:
    def likeness(grain: float) -> float:
        noise = taken(Effects(noise=0.05, grain=grain)) - taken(Effects())
        return float((noise[:, :, 1:] * noise[:, :, :-1]).mean() / noise.square().mean())

    assert likeness(1.0) > likeness(0.0) + 0.2


def test_contrast_spreads_and_sharpening_overdraws() -> None:
    assert taken(Effects(contrast=1.4)).std() > taken(Effects()).std()
    wide = scene(160)[None]
    plain, sharp = (
        developed(wide, torch.ones(1, 160, 160), [Effects(exposure=0.2, sharpened=amount)], [1])
        for amount in (0.0, 1.0)
    )
    assert sharp.max() > plain.max() + 5


@pytest.mark.parametrize("sigma", [0.0, 0.5, 3.0])
def test_blur_leaves_a_flat_picture_alone(sigma: float) -> None:
    even = torch.full((3, 16, 20), 0.3)
    torch.testing.assert_close(blurred(even, sigma), even)


def test_shake_smears_along_its_direction_only() -> None:
    point = torch.zeros(1, 21, 21)
    point[0, 10, 10] = 1.0
    smeared = shaken(point, 8.0, 0.0)
    assert smeared.sum() == pytest.approx(1.0, abs=1e-5)
    assert (smeared[0].sum(1) > 0).sum() == 1
    assert (smeared[0].sum(0) > 0).sum() >= 7


def test_defocus_spares_what_is_in_focus() -> None:
    picture, inverse = scene(64), torch.ones(64, 64)
    inverse[:, :40] = 0.02
    soft = defocused(picture, inverse, 1.0, 3.0)
    assert (soft[:, :, 32] < 0.7).all()
    torch.testing.assert_close(soft[:, :, 56:], picture[:, :, 56:], atol=1e-3, rtol=0)


def test_rounding_to_a_tiny_step_changes_luma_little_and_to_a_large_one_much() -> None:
    grey = scene(40).mean(0, keepdim=True).expand(3, -1, -1)
    torch.testing.assert_close(quantised(grey, 1e-4), grey, atol=5e-3, rtol=0)
    assert (quantised(grey, 0.3) - grey).abs().mean() > 0.01


def test_the_codec_takes_pictures_whose_size_is_no_multiple_of_a_block() -> None:
    assert quantised(scene(32)[:, :19, :27], 0.05).shape == (3, 19, 27)


def test_tones_rise_and_stay_within_range() -> None:
    tones = toned(torch.linspace(0, 30, 100))
    assert (tones.diff() >= 0).all()
    assert tones[0] == 0
    assert tones[-1] <= 1


def test_effects_that_do_nothing_change_nothing() -> None:
    assert torch.equal(taken(Effects()), taken(replace(Effects(), blur=0.0, shake=(0.0, 0.0))))
