"""Which frames need no inference: the same picture again, and with the option one that hardly differs."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from streamdepth.frames import DepthMap, Frame
from streamdepth.pipeline.stills import HARDLY, RENEWED_EVERY, Inferred, Reuse, Stills
from streamdepth.pixels import I420, ColourMatrix, Picture
from streamdepth.resuming.resumable_output import EVERY

SIZE = (180, 320)


def frame(index=0, level=100, *, connection=0, depth=None, spot=None, size=SIZE):
    luma = np.full(size, level, np.uint8)
    if spot is not None:
        luma[:10, :10] = spot  # about one of the parts
    return Frame(
        index,
        Fraction(index, 25),
        0.0,
        Picture.of_bgr(np.dstack([luma] * 3)),
        connection=connection,
        depth=depth,
    )


def inferred(frames, reuse=Reuse.SAME):
    """Indices of the frames whose depth is their own."""
    stills = Stills(reuse)
    return [one.index for one in frames if stills(one).frame is one]


def test_the_same_picture_is_inferred_once_and_any_other_anew():
    assert inferred([frame(n, 100) for n in range(60)]) == [0]
    assert inferred([frame(n, 100 + n // 2) for n in range(6)]) == [0, 2, 4]
    assert inferred([frame(0, 100), frame(1, 101), frame(2, 100)]) == [0, 1, 2]  # the one before it counts


def test_nothing_is_left_out_where_nothing_is_said():
    assert inferred([frame(n, 100) for n in range(4)], Reuse.NEVER) == [0, 1, 2, 3]


def test_a_picture_that_hardly_differs_is_inferred_unless_the_option_says_no():
    frames = [frame(0, 100), frame(1, 100 + HARDLY), frame(2, 101 + HARDLY)]
    assert inferred(frames) == [0, 1, 2]
    assert inferred(frames, Reuse.STILL) == [0, 2]


def test_small_changes_add_up_until_they_count():
    assert inferred([frame(n, 100 + n) for n in range(20)], Reuse.STILL) == [
        0,
        HARDLY + 1,
        2 * (HARDLY + 1),
    ]


def test_something_small_is_enough_and_noise_is_not():
    assert inferred([frame(0), frame(1, spot=140)], Reuse.STILL) == [0, 1]
    random = np.random.default_rng(0)

    def noisy(index):
        image = np.clip(np.rint(random.normal(100, 4, (*SIZE, 3))), 0, 255).astype(np.uint8)
        return Frame(index, Fraction(index, 25), 0.0, Picture.of_bgr(image))

    assert inferred([noisy(n) for n in range(RENEWED_EVERY)], Reuse.STILL) == [0]


def test_of_pictures_that_hardly_differ_one_is_inferred_now_and_then():
    frames = [frame(n, 100 + n % 2) for n in range(3 * RENEWED_EVERY)]
    assert inferred(frames, Reuse.STILL) == [0, RENEWED_EVERY, 2 * RENEWED_EVERY]


def test_a_film_that_is_gone_on_with_infers_what_it_would_have_inferred():
    assert EVERY % RENEWED_EVERY == 0
    levels = np.random.default_rng(1).integers(0, 12, 4 * RENEWED_EVERY)
    levels[2 * RENEWED_EVERY - 3 : 2 * RENEWED_EVERY + 4] = 5  # the same picture across the border
    frames = [frame(n, 100 + level) for n, level in enumerate(levels)]
    border = 2 * RENEWED_EVERY
    whole, rest = Stills(Reuse.STILL), Stills(Reuse.STILL)
    of_whole = [whole(one).frame.picture.bgr[0, 0, 0] for one in frames][border:]
    assert [rest(one).frame.picture.bgr[0, 0, 0] for one in frames[border:]] == of_whole


@pytest.mark.parametrize(
    "second",
    [
        frame(1, connection=1),
        frame(1, size=(180, 321)),
        frame(1, depth=DepthMap(np.zeros((2, 3), np.float32))),
    ],
    ids=["connection", "size", "depth"],
)
@pytest.mark.parametrize("reuse", [Reuse.SAME, Reuse.STILL])
def test_a_picture_of_another_stream_or_with_depth_of_its_own_is_no_repetition(second, reuse):
    assert inferred([frame(), second], reuse) == [0, 1]


def test_the_same_samples_in_another_matrix_are_another_picture():
    planes = frame().i420
    other = I420(planes.y, planes.u, planes.v, ColourMatrix.BT709)
    frames = [
        Frame(n, Fraction(n), 0.0, Picture.of_i420(one)) for n, one in enumerate((planes, planes, other))
    ]
    assert inferred(frames) == [0, 2]


def test_depth_comes_to_those_that_wait_and_to_those_that_ask_later():
    known, got = Inferred(frame()), []
    known.then(got.append)
    assert got == []
    depth = DepthMap(np.zeros((2, 3), np.float32))
    known.found(depth)
    known.then(got.append)
    assert got == [depth, depth]
