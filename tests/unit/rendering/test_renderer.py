from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from estimates import HEIGHT, SPAN, WIDTH, draw, estimate

from streamdepth.frames import DepthMap, Estimate, Frame
from streamdepth.pixels import Picture
from streamdepth.rendering import COLORMAPS, DepthRange, FrameRange, HudFigures, Look, Renderer


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
    assert [renderer.next_layout() for _ in range(3)] == ["depth", "side-by-side", "overlay"]
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
