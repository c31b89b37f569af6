from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest

from streamdepth.errors import UsageError
from streamdepth.frames import DepthMap, Estimate, Frame
from streamdepth.pixels import Picture
from streamdepth.rendering import COLORMAPS, DepthRange, FixedRange, FrameRange, HudFigures, Look, Renderer
from streamdepth.rendering.colormaps import lookup_table
from streamdepth.rendering.compose import normalise

WIDTH, HEIGHT = 320, 180
SPAN = FixedRange(DepthRange(0.0, 1.0))


def estimate(values=None, level=100, width=WIDTH, height=HEIGHT):
    ramp = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (32, 1)) if values is None else values
    picture = Picture.of_bgr(np.full((height, width, 3), level, np.uint8))
    return Estimate(Frame(0, Fraction(0), 0.0, picture), DepthMap(ramp), 0.01)


def draw(renderer, **options):
    return renderer(estimate(**options)).picture.bgr


def test_near_is_bright_and_far_is_dark_in_inferno():
    image = draw(Renderer("depth", scale=SPAN)).astype(int).sum(axis=2)
    assert image[90, -5] > 500
    assert image[90, 4] < 40


def test_invert_turns_the_colours_around():
    straight = draw(Renderer("depth", scale=SPAN))
    inverted = draw(Renderer(look=Look("depth", invert=True), scale=SPAN))
    assert np.abs(inverted[:, ::-1].astype(int) - straight).max() <= 8


def test_an_overlay_is_the_stated_blend_of_picture_and_colour():
    colour = draw(Renderer("depth", scale=SPAN))
    overlay = draw(Renderer("overlay", alpha=0.25, scale=SPAN), level=100)
    expected = 0.75 * 100 + 0.25 * colour.astype(float)
    assert np.abs(overlay - expected).max() <= 1


@pytest.mark.parametrize(("alpha", "is_picture"), [(0.0, True), (1.0, False)])
def test_alpha_at_its_ends_shows_one_of_the_two(alpha, is_picture):
    overlay = draw(Renderer("overlay", alpha=alpha, scale=SPAN), level=100)
    expected = np.full_like(overlay, 100) if is_picture else draw(Renderer("depth", scale=SPAN))
    assert np.array_equal(overlay, expected)


def test_side_by_side_is_twice_as_wide_picture_left_depth_right():
    image = draw(Renderer("side-by-side", scale=SPAN), level=123)
    assert image.shape == (HEIGHT, 2 * WIDTH, 3)
    assert (image[:, :WIDTH] == 123).all()
    assert np.array_equal(image[:, WIDTH:], draw(Renderer("depth", scale=SPAN)))


def test_the_picture_of_the_source_is_never_written_to():
    made = estimate()
    before = made.frame.bgr.copy()
    Renderer(look=Look(legend=True), hud=lambda: HudFigures(1, 1, 1))(made)
    assert np.array_equal(made.frame.bgr, before)


@pytest.mark.parametrize("value", [0.0, 7.5])
def test_a_map_without_any_span_is_flat_grey_not_noise(value):
    values = np.full((32, 64), value, np.float32) + np.float32(1e-9)
    assert (normalise(values, DepthRange(value, value), (9, 7)) == 128).all()


def test_an_edge_neither_wraps_nor_rings_out_of_range():
    values = np.zeros((16, 16), np.float32)
    values[:, 8:] = 5.0
    grey = normalise(values, DepthRange(0.0, 1.0), (160, 160))
    assert (grey[:, :60] == 0).all()
    assert (grey[:, 100:] == 255).all()
    assert (np.diff(grey.astype(int), axis=1) >= 0).all()


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (31, 17), (1920, 1080)])
def test_any_picture_size_can_be_drawn_with_everything_on_it(size):
    renderer = Renderer(look=Look(legend=True), hud=lambda: HudFigures(29.97, 0.031, 12))
    assert draw(renderer, width=size[0], height=size[1]).shape == (size[1], size[0], 3)


@pytest.mark.parametrize("name", COLORMAPS)
def test_every_colormap_can_be_drawn_and_has_256_colours(name):
    assert lookup_table(name).shape == (256, 1, 3)


def test_unknown_names_say_which_there_are():
    with pytest.raises(UsageError, match="inferno, magma"):
        Renderer(colormap="rainbowish")
    with pytest.raises(UsageError, match="overlay, depth, side-by-side"):
        Renderer(layout="upside-down")
    with pytest.raises(UsageError, match="0 to 1"):
        Renderer(alpha=1.5)


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


def test_the_legend_shows_the_far_colour_left_of_the_near_colour():
    image = draw(Renderer(look=Look("depth", legend=True), scale=SPAN), width=640, height=360)
    plain = draw(Renderer("depth", scale=SPAN), width=640, height=360)
    changed = np.argwhere((image != plain).any(axis=2))
    assert changed[:, 0].min() > 300
    row = image[350].astype(int).sum(axis=1)
    bar = row[changed[:, 1].min() : changed[:, 1].max()]
    assert bar[: bar.size // 2].mean() < bar[bar.size // 2 :].mean()


def test_the_hud_tells_what_it_is_given():
    plain = draw(Renderer("depth", scale=SPAN), width=640, height=360)
    with_hud = draw(Renderer("depth", scale=SPAN, hud=lambda: HudFigures(15, 0.03, 2)), width=640, height=360)
    other = draw(Renderer("depth", scale=SPAN, hud=lambda: HudFigures(29, 0.07, 9)), width=640, height=360)
    corner = np.s_[:60, :400]
    assert cv2.absdiff(plain[corner], with_hud[corner]).any()
    assert cv2.absdiff(other[corner], with_hud[corner]).any()
    assert np.array_equal(plain[100:], with_hud[100:])


def test_what_is_beyond_the_cut_is_black_in_depth_and_a_darkened_picture_in_an_overlay():
    plain = draw(Renderer("depth", scale=SPAN))
    cut = draw(Renderer(look=Look("depth", cut_beyond=0.4), scale=SPAN))
    overlay = draw(Renderer(look=Look("overlay", alpha=0.6, cut_beyond=0.4), scale=SPAN), level=100)
    far, near = np.s_[:, : WIDTH // 2], np.s_[:, WIDTH * 2 // 3 :]  # the cut is at 60 percent of the width
    assert (cut[far] == 0).all()
    assert np.array_equal(cut[near], plain[near])
    assert (overlay[far] == 40).all()


def test_the_cut_is_at_the_same_depth_with_inverted_colours():
    cut = draw(Renderer(look=Look("depth", cut_beyond=0.4, invert=True), scale=SPAN))
    assert (cut[:, : WIDTH // 2] == 0).all()
    assert (cut[:, WIDTH * 2 // 3 : WIDTH * 3 // 4].sum(axis=2) > 0).all()


def test_a_cut_at_the_far_end_cuts_nothing():
    far = Renderer(look=Look("depth", cut_beyond=1.0), scale=SPAN)
    assert np.array_equal(draw(far), draw(Renderer("depth", scale=SPAN)))


@pytest.mark.parametrize("value", [0.0, -1.0, 1.5])
def test_a_cut_out_of_range_says_what_the_range_is(value):
    with pytest.raises(UsageError, match=r"nearest.*farthest"):
        Look(cut_beyond=value)


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


def test_the_hud_tells_inferences_from_pictures():
    def hud(**more):
        return Renderer("depth", scale=SPAN, hud=lambda: HudFigures(15, 0.03, 2, **more))

    plain, both = (draw(renderer, width=640, height=360) for renderer in (hud(), hud(pictures=29.9)))
    assert cv2.absdiff(plain[:60], both[:60]).any()


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
