"""`--scenes FILE`: cuts are found once, may be edited, and are taken from there."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from films import write_film

from streamdepth.errors import SinkError, SourceError, UsageError
from streamdepth.frames import DepthMap, LeftOff, SourceInfo
from streamdepth.rendering.shots import LastShown, Scenes
from streamdepth.resuming.conditions import differences, of_spec
from streamdepth.run.run import Run
from streamdepth.run.scenes import SceneList, scenes_in
from streamdepth.run.spec import AmountSpec, InputSpec, OutputSpec, PictureSpec, RunSpec, StreamSpec
from streamdepth.sources import open_source
from streamdepth.times import time_text

COUNT, CUT = 12, 7
EXCERPT = SourceInfo(64, 48, Fraction(25), live=False, read_timeout=1.0, begins=Fraction(2))


class Steps:
    """A network whose depth grows from picture to picture, so that a range that begins anew is seen."""

    name, sha256, runtime_name, precision = "steps", "ab", "none", "fp32"

    def __init__(self):
        self.count = itertools.count(1)
        self.lanes = (self,)

    def warm_up(self, width, height):
        pass

    def estimate_picture(self, picture):
        ramp = np.tile(np.linspace(0, 1, 32, dtype=np.float32), (24, 1))
        return DepthMap(ramp * next(self.count))

    estimate = estimate_picture


@pytest.fixture
def film(tmp_path):
    """Two scenes."""
    dark, bright = (np.full((48, 64, 3), level, np.uint8) for level in (20, 200))
    return write_film(tmp_path / "film.mp4", [dark] * CUT + [bright] * (COUNT - CUT))


def rendered(film, name="out.mp4", start=None, **picture):
    """The bytes of the film in which depth is drawn, with the range that follows the scene."""
    output = film.with_name(name)
    look = PictureSpec(layout="depth", stabilise=False, scenes=film.with_name("cuts.txt"))
    spec = RunSpec(
        InputSpec(input=str(film)),
        amount=AmountSpec(start=start),
        output=OutputSpec(output=output),
        picture=replace(look, **picture),
    )
    Run(spec, engines=lambda *_: Steps()).execute()
    return output.read_bytes()


def times(film):
    source = open_source(film)
    found = [frame.pts for frame in iter(source.read, None)]
    source.close()
    return found


@pytest.mark.parametrize("range", [None, "global"])
def test_cuts_are_found_once_and_the_second_run_takes_them_to_the_same_film(film, range):
    without = rendered(film, "without.mp4", scenes=None, range=range)
    first = rendered(film, range=range)
    assert scenes_in(film.with_name("cuts.txt")).cuts == (Fraction(time_text(times(film)[CUT])[5:]),)
    before = film.with_name("cuts.txt").read_bytes()
    assert rendered(film, range=range) == first == without
    assert film.with_name("cuts.txt").read_bytes() == before


def test_what_stands_in_the_file_holds_instead_of_what_is_seen(film):
    cuts, found = film.with_name("cuts.txt"), rendered(film, "without.mp4", scenes=None)
    cuts.write_text("# none at all\n")
    assert rendered(film, "none.mp4") != found
    cuts.write_text(f"  {float(times(film)[CUT] - Fraction(1, 100))} # a little before it\n")
    assert rendered(film, "typed.mp4") == found


def test_cuts_of_an_excerpt_are_at_the_times_of_the_film(film):
    cuts, start = film.with_name("cuts.txt"), times(film)[3]
    first = rendered(film, start=start)
    assert scenes_in(cuts).cuts == (times(film)[CUT],)
    assert rendered(film, start=start) == first
    cuts.write_text("# none at all\n")
    assert rendered(film, start=start) != first


def test_a_line_that_is_no_time_is_told_with_its_number(film):
    film.with_name("cuts.txt").write_text("# fine\n1:02.5\nsoon\n")
    with pytest.raises(SourceError, match=r"line 3 of .*cuts\.txt is not a time: soon \(write one per line"):
        rendered(film)


def test_what_is_watched_has_no_list_of_cuts(film):
    spec = RunSpec(
        InputSpec(input=str(film)),
        StreamSpec(live=True),
        picture=PictureSpec(scenes=film.with_name("cuts.txt")),
    )
    with pytest.raises(UsageError, match="--scenes is for films that are rendered to files"):
        Run(spec)


def test_a_film_that_goes_on_knows_what_was_found_before(tmp_path):
    path = tmp_path / "cuts.txt"
    (killed,) = SceneList(path).sinks(None, EXCERPT)
    for seconds in (1, 3, 9):
        killed.scenes.found(Fraction(seconds))
    killed.close(complete=False)
    assert [one.name for one in tmp_path.iterdir()] == ["cuts.part.txt"]
    (again,) = SceneList(path).sinks(LeftOff(99, Fraction(2), 0, 100, Fraction(0)), EXCERPT)
    for seconds in (3, 10):
        again.scenes.found(Fraction(seconds))
    again.close()
    assert scenes_in(path).cuts == (1, 3, 10)
    assert [one.name for one in tmp_path.iterdir()] == ["cuts.txt"]


def test_another_list_is_another_film(tmp_path):
    path = tmp_path / "cuts.txt"
    spec = RunSpec(picture=PictureSpec(scenes=path))
    found = of_spec(spec)
    path.write_text("1\n")
    (told,) = differences(found, of_spec(spec))
    assert told.startswith("--scenes was found in the film and is ")
    assert of_spec(RunSpec())["--scenes"] == "None"


@pytest.mark.parametrize("pts", [Fraction(0), Fraction(1001, 30000), Fraction(3723, 1) + Fraction(1, 3)])
def test_the_time_of_a_frame_as_text_means_that_frame(pts):
    text = time_text(pts)
    hours, minutes, seconds = text.split(":")
    cut = Fraction(seconds) + 60 * int(minutes) + 3600 * int(hours)
    none = np.zeros((1, 1), np.uint8)
    before, at = (LastShown(none, pts - delta) for delta in (Fraction(1, 120), Fraction(0)))
    assert Scenes((cut,)).lies_between(before, at)
    after = LastShown(none, pts + Fraction(1, 120))
    assert not Scenes((cut,)).lies_between(at, after)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_list_of_an_editor_that_marks_its_text_is_read(tmp_path, encoding):
    cuts = tmp_path / "cuts.txt"
    cuts.write_text("0:00:00.5\n", encoding=encoding)
    assert scenes_in(cuts).cuts == (Fraction(1, 2),)


@pytest.mark.parametrize(("where", "what"), [("", "is a folder"), ("none/cuts.txt", "there is no folder")])
def test_a_place_that_takes_no_list_is_refused_before_the_film_is_rendered(film, where, what):
    output, scenes = film.with_name("out.mp4"), film.parent / where
    spec = RunSpec(
        InputSpec(input=str(film)), output=OutputSpec(output=output), picture=PictureSpec(scenes=scenes)
    )
    with pytest.raises(SinkError, match=what):
        Run(spec)
