"""Drawing on planes, beside the same picture drawn in BGR and beside the definition."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import cv2
import numpy as np
import pytest
from estimates import is_double
from places import SHARED

from streamdepth.frames import DepthMap, Estimate, Frame
from streamdepth.pixels import I420, ColourMatrix, Picture, bgr_to_i420
from streamdepth.rendering import LAYOUTS, DepthRange, FixedRange, HudFigures, Look, Renderer
from streamdepth.rendering.colormaps import lookup_table
from streamdepth.rendering.layouts.registry import layout_named

MEDIA = SHARED / "media"
SIZES = [(320, 180), (321, 180), (320, 181), (179, 103)]
TINY = [(2, 2), (3, 1), (1, 4), (1, 1)]
SPAN = FixedRange(DepthRange(0.0, 1.0))
STEP = 2.01
"""Two levels, and what floats add."""

EVERY_LAYOUT = pytest.mark.parametrize("layout", LAYOUTS)
EVERY_MATRIX = pytest.mark.parametrize("matrix", list(ColourMatrix))
BOTH_RANGES = pytest.mark.parametrize("full_range", [False, True])


def yuv(image, matrix, full_range):
    """(Y, U, V) float planes, chroma the mean of four, by the definition (ITU-T H.273, 8.3)."""
    red, blue = matrix.value
    b, g, r = (image[..., channel] / 255 for channel in range(3))
    y = red * r + (1 - red - blue) * g + blue * b
    luma, chroma, black = (255, 255, 0) if full_range else (219, 224, 16)
    u, v = (b - y) / (2 - 2 * blue), (r - y) / (2 - 2 * red)
    return y * luma + black, means_of_four(u * chroma + 128), means_of_four(v * chroma + 128)


def means_of_four(plane):
    whole = np.pad(plane, ((0, plane.shape[0] % 2), (0, plane.shape[1] % 2)), "edge")
    return whole.reshape(whole.shape[0] // 2, 2, whole.shape[1] // 2, 2).mean(axis=(1, 3))


def smooth(size, seed=0):
    nodes = np.random.default_rng(seed).integers(60, 196, (3, 4, 3), np.uint8)
    return cv2.resize(nodes, size, interpolation=cv2.INTER_LINEAR)


def noise_planes(size, matrix, full_range):
    random = np.random.default_rng(4)
    half = ((size[1] + 1) // 2, (size[0] + 1) // 2)
    y, u, v = (random.integers(0, 256, shape, np.uint8) for shape in (size[::-1], half, half))
    return I420(y, u, v, matrix, full_range)


def noise(size):
    return np.random.default_rng(6).integers(0, 256, size[::-1], np.uint8)


def estimate(picture):
    across, down = np.meshgrid(np.linspace(0, 0.6, 64), np.linspace(0, 0.4, 32))
    depth = DepthMap((across + down).astype(np.float32))
    return Estimate(Frame(0, Fraction(0), 0.0, picture), depth, 0.01)


def draw(picture, layout, *, written=False, alpha=0.6):
    hud = (lambda: HudFigures(29.9, 0.03, 2)) if written else None
    look = Look(layout, alpha=alpha, legend=written)
    return Renderer(look=look, scale=SPAN, hud=hud)(estimate(picture)).picture


@cache
def in_bgr(layout, size, written):
    """What is drawn in BGR is the same whatever the planes beside it are."""
    return draw(Picture.of_bgr(smooth(size)), layout, written=written).native


def differences(planes, expected):
    return [
        np.abs(plane.astype(float) - want)
        for plane, want in zip((planes.y, planes.u, planes.v), expected, strict=True)
    ]


@EVERY_LAYOUT
@EVERY_MATRIX
@BOTH_RANGES
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("written", [False, True])
def test_planes_are_drawn_as_bgr_is_within_two_levels(layout, matrix, full_range, size, written):
    source = bgr_to_i420(smooth(size), matrix, full_range=full_range)
    in_planes = draw(Picture.of_i420(source), layout, written=written).native
    assert isinstance(in_planes, I420)
    assert (in_planes.matrix, in_planes.full_range) == (matrix, full_range)
    # Chroma that moves by parts of a pixel is between two samples; an anaglyph mixes two pictures, a blur pixels.
    most = 3.01 if layout in ("stereo", "anaglyph", "focus") else STEP
    for difference in differences(in_planes, yuv(in_bgr(layout, size, written), matrix, full_range)):
        assert difference.max() <= most


@EVERY_MATRIX
@BOTH_RANGES
@pytest.mark.parametrize("size", SIZES + TINY)
@pytest.mark.parametrize("alpha", [0.0, 0.35, 1.0])
def test_noise_is_blended_plane_by_plane_with_the_colour_of_the_mean_depth(matrix, full_range, size, alpha):
    source, grey, table = noise_planes(size, matrix, full_range), noise(size), lookup_table("turbo")
    drawn = layout_named("overlay").draw(Picture.of_i420(source), grey, table, alpha)
    half = np.floor(means_of_four(grey) + 0.5).astype(int)
    colours = yuv(table, matrix, full_range)[0], *chroma_of(table, matrix, full_range)
    depths = (colours[0][grey, 0], colours[1][half], colours[2][half])
    expected = [
        (1 - alpha) * plane + alpha * depth
        for plane, depth in zip((source.y, source.u, source.v), depths, strict=True)
    ]
    for difference in differences(drawn, expected):
        assert difference.max() <= 1.01


def chroma_of(table, matrix, full_range):
    """U and V of each entry of a (256, 1, 3) BGR table: float (256,)."""
    doubled = np.repeat(np.repeat(table, 2, axis=0), 2, axis=1)
    return (plane[:, 0] for plane in yuv(doubled, matrix, full_range)[1:])


@BOTH_RANGES
@pytest.mark.parametrize("size", SIZES + TINY)
def test_side_by_side_keeps_the_left_picture_as_it_is_and_puts_depth_to_its_right(full_range, size):
    source, grey = noise_planes(size, ColourMatrix.BT709, full_range), noise(size)
    table = lookup_table("viridis")
    both = layout_named("side-by-side").draw(Picture.of_i420(source), grey, table, 0.6)
    alone = layout_named("depth").draw(Picture.of_i420(source), grey, table, 0.6)
    width, whole = size[0], size[0] // 2
    assert both.y.shape == (size[1], 2 * width)
    assert both.u.shape == both.v.shape == ((size[1] + 1) // 2, width)
    np.testing.assert_array_equal(both.y, np.hstack([source.y, alone.y]))
    for plane, left in ((both.u, source.u), (both.v, source.v)):
        np.testing.assert_array_equal(plane[:, :whole], left[:, :whole])
    if width % 2 == 0:
        np.testing.assert_array_equal(both.u, np.hstack([source.u, alone.u]))


@EVERY_LAYOUT
@pytest.mark.parametrize("size", TINY)
def test_a_tiny_picture_can_be_drawn_with_everything_on_it(layout, size):
    drawn = draw(Picture.of_i420(noise_planes(size, ColourMatrix.BT601, False)), layout, written=True)
    width = 2 * size[0] if is_double(layout) else size[0]
    assert drawn.bgr.shape == (size[1], width, 3)


@EVERY_LAYOUT
@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
def test_nothing_is_written_to_the_planes_of_the_source(layout, alpha):
    source = noise_planes((321, 181), ColourMatrix.BT601, False)
    kept = [plane.copy() for plane in (source.y, source.u, source.v)]
    drawn = draw(Picture.of_i420(source), layout, written=True, alpha=alpha).native
    for plane, before in zip((source.y, source.u, source.v), kept, strict=True):
        np.testing.assert_array_equal(plane, before)
    assert not any(
        np.shares_memory(one, other)
        for one, other in zip((drawn.y, drawn.u, drawn.v), (source.y, source.u, source.v), strict=True)
    )


def test_a_drawn_picture_stays_as_it_is_when_the_next_is_drawn():
    renderer = Renderer(scale=SPAN)
    first = renderer(estimate(Picture.of_i420(noise_planes((320, 180), ColourMatrix.BT601, False))))
    kept = first.picture.i420.y.copy()
    renderer(estimate(Picture.of_i420(bgr_to_i420(smooth((320, 180))))))
    np.testing.assert_array_equal(first.picture.i420.y, kept)


def test_words_stand_at_the_edge_of_an_odd_picture_as_in_an_even_one():
    plain, written = (
        draw(Picture.of_i420(bgr_to_i420(smooth((641, 361)))), "depth", written=w).i420.y for w in (0, 1)
    )
    rows, columns = np.nonzero(plain != written)
    assert (rows.min(), columns.min()) == (0, 0)
    assert (rows.max(), columns.max()) == (360, 640)
    assert np.array_equal(plain[40:330], written[40:330])


@pytest.mark.skipif(not MEDIA.is_dir(), reason="the real clips are not beside the project")
@EVERY_LAYOUT
@pytest.mark.parametrize("clip", ["bikes", "bigbuckbunny", "carphone", "rollercoaster"])
def test_real_pictures_are_drawn_on_planes_as_in_bgr_within_two_levels(clip, layout):
    source = decoded(MEDIA / f"{clip}.mp4", 20)
    drawn = draw(source, layout, written=True).native
    expected = yuv(draw(Picture.of_bgr(source.bgr), layout, written=True).native, drawn.matrix, False)
    luma, *chroma = differences(drawn, expected)
    # What is left: colours that BGR cannot hold, and chroma that was spread over pixels and gathered again.
    moves = layout in ("stereo", "anaglyph")
    assert np.mean(luma > STEP) < (0.004 if moves else 0.002)
    for difference in chroma:
        assert np.mean(difference > STEP) < (0.06 if moves else 0.005)


def decoded(path, index):
    with_source = pytest.importorskip("streamdepth.sources")
    source = with_source.open_source(path)
    try:
        frames = [source.read() for _ in range(index + 1)]
    finally:
        source.close()
    assert isinstance(frames[-1].picture.native, I420)
    return frames[-1].picture
