"""A camera that gives a picture in ten seconds is not silent, and one that hangs is soon found to be."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from made_by_hand import MadeByHand

from streamdepth.sources.live.patience import MOST, Connecting, patience_asked, patience_for


@pytest.mark.parametrize(
    ("rate", "seconds"),
    [(None, 0.0), (Fraction(25), 0.1), (Fraction(1, 10), 25.0), (Fraction(1, 90_000), MOST)],
)
def test_pictures_are_waited_for_as_long_as_their_rate_says(rate, seconds):
    assert patience_for(rate) == seconds


@pytest.mark.parametrize(("rate", "patience"), [(Fraction(1, 10), 25.0), (None, 0.0)])
def test_from_the_second_connection_on_a_slow_camera_has_its_time(rate, patience):
    tries = []

    def connect(seconds):
        tries.append(seconds)
        source = MadeByHand(1)
        source.info = replace(source.info, rate=rate)
        return source

    connecting = Connecting(connect)
    for _ in range(3):
        connecting()
    assert tries == [0.0, patience, patience]


@pytest.mark.parametrize(
    ("connections", "patience"),
    [
        ([(1, 0.0)], 10.0),
        ([(1, 0.0)] * 2, 20.0),
        ([(1, 0.0)] * 9, MOST),
        ([(1, 0.0), (0, 0.0)], 20.0),  # none at all in ten seconds
        ([(2, 0.04), (3, 16.0)], 20.0),  # it begins with a few at once
        ([(1, 0.0), (300, 2400.0)], 10.0),  # known, and away after forty minutes
        ([(0, 0.0)] * 9, 0.0),  # a camera that hangs is no slow one
        ([(1000, 40.0), (0, 0.0)], 0.0),
        ([(1, 0.0), (1000, 40.0)], 0.0),  # morning has come
    ],
)
def test_a_camera_that_says_nothing_of_its_rate_has_more_time_after_each_silence(connections, patience):
    connecting = Connecting(lambda _seconds: MadeByHand(1))
    for pictures, seconds in connections:
        connecting.fell_silent(pictures, seconds)
    assert connecting.patience == patience


@pytest.mark.parametrize(
    ("rate", "seconds"),
    [(None, 0.0), (Fraction(25), 0.0), (Fraction(1, 2), 0.0), (Fraction(1, 300), 750.0)],
)
def test_who_says_that_a_camera_is_slow_is_believed(rate, seconds):
    assert patience_asked(rate) == seconds


def test_a_slow_camera_is_connected_to_as_soon_as_any():
    connecting = Connecting(lambda _seconds: MadeByHand(1), asked=750.0)
    connecting()
    assert (connecting.patience, connecting.for_pictures) == (0.1, 750.0)


def test_an_answer_of_a_camera_that_is_asked_rarely_takes_no_longer():
    def connect(_seconds):
        source = MadeByHand(1)
        source.info = replace(source.info, rate=Fraction(1, 300), kind="snapshot")
        return source

    connecting = Connecting(connect)
    connecting()
    assert connecting.patience == 0.0
