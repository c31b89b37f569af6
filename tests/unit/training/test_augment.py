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
