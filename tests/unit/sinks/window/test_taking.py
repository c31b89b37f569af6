"""Distances by clicks and keys: what is typed where, and what is cancelled by what."""

from __future__ import annotations

import pytest

from streamdepth.errors import UsageError
from streamdepth.sinks.window.taking import (
    BEGIN,
    FORGOTTEN,
    NO_NUMBER,
    NONE_THERE,
    ONE_INPUT,
    ONE_LAYOUT,
    Taking,
)

SHOWN = object()
"""Stands for a picture: it is only handed on."""


class Camera:
    """Learns whatever it is told; the right half of what is shown is no picture."""

    def __init__(self, refused="", contradicted=""):
        self.learnt, self.forgotten = [], 0
        self._refused, self._contradicted = refused, contradicted

    def source_point(self, rendered, x, y):
        assert rendered is SHOWN
        return None if x > 0.5 else (2 * x, y)

    def check(self, rendered):
        if self._refused:
            raise UsageError(self._refused, "leave it")

    def learn(self, rendered, points):
        if self._contradicted:
            raise UsageError(self._contradicted, "check them")
        self.learnt.append(list(points))
        return "2 distances"

    def forget(self):
        self.forgotten += 1


def taking(**options):
    camera = Camera(**options)
    taking = Taking(camera)
    taking.toggle(SHOWN)
    return camera, taking


def typed(taking, keys):
    assert all(taking.press(key, SHOWN) for key in keys)


def test_two_points_with_their_metres_are_learnt_in_the_sources_picture():
    camera, take = taking()
    assert " ".join(take.lines) == BEGIN
    take.click(SHOWN, (0.1, 0.2))
    typed(take, "2,5\r")
    take.click(SHOWN, (0.4, 0.6))
    typed(take, "10\n")
    assert [words for _, words in take.marks] == ["1: 2.5 m", "2: 10 m"]
    assert "2 distances: Enter uses them" in take.lines[0]
    typed(take, "\r")
    assert camera.learnt == [[(0.2, 0.2, 2.5), (0.8, 0.6, 10.0)]]
    assert not take.is_on
    assert take.result == "metres from 2 distances (k keeps them)"
    assert take.marks == take.lines == ()


def test_a_number_is_corrected_and_has_one_point():
    _, take = taking()
    take.click(SHOWN, (0.1, 0.2))
    typed(take, "12.3.4\b\b5")
    assert take.marks == (((0.1, 0.2), "1: 12.5_"),)
    typed(take, "123456789")
    assert take.marks[0][1] == "1: 12.5123_"


@pytest.mark.parametrize("keys", ["\r", "0\r", ".\r", "0.0\r"])
def test_what_is_no_distance_is_not_taken(keys):
    _, take = taking()
    take.click(SHOWN, (0.1, 0.2))
    typed(take, keys)
    assert take.lines[-1] == NO_NUMBER
    assert take.marks[0][1].endswith("_")


def test_a_click_elsewhere_moves_the_point_whose_distance_is_not_yet_typed():
    _, take = taking()
    take.click(SHOWN, (0.1, 0.2))
    typed(take, "3")
    take.click(SHOWN, (0.3, 0.4))
    assert take.marks == (((0.3, 0.4), "1: 3_"),)


def test_a_click_where_there_is_no_depth_takes_nothing():
    _, take = taking()
    take.click(SHOWN, (0.9, 0.2))
    assert take.marks == ()
    assert take.lines[-1] == NONE_THERE


def test_escape_drops_the_point_first_and_then_leaves_all_as_it_was():
    camera, take = taking()
    take.click(SHOWN, (0.1, 0.2))
    typed(take, "3\r")
    take.click(SHOWN, (0.3, 0.4))
    typed(take, "\x1b")
    assert [words for _, words in take.marks] == ["1: 3 m"]
    typed(take, "\x1b")
    assert (take.is_on, camera.learnt, camera.forgotten) == (False, [], 0)
    take.toggle(SHOWN)
    assert take.marks == ()


def test_backspace_drops_the_last_point_and_then_forgets_what_is_known():
    camera, take = taking()
    take.click(SHOWN, (0.1, 0.2))
    typed(take, "3\r\b")
    assert (take.marks, camera.forgotten) == ((), 0)
    typed(take, "\b")
    assert (camera.forgotten, take.is_on, take.result) == (1, False, FORGOTTEN)


def test_one_point_is_not_enough():
    camera, take = taking()
    take.click(SHOWN, (0.1, 0.2))
    typed(take, "3\r\r")
    assert camera.learnt == []
    assert take.is_on


def test_distances_that_contradict_the_depth_are_told_and_can_be_corrected():
    _, take = taking(contradicted="what is nearer lies farther")
    for x in (0.1, 0.3):
        take.click(SHOWN, (x, 0.2))
        typed(take, "3\r")
    typed(take, "\r")
    assert take.lines[-1] == "what is nearer lies farther (check them)"
    assert len(take.marks) == 2


def test_where_nothing_can_be_learnt_it_is_told_at_once():
    _, take = taking(refused="nano gives metres")
    assert not take.is_on
    assert take.result == "nano gives metres (leave it)"


def test_other_keys_do_as_ever_but_layout_and_input_stay():
    _, take = taking()
    assert not any(take.press(key, SHOWN) for key in ("c", " ", "q", "left", ""))
    for key, trouble in (("l", ONE_LAYOUT), ("L", ONE_LAYOUT), ("n", ONE_INPUT), ("N", ONE_INPUT)):
        typed(take, key)
        assert " ".join(take.lines).endswith(trouble)
