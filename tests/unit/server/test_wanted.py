from __future__ import annotations

from dataclasses import replace

import pytest

from streamdepth.errors import UsageError
from streamdepth.rendering.look import Look
from streamdepth.server.negotiation import Form
from streamdepth.server.wanted import MOST_BOXES, Wanted, read_boxes
from streamdepth.zones.figures import Box

PLAIN = Wanted(model="nano")


@pytest.mark.parametrize(
    "other",
    [
        replace(PLAIN, form=Form.JPEG),
        replace(PLAIN, model="midas-small"),
        replace(PLAIN, look=Look("depth", "viridis")),
        replace(PLAIN, look=Look("overlay")),
        replace(PLAIN, size="network"),
    ],
)
def test_another_answer_has_another_key(other):
    assert other.key != PLAIN.key


def test_what_is_not_seen_in_the_answer_is_not_in_its_key():
    deep = replace(PLAIN, form=Form.DEEP)
    assert replace(deep, look=Look("overlay", "viridis")).key == deep.key
    assert replace(PLAIN, boxes=(Box(0, 0, 1, 1),)).key == PLAIN.key
    told = replace(PLAIN, form=Form.JSON)
    assert replace(told, boxes=(Box(0, 0, 1, 1),)).key != told.key


def test_only_a_layout_that_shows_the_picture_needs_it_whole():
    assert not PLAIN.needs_picture
    overlay = replace(PLAIN, look=Look("overlay"))
    assert overlay.needs_picture
    assert not replace(overlay, form=Form.NPY).needs_picture


def test_boxes_are_read():
    assert read_boxes("") == ()
    assert read_boxes("1,2,3,4; 5,6,7,8;") == (Box(1, 2, 3, 4), Box(5, 6, 7, 8))


@pytest.mark.parametrize(
    "text", ["1,2,3", "a,b,c,d", "1,2,0,4", "-1,2,3,4", "1.5,2,3,4", ";".join(["1,2,3,4"] * (MOST_BOXES + 1))]
)
def test_what_is_no_box_is_told(text):
    with pytest.raises(UsageError, match="box"):
        read_boxes(text)
