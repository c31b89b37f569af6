from __future__ import annotations

import numpy as np
import pytest
import torch

from streamdepth.training.augment import AugmentOptions, normalise_colour, random_views

PLAIN = AugmentOptions(
    sizes=((64, 96),),
    brightness=0,
    contrast=0,
    saturation=0,
    cast=0,
    gamma=0,
    framed=0,
    grey=0,
    shuffle=0,
    blur=0,
    noise=0,
)
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


def ramps(count: int = 8, height: int = 80, width: int = 100) -> tuple[np.ndarray, np.ndarray]:
    """Brightness and inverse depth are both 2 per column."""
    ramp = np.broadcast_to(np.arange(width) * 2, (count, height, width))
    return np.repeat(ramp[:, None], 3, axis=1).astype(np.uint8), ramp.astype(np.float16)


@pytest.mark.parametrize("size", [(64, 96), (96, 64), (32, 160)])
def test_depth_moves_with_the_picture(size: tuple[int, int]) -> None:
    options = AugmentOptions(**{**PLAIN.__dict__, "sizes": (size,)})
    image, truth = random_views(*ramps(), options, np.random.default_rng(0))
    assert image.shape == (8, 3, *size)
    assert truth.shape == (8, *size)
    picture = (image * STD + MEAN) * 255
    assert (picture[:, 0] - truth).abs().max() <= 2.01  # nearest depth, half a column of 2 and the border


def test_views_are_flipped_and_cropped_at_random() -> None:
    _, truth = random_views(*ramps(32), PLAIN, np.random.default_rng(0))
    rises = (truth[:, 0, -1] - truth[:, 0, 0]).sign()
    assert set(rises.tolist()) == {-1.0, 1.0}
    assert len(set((truth[:, 0, -1] - truth[:, 0, 0]).abs().tolist())) > 4


