"""Pictures that were fitted into another size: what is inside is drawn as if it were alone, the bars stay black."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest
from estimates import is_double

from streamdepth.frames import DepthMap, Estimate, Frame
from streamdepth.pixels import I420, Picture, Rectangle, bgr_to_i420
from streamdepth.rendering import LAYOUTS, DepthRange, FixedRange, Look, MovingRange, Renderer
from streamdepth.rendering.bars import point_inside
from streamdepth.rendering.layouts.colours import blend
from streamdepth.rendering.stabilise.stabiliser import Stabiliser
from streamdepth.rendering.stream import DepthStream

EVERY_LAYOUT = pytest.mark.parametrize("layout", LAYOUTS)
# (whole, inner): bars beside, above and below, all around, of one side only, and with odd edges of the whole.
BOXES = [
    ((64, 36), Rectangle(20, 0, 24, 36)),
    ((64, 48), Rectangle(0, 6, 64, 36)),
    ((64, 48), Rectangle(8, 6, 48, 36)),
    ((66, 36), Rectangle(0, 0, 64, 36)),
    ((65, 37), Rectangle(20, 0, 24, 37)),
    ((65, 37), Rectangle(0, 8, 65, 20)),
]
EVERY_BOX = pytest.mark.parametrize(("whole", "inner"), BOXES)
LOOKS = [Look(colormap="gray", invert=True), Look(refine=True), Look(colormap="viridis", alpha=0.0)]


def noise(size, seed=1):
    random = np.random.default_rng(seed)
    return cv2.resize(random.integers(30, 226, (9, 16, 3), np.uint8), size)


def boxed(image, whole, inner, as_planes):
    """(the picture alone, the same one inside black bars)."""
    canvas = np.zeros((whole[1], whole[0], 3), np.uint8)
    canvas[inner.pixels] = image
    if not as_planes:
        return Picture.of_bgr(image), Picture(*whole, canvas, inner)
    alone, around = bgr_to_i420(image), bgr_to_i420(canvas)
    around.u[inner.chroma], around.v[inner.chroma] = alone.u, alone.v
    return Picture.of_i420(alone), Picture(*whole, around, inner)


def estimate(picture, index=0, depth=None):
    across, down = np.meshgrid(np.linspace(0.2, 0.6, 32), np.linspace(0.2, 0.4, 32))
    values = (across + down).astype(np.float32) if depth is None else depth
    return Estimate(Frame(index, Fraction(index, 25), index / 25, picture), DepthMap(values), 0.01)


def draw(picture, look):
    return Renderer(look=look, scale=FixedRange(DepthRange(0.0, 1.0)))(estimate(picture)).picture


def luma_and_black(picture):
    native = picture.native
    return (native.y, 16) if isinstance(native, I420) else (native, 0)


def outside(inner, whole):
    mask = np.ones(whole[::-1], bool)
    mask[inner.pixels] = False
    return mask


@EVERY_LAYOUT
@EVERY_BOX
@pytest.mark.parametrize("look", LOOKS, ids=["inverted", "refined", "picture alone"])
@pytest.mark.parametrize("as_planes", [False, True], ids=["bgr", "planes"])
def test_bars_are_black_in_every_layout(layout, whole, inner, look, as_planes):
    _, picture = boxed(noise((inner.width, inner.height)), whole, inner, as_planes)
    drawn = draw(picture, Look(layout, look.colormap, look.alpha, invert=look.invert, refine=look.refine))
    luma, black = luma_and_black(drawn)
    mask = outside(inner, whole)
    for half in np.hsplit(luma, [whole[0]]) if is_double(layout) else [luma]:
        assert (half[mask] == black).all()
        assert (half[~mask] != black).mean() > 0.5
    if whole[0] % 2 == 0:  # else a column of chroma is shared by the two halves
        assert (drawn.bgr[np.tile(mask, 2 if is_double(layout) else 1)] <= 2).all()


@EVERY_LAYOUT
@EVERY_BOX
@pytest.mark.parametrize("look", LOOKS, ids=["inverted", "refined", "picture alone"])
@pytest.mark.parametrize("as_planes", [False, True], ids=["bgr", "planes"])
def test_what_is_inside_is_drawn_as_if_it_were_alone(layout, whole, inner, look, as_planes):
    alone, picture = boxed(noise((inner.width, inner.height)), whole, inner, as_planes)
    look = Look(layout, look.colormap, look.alpha, invert=look.invert, refine=look.refine)
    expected, _ = luma_and_black(draw(alone, look))
    found, _ = luma_and_black(draw(picture, look))
    rows, columns = inner.pixels
    shown = [found[rows, columns]]
    if is_double(layout):
        shown.append(found[rows, whole[0] + inner.left : whole[0] + inner.left + inner.width])
    assert np.array_equal(np.hstack(shown), expected)


def test_chroma_inside_is_that_of_the_picture_alone():
    whole, inner = (64, 36), Rectangle(20, 0, 24, 36)
    alone, picture = boxed(noise((24, 36)), whole, inner, as_planes=True)
    expected, found = draw(alone, Look()).i420, draw(picture, Look()).i420
    for name in ("u", "v"):
        assert np.array_equal(getattr(found, name)[inner.chroma], getattr(expected, name))


def test_steadying_and_range_are_those_of_the_picture_alone():
    whole, inner = (160, 90), Rectangle(56, 0, 48, 90)
    streams = [DepthStream(MovingRange(), Stabiliser()) for _ in range(2)]
    depth = np.linspace(0, 1, 32 * 32, dtype=np.float32).reshape(32, 32)
    for index in range(6):
        # Light that changes, and a corner that moves: bars would be most of what holds still.
        image = np.clip(noise((48, 90)).astype(int) + 6 * index, 0, 255).astype(np.uint8)
        image[:30, : 8 * index] = 255
        values = (depth * (1 + index / 10)).astype(np.float32)
        pictures = boxed(image, whole, inner, as_planes=True)
        alone, within = (
            stream.take(estimate(picture, index, values))
            for stream, picture in zip(streams, pictures, strict=True)
        )
        assert np.array_equal(within.depth.values, alone.depth.values)
        assert within.span == alone.span


def test_depth_between_two_estimates_moves_with_the_picture_inside():
    whole, inner = (160, 90), Rectangle(0, 20, 160, 50)
    image, later = noise((160, 50)), np.roll(noise((160, 50)), 6, axis=1)
    streams = [DepthStream(MovingRange()) for _ in range(2)]
    moved = []
    for stream, first, second in zip(
        streams, boxed(image, whole, inner, False), boxed(later, whole, inner, False), strict=True
    ):
        stream.take(estimate(first))
        moved.append(stream.between(estimate(second, 1).frame).depth.values)
    assert np.array_equal(*moved)


def test_a_point_is_found_inside_the_bars_and_nowhere_in_them():
    _, picture = boxed(noise((24, 36)), (64, 36), Rectangle(20, 0, 24, 36), as_planes=False)
    assert point_inside(picture, 0.5, 0.25) == pytest.approx((0.5, 0.25))
    assert point_inside(picture, 20 / 64, 0.0) == pytest.approx((0.0, 0.0))
    assert point_inside(picture, 0.1, 0.5) is None


def test_a_picture_without_bars_has_its_points_where_they_are():
    assert point_inside(Picture.of_bgr(noise((24, 36))), 0.1, 0.9) == (0.1, 0.9)


@pytest.mark.parametrize("as_planes", [False, True], ids=["bgr", "planes"])
def test_what_stands_in_a_bar_is_seen_beside_depth_and_not_in_its_place(as_planes: bool) -> None:
    image = np.full((12, 16, 3), 90, np.uint8)
    image[8:] = 0
    image[10:12, 4:8] = 250  # a subtitle
    native = bgr_to_i420(image) if as_planes else image
    picture = replace(Picture.of(native), inner=Rectangle(0, 0, 16, 8))
    table = np.full((256, 1, 3), 200, np.uint8)
    grey = np.full((12, 16), 255, np.uint8)
    over, alone = (Picture.of(blend(picture, grey, table, share)).bgr for share in (0.5, 1.0))
    assert np.abs(over[10, 5].astype(int) - 250).max() < 12
    assert over[10:, :4].max() < 12
    assert alone[8:].max() < 12
    assert over[4, 5].min() > 120
