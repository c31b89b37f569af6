from __future__ import annotations

from dataclasses import replace

import pytest

from streamdepth.errors import UsageError
from streamdepth.rendering.look import Look
from streamdepth.server.negotiation import Form
from streamdepth.server.wanted import MOST_BOXES, OPTIONS, Wanted, parameters, read_boxes, read_wanted
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


def test_options_that_are_left_out_are_as_usual():
    assert read_wanted({}) == Wanted(look=Look("depth", "inferno"), size="source")
    given = {
        "model": "nano",
        "colormap": "viridis",
        "layout": "overlay",
        "size": "network",
        "boxes": "1,2,3,4",
    }
    wanted = Wanted(model="nano", look=Look("overlay", "viridis"), size="network", boxes=(Box(1, 2, 3, 4),))
    assert read_wanted(given) == wanted


@pytest.mark.parametrize(
    "given", [{"size": "huge"}, {"colormap": "pink"}, {"layout": "cube"}, {"boxes": "1"}]
)
def test_an_option_that_there_is_not_is_refused(given):
    with pytest.raises(UsageError):
        read_wanted(given)


def test_the_contract_has_what_is_read():
    told = {one["name"]: one["schema"] for one in parameters()}
    assert {name: schema["default"] for name, schema in told.items()} == {
        name: option.usual for name, option in OPTIONS.items()
    }
    assert told["size"]["enum"] == ["source", "network"]
    for name in ("colormap", "layout", "size"):
        for value in told[name]["enum"]:
            read_wanted({name: value})
