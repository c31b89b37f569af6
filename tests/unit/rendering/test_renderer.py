from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from estimates import HEIGHT, SPAN, WIDTH, draw, estimate

from streamdepth.frames import DepthMap, DepthMeaning, Estimate, Frame
from streamdepth.pixels import Picture
from streamdepth.rendering import (
    COLORMAPS,
    LAYOUTS,
    DepthRange,
    FrameRange,
    HudFigures,
    Look,
    Renderer,
    StreamState,
)
from streamdepth.resuming.frozen import from_bytes, to_bytes


def test_the_picture_of_the_source_is_never_written_to():
    made = estimate()
    before = made.frame.bgr.copy()
    Renderer(look=Look(legend=True), hud=lambda: HudFigures(1, 1, 1))(made)
    assert np.array_equal(made.frame.bgr, before)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (31, 17), (1920, 1080)])
def test_any_picture_size_can_be_drawn_with_everything_on_it(size):
    renderer = Renderer(look=Look(legend=True), hud=lambda: HudFigures(29.97, 0.031, 12))
    assert draw(renderer, width=size[0], height=size[1]).shape == (size[1], size[0], 3)


def test_the_keys_walk_through_every_colormap_and_layout_and_come_back():
    renderer = Renderer()
    assert [renderer.next_colormap() for _ in COLORMAPS][-1] == "inferno"
    assert [renderer.next_layout() for _ in LAYOUTS] == [*LAYOUTS[1:], "overlay"]
    assert renderer.toggle_invert() is True
    assert renderer.toggle_invert() is False


def test_alpha_stays_within_its_bounds():
    renderer = Renderer(alpha=0.95)
    assert renderer.change_alpha(0.1) == 1.0
    assert renderer.change_alpha(-0.05) == 0.95


def test_refined_depth_is_sharp_where_the_picture_has_its_edge():
    image = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    image[:, 160:] = 180
    ramp = 1 / (1 + np.exp(-(np.arange(64, dtype=np.float32) - 32) / 2))
    made = Estimate(Frame(0, Fraction(0), 0.0, Picture.of_bgr(image)), DepthMap(np.tile(ramp, (32, 1))), 0.01)
    plain, refined = (
        Renderer(look=Look("depth", "gray", refine=refine), scale=SPAN)(made)
        .picture.bgr[90, :, 0]
        .astype(int)
        for refine in (False, True)
    )
    assert refined[161] - refined[158] > 3 * (plain[161] - plain[158])


@pytest.mark.parametrize("look", [Look("depth", "gray"), Look("depth", "gray", refine=True)])
def test_near_is_bright_and_far_is_cut_off_whatever_depth_means(look):
    near_is_large = estimate()
    distance = replace(near_is_large, depth=DepthMap(1 - near_is_large.depth.values, DepthMeaning.METRES))
    for cut in (None, 0.5):
        looks = replace(look, cut_beyond=cut, legend=True)
        first, second = (
            Renderer(look=looks, scale=SPAN)(one).picture.bgr.astype(int) for one in (near_is_large, distance)
        )
        assert np.abs(first - second).max() <= 2
        assert first[90, 300, 0] > first[90, 10, 0]


def test_a_rendered_picture_carries_the_depth_and_the_range_that_it_shows():
    first, second = estimate(), estimate(np.full((32, 64), 0.5, np.float32))
    renderer = Renderer()
    assert renderer(first).depth is first.depth
    rendered = renderer(second)
    assert rendered.scaled.span == renderer.span
    assert rendered.depth is rendered.scaled.depth
    assert rendered.depth.values.shape == (32, 64)
    assert not np.array_equal(rendered.depth.values, rendered.estimate.depth.values)


def test_depth_is_steadied_but_the_estimate_keeps_what_the_network_gave():
    first, second = estimate(), estimate(np.full((32, 64), 0.5, np.float32))
    shown = {}
    for stabilise in (False, True):
        renderer = Renderer("depth", "gray", scale=SPAN, stabilise=stabilise)
        renderer(first)
        rendered = renderer(second)
        assert rendered.estimate is second
        shown[stabilise] = rendered.picture.bgr
    assert (shown[False] == 128).all()
    assert np.ptp(shown[True]) > 100