def squares(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Red grows by 2 a column, green by 2 a row; so does inverse depth, by 1 a column and 1/4 a row."""
    rows, columns = np.mgrid[:height, :width]
    colour = np.stack([columns * 2, rows * 2, np.zeros_like(rows)]).astype(np.uint8)
    inverse = (columns + rows / 4).astype(np.float16)
    return np.repeat(colour[None], 64, axis=0), np.repeat(inverse[None], 64, axis=0)


@pytest.mark.parametrize("size", [(64, 96), (96, 64), (64, 64)])
@pytest.mark.parametrize("scene", [(90, 120), (120, 90)])
def test_a_view_is_turned_without_being_sheared(size: tuple[int, int], scene: tuple[int, int]) -> None:
    options = AugmentOptions(**{**PLAIN.__dict__, "sizes": (size,), "roll": 0.35, "stretch": 1.0})
    image, truth = random_views(*squares(*scene), options, np.random.default_rng(1))
    column, row = ((image * STD + MEAN) * 255 / 2)[:, :2].unbind(1)
    assert ((column + row / 4) - truth).abs().max() <= 2
    across = torch.stack([(plane[:, 9, -1] - plane[:, 9, 0]) / (size[1] - 1) for plane in (column, row)])
    down = torch.stack([(plane[:, -1, 9] - plane[:, 0, 9]) / (size[0] - 1) for plane in (column, row)])
    torch.testing.assert_close(across.norm(dim=0), down.norm(dim=0), rtol=0.03, atol=0)  # no stretch
    cosine = (across * down).sum(0) / (across.norm(dim=0) * down.norm(dim=0))
    assert cosine.abs().max() < 0.03  # right angles
    roll = torch.atan2(across[1], across[0].abs()).abs()
    assert 0.3 < roll.max() <= 0.36
    assert 0.3 < (roll < 0.01).float().mean() < 0.7  # about half of them stay upright


@pytest.mark.parametrize("size", [(64, 96), (96, 64)])
def test_a_turned_view_shows_nothing_from_beyond_the_scene(size: tuple[int, int]) -> None:
    options = AugmentOptions(**{**PLAIN.__dict__, "sizes": (size,), "roll": 0.35})
    image, _ = random_views(*squares(90, 120), options, np.random.default_rng(2))
    plane = ((image * STD + MEAN) * 255 / 2)[
        :, :2
    ]  # column and row of the scene: level all over but for a mirrored border
    middle = plane[..., size[0] // 2 - 1 : size[0] // 2 + 1, size[1] // 2 - 1 : size[1] // 2 + 1]
    across, down = middle.diff(dim=3)[..., :1, :], middle.diff(dim=2)[..., :1]
    rows, columns = torch.meshgrid(*(torch.arange(side) - side // 2 + 1 for side in size), indexing="ij")
    expected = middle[..., :1, :1] + across * columns + down * rows
    assert (plane - expected).abs().max() < 0.6


def test_depth_at_an_edge_is_one_of_its_two_sides() -> None:
    colour, inverse = ramps()
    inverse[:] = np.where(np.arange(100) < 50, 1, 9)
    _, truth = random_views(colour, inverse, PLAIN, np.random.default_rng(0))
    assert set(truth.unique().tolist()) <= {1.0, 9.0}


def test_colour_changes_stay_in_range_and_leave_depth_alone() -> None:
    wild = AugmentOptions(sizes=((64, 96),), blur=1.0, noise=1.0, grey=0.5, shuffle=1.0)
    image, truth = random_views(*ramps(), wild, np.random.default_rng(3))
    plain, same = random_views(*ramps(), PLAIN, np.random.default_rng(3))
    torch.testing.assert_close(truth, same)
    assert (image - plain).abs().max() > 0.1
    picture = image * STD + MEAN
    assert picture.min() >= -1e-5
    assert picture.max() <= 1 + 1e-5


def test_the_same_generator_makes_the_same_views() -> None:
    options = AugmentOptions()
    first = random_views(*ramps(), options, np.random.default_rng(5))
    again = random_views(*ramps(), options, np.random.default_rng(5))
    other = random_views(*ramps(), options, np.random.default_rng(6))
    torch.testing.assert_close(first, again, rtol=0, atol=0)
    assert first[0].shape != other[0].shape or not torch.equal(first[0], other[0])


def test_blur_keeps_a_flat_picture_flat() -> None:
    colour = np.full((4, 3, 64, 64), 128, np.uint8)
    options = AugmentOptions(**{**PLAIN.__dict__, "blur": 1.0})
    image, _ = random_views(colour, np.ones((4, 64, 64), np.float16), options, np.random.default_rng(0))
    expected = normalise_colour(torch.full_like(image, 128 / 255))
    torch.testing.assert_close(image, expected, rtol=1e-4, atol=1e-4)


def test_a_flat_view_is_stretched_to_nearly_all_of_black_to_white_and_keeps_its_depth() -> None:
    colour, inverse = ramps()
    options = AugmentOptions(**{**PLAIN.__dict__, "levelled": 1.0})
    image, truth = random_views(100 + colour // 3, inverse, options, np.random.default_rng(2))
    plain, same = random_views(100 + colour // 3, inverse, PLAIN, np.random.default_rng(2))
    picture, before = image * STD + MEAN, plain * STD + MEAN
    assert torch.equal(truth, same)
    assert (picture.amax((1, 2, 3)) > 0.7).all()
    assert (picture.amin((1, 2, 3)) < 0.12).all()
    assert ((before.amax((1, 2, 3)) - before.amin((1, 2, 3))) < 0.3).all()


def test_a_view_without_anything_in_it_is_not_stretched_to_noise() -> None:
    grey = np.full((4, 3, 64, 64), 128, np.uint8)
    grey[:, :, ::2] += 2
    options = AugmentOptions(**{**PLAIN.__dict__, "levelled": 1.0})
    image, _ = random_views(grey, np.ones((4, 64, 64), np.float16), options, np.random.default_rng(0))
    assert (image * STD + MEAN).std((1, 2, 3)).max() < 0.05


def test_a_frame_covers_the_edge_and_leaves_depth_and_middle_alone() -> None:
    colour, inverse = ramps()
    framed = AugmentOptions(**{**PLAIN.__dict__, "framed": 1.0})
    image, truth = random_views(colour, inverse, framed, np.random.default_rng(2))
    plain, same = random_views(colour, inverse, PLAIN, np.random.default_rng(2))
    assert torch.equal(truth, same)
    assert torch.equal(image[:, :, 10:-10, 10:-10], plain[:, :, 10:-10, 10:-10])
    corners = (image * STD + MEAN)[:, :, 0, 0]
    sides = (image * STD + MEAN)[:, 0, 0, 48], (image * STD + MEAN)[:, 0, 32, 0]
    assert torch.all((corners.abs() < 1e-4) | ((corners - 1).abs() < 1e-4))
    assert torch.all(torch.stack([(side.abs() < 1e-4) | ((side - 1).abs() < 1e-4) for side in sides]).any(0))


def test_a_tone_curve_keeps_black_white_and_the_order_of_greys() -> None:
    toned = AugmentOptions(**{**PLAIN.__dict__, "gamma": 0.8})
    image, truth = random_views(*ramps(), toned, np.random.default_rng(2))
    grey = (image * STD + MEAN)[:, 0]
    assert not torch.allclose(grey * 255, truth, atol=8)
    assert grey.min() >= -1e-6
    for view, depth in zip(grey, truth, strict=True):
        order = depth.flatten().argsort(stable=True)
        assert torch.all(view.flatten()[order].diff() >= -0.02)
