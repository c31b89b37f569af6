"""What is under the pointer is read while it rests there, and not for ever."""

from __future__ import annotations

import numpy as np

from streamdepth.pixels import Rectangle
from streamdepth.sinks.window.hand import POINTER_SECONDS, Hand, draw

SHOWN = object()


class Camera:
    def read(self, rendered, x, y):
        return "" if y > 0.9 else f"{x + y:g} m"

    def source_point(self, rendered, x, y):
        return x, y

    def check(self, rendered):
        pass


def hand(now):
    return Hand(Camera(), lambda: now[0])


def test_depth_is_read_where_the_pointer_rests_and_for_a_while():
    now = [10.0]
    one = hand(now)
    assert one.marks(SHOWN) == ()
    one.point(SHOWN, (0.25, 0.5), is_click=False)
    assert one.marks(SHOWN) == (((0.25, 0.5), "0.75 m", False),)
    now[0] += POINTER_SECONDS
    assert one.marks(SHOWN) == ()


def test_beside_the_picture_and_without_depth_nothing_is_read():
    one = hand([0.0])
    one.point(SHOWN, (0.25, 0.95), is_click=False)
    assert one.marks(SHOWN) == ()
    one.point(SHOWN, (0.25, 0.5), is_click=False)
    one.point(SHOWN, (1.01, 0.5), is_click=False)
    assert one.marks(SHOWN) == ()


def test_a_click_takes_a_point_only_where_distances_are_taken():
    one = hand([0.0])
    one.point(SHOWN, (0.25, 0.5), is_click=True)
    assert one.press("3", SHOWN) is None
    one.toggle(SHOWN)
    one.point(SHOWN, (0.25, 0.5), is_click=True)
    assert one.press("3", SHOWN) == ""
    assert one.marks(SHOWN) == (((0.25, 0.5), "1: 3_", True),), "the pointer's words would lie on it"
    one.point(SHOWN, (0.25, 0.6), is_click=False)
    assert one.marks(SHOWN)[1] == ((0.25, 0.6), "0.85 m", False)
    one.point(SHOWN, (1.25, 0.5), is_click=True)
    assert len(one.marks(SHOWN)) == 1


def test_marks_are_where_the_picture_is():
    image = np.full((100, 200, 3), 100, np.uint8)
    draw(image, Rectangle(50, 0, 100, 100), (((0.5, 0.25), "3 m", True),), 12.0)
    assert np.any(image[15:35, 90:110] != 100)
    assert np.all(image[:, :80] == 100)