def test_a_picture_between_two_maps_is_drawn_with_the_last_depth():
    renderer = Renderer("depth", scale=SPAN)
    drawn = renderer(estimate())
    later = Frame(1, Fraction(1, 30), 0.0, drawn.estimate.frame.picture)
    between = renderer.between(later)
    assert between.estimate.frame is later
    assert np.abs(between.picture.bgr.astype(int) - drawn.picture.bgr).max() <= 2
    assert Renderer().between(later) is None


def test_an_estimate_that_is_only_taken_is_what_the_next_picture_is_drawn_with():
    renderer, same = Renderer("depth", scale=SPAN), Renderer("depth", scale=SPAN)
    renderer.take(estimate())
    same(estimate())
    later = estimate().frame
    assert np.array_equal(renderer.between(later).picture.bgr, same.between(later).picture.bgr)


def test_the_range_is_held_and_let_go():
    renderer = Renderer("depth", "gray", locked=DepthRange(0.0, 1.0))
    assert draw(renderer)[90, WIDTH // 2, 0] == pytest.approx(128, abs=3)
    assert renderer.toggle_range_lock() is False
    assert renderer.toggle_range_lock() is True


def test_the_depth_range_can_be_held_and_let_go():
    ramp = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (32, 1))
    renderer = Renderer("depth", "gray", scale=FrameRange(), stabilise=False)
    assert renderer.toggle_range_lock() is False  # there is none yet
    first = draw(renderer, values=ramp)
    assert renderer.toggle_range_lock() is True
    assert renderer.range_is_locked
    assert draw(renderer, values=ramp / 2).max() < 0.6 * first.max()
    assert renderer.toggle_range_lock() is False
    assert np.abs(draw(renderer, values=ramp / 2).astype(int) - first).max() <= 1


def moving(count):
    """Estimates of a scene with a square that moves, noise and a flickering network; a cut in the middle."""
    random = np.random.default_rng(4)
    blocks = np.kron(random.integers(60, 140, (12, 16)), np.ones((8, 8)))
    for index in range(count):
        luma = np.where(index < count // 2, blocks, 255 - blocks / 2) + random.normal(0, 2, blocks.shape)
        luma[20:40, 4 * index : 4 * index + 20] = 220
        picture = Picture.of_bgr(np.clip(luma, 0, 255).astype(np.uint8)[:, :, None].repeat(3, axis=2))
        depth = (luma[::2, ::2] / 50 * random.uniform(0.9, 1.1) + random.normal()).astype(np.float32)
        yield Estimate(Frame(index, Fraction(index, 24), 0.0, picture), DepthMap(depth), 0.0)


@pytest.mark.parametrize("options", [{}, {"stabilise": False}, {"locked": DepthRange(0.5, 4.0)}])
@pytest.mark.parametrize("kept", [1, 7, 12, 17])
def test_another_renderer_goes_on_from_the_state_bit_for_bit(kept, options):
    estimates = list(moving(24))
    unbroken, first, second = (Renderer(layout="depth", **options) for _ in range(3))
    for made in estimates[:kept]:
        unbroken(made)
        first(made)
    second.restore(from_bytes(StreamState, to_bytes(first.state)))
    for made in estimates[kept:]:
        assert np.array_equal(second(made).picture.bgr, unbroken(made).picture.bgr)
        assert second.span == unbroken.span


def test_a_state_is_a_value_that_later_pictures_leave_alone():
    estimates = list(moving(12))
    renderer = Renderer()
    for made in estimates[:8]:
        renderer(made)
    before = to_bytes(renderer.state)
    kept = renderer.state
    for made in estimates[8:]:
        renderer(made)
    assert to_bytes(kept) == before
    assert to_bytes(renderer.state) != before
