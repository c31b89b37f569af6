"""The surfaces of the demo scene: the same for the same seed, without seams where they repeat."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from streamdepth.sources.demo.textures import (
    PATTERNS,
    TILES,
    Grey,
    Random,
    eight_bits,
    masonry,
    noise,
    paving,
    planks,
    skin,
)

SURFACES: dict[str, Callable[[Random], Grey]] = {
    "paving": lambda random: paving(128, random),
    "planks": lambda random: planks(128, random),
    "masonry": lambda random: masonry(48, 192, random),
    **{name: lambda random, name=name: skin(name, 64, random) for name in PATTERNS},
}
SHAPES = {"paving": (128, 128), "planks": (128, 128), "masonry": (192, 48)}


def seeded(seed: int = 0) -> Random:
    return np.random.default_rng(seed)


def test_fractal_noise_repeats_without_a_seam() -> None:
    field = noise((96, 60), 3, seeded())
    inside = np.abs(np.diff(field, axis=1)).mean()
    assert np.abs(field[:, 0] - field[:, -1]).mean() < 2 * inside
    assert np.abs(field[0] - field[-1]).mean() < 2 * np.abs(np.diff(field, axis=0)).mean()


@pytest.mark.parametrize("size", [(96, 60), (17, 200), (8, 8)])
def test_fractal_noise_has_mean_0_and_spread_1_in_any_size(size: tuple[int, int]) -> None:
    field = noise(size, 3, seeded())
    assert (field.shape, field.dtype) == (size[::-1], np.float32)
    assert float(field.mean()) == pytest.approx(0, abs=1e-4)
    assert float(field.std()) == pytest.approx(1, abs=1e-3)


def test_more_octaves_make_it_finer() -> None:
    def roughness(octaves: int) -> float:
        return float(np.abs(np.diff(noise((128, 128), 3, seeded(), octaves), axis=1)).mean())

    assert roughness(1) < roughness(3) < roughness(5)


@pytest.mark.parametrize("name", SURFACES)
def test_a_surface_follows_from_its_seed(name: str) -> None:
    made = SURFACES[name](seeded())
    assert (made.shape, made.dtype) == (SHAPES.get(name, (64, 128)), np.uint8)
    assert np.array_equal(made, SURFACES[name](seeded()))
    assert not np.array_equal(made, SURFACES[name](seeded(1)))
    assert made.std() > 10


def test_paving_has_dark_joints_between_its_stones_and_no_seam() -> None:
    made = paving(256, seeded()).astype(float)
    side = 256 // TILES
    joints, middles = made[::side].mean(), made[side // 2 :: side].mean()
    assert joints < 0.6 * middles
    between_stones = np.abs(made[:, side::side] - made[:, side - 1 : -1 : side]).mean()
    assert np.abs(made[:, 0] - made[:, -1]).mean() == pytest.approx(between_stones, rel=0.3)
    assert made[0].mean() == pytest.approx(joints, rel=0.2)  # what repeats begins with a joint


def test_stones_of_two_shades_alternate() -> None:
    side = 256 // TILES
    middles = paving(256, seeded())[side // 2 :: side, side // 2 :: side].astype(float)
    light = np.indices((TILES, TILES)).sum(axis=0) % 2 == 1
    assert middles[light].mean() > middles[~light].mean() + 30


def test_a_crate_has_a_frame_and_a_brace_from_corner_to_corner() -> None:
    made = planks(256, seeded()).astype(float)
    frame = np.concatenate([made[4:20].ravel(), made[-20:-4].ravel()]).mean()
    brace = np.array([made[at, at] for at in range(60, 196)]).mean()
    boards = np.concatenate([made[60:90, 170:196].ravel(), made[170:196, 60:90].ravel()]).mean()
    assert brace > boards
    assert frame > boards


def test_a_pillar_is_lighter_at_its_ends_and_darker_where_it_stands() -> None:
    made = masonry(64, 400, seeded()).astype(float)
    capital, shaft = made[4:20, 20:44].mean(), made[60:300, 20:44].mean()
    plinth_above, ground = made[374:380, 20:44].mean(), made[-4:, 20:44].mean()
    assert capital > shaft
    assert ground < plinth_above
    assert made[26:33].mean() < 0.8 * shaft  # the shadow of the capital


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_skin_closes_round_the_ball(pattern: str) -> None:
    made = skin(pattern, 128, seeded()).astype(float)
    assert made.shape == (128, 256)
    steps = np.abs(np.diff(made, axis=1)).mean(axis=0)
    assert np.abs(made[:, 0] - made[:, -1]).mean() <= steps.max() + 1


def test_rings_lie_round_the_middle_and_both_poles() -> None:
    across = skin("rings", 180, seeded()).astype(float).mean(axis=1)  # a row a degree of latitude
    assert min(across[10], across[90], across[170]) > 200
    assert max(across[50], across[130]) < 60


@pytest.mark.parametrize("pattern", ["sectors", "squares"])
def test_both_colours_have_about_as_much_of_a_ball(pattern: str) -> None:
    made = skin(pattern, 180, seeded())
    weights = np.cos(np.linspace(np.pi / 2, -np.pi / 2, 180))[:, None] * np.ones(360)
    assert np.average(made > 127, weights=weights) == pytest.approx(0.5, abs=0.1)


def test_values_are_rounded_to_eight_bits_and_clipped() -> None:
    values = np.array([-0.5, 0.0, 0.4 / 255, 0.6 / 255, 0.5, 1.0, 7.0])
    made = eight_bits(values)
    assert made.dtype == np.uint8
    assert made.tolist() == [0, 0, 0, 1, 128, 255, 255]
