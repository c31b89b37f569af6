"""What a spec says of itself."""

from __future__ import annotations

from dataclasses import fields, replace
from fractions import Fraction
from math import inf, nan
from pathlib import Path

import pytest

from streamdepth.run.rules import RULE
from streamdepth.run.spec import (
    AmountSpec,
    InputSpec,
    OutputSpec,
    PictureSpec,
    RunSpec,
    StreamSpec,
)

PARTS = tuple(one.type for one in fields(RunSpec))
FILM = RunSpec(InputSpec(input="a.mp4"))
TO_FILE = OutputSpec(output=Path("b.mp4"))
TO_PAGE = OutputSpec(webrtc=True)
TO_SERVER = OutputSpec(publish=("rtsp://host/a",))


@pytest.mark.parametrize("part", PARTS)
def test_every_default_obeys_its_rule(part: type) -> None:
    for one in fields(part):
        if RULE in one.metadata and one.default is not None:
            assert one.metadata[RULE].holds(one.default)


@pytest.mark.parametrize(
    ("part", "name", "good", "bad"),
    [
        (InputSpec, "camera_size", [(1, 1), (1280, 720)], [(0, 720), (1280, -1), (1280,), (1, 2, 3)]),
        (InputSpec, "max_pixels", [1], [0, -1]),
        (StreamSpec, "frozen_after", [0.0, 0.5], [-0.1, inf, nan]),
        (StreamSpec, "rtsp_transport", ["tcp", "udp"], ["", "TCP", "http"]),
        (PictureSpec, "range", [(-1.0, 2.0)], [(2.0, 2.0), (2.0, 1.0), (nan, 1.0), (1.0,)]),
        (AmountSpec, "duration", [Fraction(1, 1000)], [Fraction(0), Fraction(-1)]),
        (OutputSpec, "keep", [0.1], [0.0, nan]),
    ],
)
def test_a_rule_holds_for_what_makes_sense_alone(part: type, name: str, good: list, bad: list) -> None:
    (rule,) = [one.metadata[RULE] for one in fields(part) if one.name == name]
    assert all(rule.holds(value) for value in good)
    assert not any(rule.holds(value) for value in bad)


def test_inputs_are_all_that_is_named_by_words_in_the_order_of_their_choice() -> None:
    assert RunSpec().inputs == ()
    assert RunSpec(InputSpec(camera="0", switch_to=("b", "a"))).inputs == ("b", "a")
    assert RunSpec(InputSpec(input="a", switch_to=("c", "b"))).inputs == ("a", "c", "b")


def test_a_window_is_there_where_nothing_else_is_or_where_it_is_asked_for() -> None:
    assert (FILM.shows_window, FILM.only_a_window) == (True, True)
    for output in (TO_FILE, OutputSpec(depth_output=Path("d")), TO_PAGE, TO_SERVER):
        spec = replace(FILM, output=output)
        assert (spec.shows_window, spec.only_a_window) == (False, False)
        both = replace(FILM, output=replace(output, window=True))
        assert (both.shows_window, both.only_a_window) == (True, False)


def test_a_report_alone_is_no_output_that_a_window_gives_way_to() -> None:
    assert replace(FILM, output=OutputSpec(report=Path("r.json"))).only_a_window


def test_a_camera_of_a_browser_brings_the_page_with_it() -> None:
    browser = RunSpec(InputSpec(input="browser"))
    assert (browser.takes_browser, browser.serves_web, browser.goes_out_live) == (True, True, True)
    assert not browser.shows_window
    assert not FILM.serves_web
    server = replace(FILM, output=TO_SERVER)
    assert (server.serves_web, server.goes_out_live) == (False, True)


def test_every_frame_counts_where_a_file_wants_it_unless_the_run_is_to_be_live() -> None:
    for output in (TO_FILE, OutputSpec(depth_output=Path("d"))):
        spec = replace(FILM, output=output)
        assert (spec.writes_files, spec.takes_live, spec.sizes_may_change) == (True, False, False)
        assert replace(spec, stream=StreamSpec(live=True)).takes_live
    assert FILM.takes_live
    assert not FILM.sizes_may_change
    assert replace(FILM, output=TO_PAGE).sizes_may_change
    assert not replace(FILM, output=OutputSpec(webrtc=True, window=True)).sizes_may_change


def test_the_network_is_for_many_pictures_at_a_time_where_nobody_waits_for_one() -> None:
    film = replace(FILM, output=TO_FILE)
    assert film.wanted_network == replace(film.network, side_by_side=True)
    assert replace(film, input=InputSpec(input="https://host/film.mp4")).wanted_network.side_by_side
    for live in (
        FILM,
        replace(film, stream=StreamSpec(live=True)),
        replace(film, input=InputSpec(camera=0)),
        *(
            replace(film, input=InputSpec(input=live))
            for live in ("rtsp://host/street", "udp://@:1234", "browser", "0", "/dev/video0")
        ),
    ):
        assert live.wanted_network == live.network


def test_a_virtual_camera_is_watched_like_a_window_and_takes_one_size() -> None:
    spec = replace(FILM, output=OutputSpec(virtual_camera=True))
    assert (spec.shows_window, spec.is_watched, spec.takes_live) == (False, True, True)
    assert (spec.sizes_may_change, spec.waits_for_viewer, spec.goes_out_live) == (False, False, False)
    assert not replace(FILM, output=OutputSpec(virtual_camera=True, window=True)).waits_for_viewer
    assert not replace(FILM, output=OutputSpec(virtual_camera=True, webrtc=True)).plays_again


@pytest.mark.parametrize(
    ("output", "amount", "again"),
    [
        (TO_PAGE, AmountSpec(), True),
        (TO_PAGE, AmountSpec(max_fps=Fraction(5)), True),
        (TO_PAGE, AmountSpec(duration=Fraction(9)), False),
        (TO_PAGE, AmountSpec(frames=9), False),
        (replace(TO_PAGE, publish=("rtsp://host/a",)), AmountSpec(), False),
        (replace(TO_PAGE, window=True), AmountSpec(), False),
        (replace(TO_PAGE, output=Path("b.mp4")), AmountSpec(), False),
        (OutputSpec(), AmountSpec(), False),
    ],
)
def test_a_film_plays_again_for_the_page_alone(output: OutputSpec, amount: AmountSpec, again: bool) -> None:
    assert replace(FILM, output=output, amount=amount).plays_again is again


@pytest.mark.parametrize(
    ("spec", "waits"),
    [
        (FILM, True),
        (replace(FILM, output=OutputSpec(webrtc=True, window=True)), True),
        (replace(FILM, output=TO_PAGE), False),
        (replace(FILM, output=replace(TO_FILE, window=True)), False),
        (replace(FILM, output=replace(TO_SERVER, window=True)), False),
        (replace(FILM, amount=AmountSpec(frames=9)), False),
        (replace(FILM, amount=AmountSpec(duration=Fraction(9))), False),
        (RunSpec(InputSpec(input="a.mp4", switch_to=("b.mp4",))), False),
    ],
)
def test_a_recording_waits_for_who_sits_before_its_window(spec: RunSpec, waits: bool) -> None:
    assert spec.waits_for_viewer is waits
