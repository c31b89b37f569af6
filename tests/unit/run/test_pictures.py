"""From a spec to what is drawn: the same estimate, as different specs show it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from estimates import HEIGHT, WIDTH, estimate

from streamdepth.errors import UsageError
from streamdepth.frames import SourceInfo
from streamdepth.pipeline import RunStats
from streamdepth.pipeline.stills import Reuse
from streamdepth.rendering import DepthRange, Look
from streamdepth.run.pictures import figures_ahead, horizon_of, look_of, renderer_of, reuse_of, words_of
from streamdepth.run.spec import InputSpec, OutputSpec, PictureSpec, RunSpec

INPUT = InputSpec(input="a")
TO_FILE = OutputSpec(output=Path("a.mp4"))
VIDEO = SourceInfo(WIDTH, HEIGHT, Fraction(25), live=True, read_timeout=1.0)
FOLDER = SourceInfo(WIDTH, HEIGHT, None, live=False, read_timeout=1.0, kind="image", frame_count=9)
SEQUENCE = SourceInfo(WIDTH, HEIGHT, Fraction(25), live=False, read_timeout=1.0, kind="image", frame_count=9)


def spec_of(picture: PictureSpec, output: OutputSpec = TO_FILE) -> RunSpec:
    return RunSpec(INPUT, output=output, picture=picture)


def renderer(picture: PictureSpec, output: OutputSpec = TO_FILE, info: SourceInfo = VIDEO):
    spec = spec_of(picture, output)
    return renderer_of(spec, look_of(spec), info, RunStats())


def drawn(picture: PictureSpec, output: OutputSpec = TO_FILE) -> np.ndarray:
    return renderer(picture, output)(estimate()).picture.bgr


def test_the_look_is_what_the_spec_says() -> None:
    picture = PictureSpec("depth", "turbo", 0.25, invert=True, cut_beyond=0.5, refine=True, legend=True)
    assert look_of(spec_of(picture)) == Look("depth", "turbo", 0.25, True, True, 0.5, True)


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (PictureSpec(layout="beside"), "beside"),
        (PictureSpec(colormap="mud"), "mud"),
        (PictureSpec(alpha=1.5), r"alpha 1\.5 is out of range"),
        (PictureSpec(cut_beyond=0.0), "cut-beyond 0 is out of range"),
    ],
)
def test_a_look_that_there_is_not_is_refused(picture: PictureSpec, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        look_of(spec_of(picture))


def test_a_range_that_is_named_is_held_from_the_first_picture_on() -> None:
    held = renderer(PictureSpec(range=(-1.0, 3.0)))
    assert held.range_is_locked
    held(estimate())
    assert held.span == DepthRange(-1.0, 3.0)
    assert not renderer(PictureSpec()).range_is_locked


def test_depth_is_steadied_in_time_and_not_between_pictures_of_a_folder() -> None:
    assert renderer(PictureSpec()).stabilises
    assert renderer(PictureSpec(), info=SEQUENCE).stabilises
    assert not renderer(PictureSpec(), info=FOLDER).stabilises
    assert not renderer(PictureSpec(stabilise=False)).stabilises


def test_each_picture_of_a_folder_has_a_range_of_its_own() -> None:
    ramp = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (32, 1))
    spans = {}
    for info in (FOLDER, VIDEO):
        shows = renderer(PictureSpec(), info=info)
        for values in (ramp, ramp * 10):
            shows(estimate(values))
        spans[info] = shows.span
    alone = renderer(PictureSpec(), info=FOLDER)
    alone(estimate(ramp * 10))
    assert spans[FOLDER] == alone.span
    assert spans[VIDEO].high < alone.span.high


def test_legend_and_figures_are_drawn_where_they_are_asked_for_and_the_window_is_not_alone() -> None:
    plain, window = drawn(PictureSpec()), OutputSpec(window=True)
    for words in (PictureSpec(legend=True), PictureSpec(hud=True)):
        assert not np.array_equal(drawn(words), plain)
        assert np.array_equal(drawn(words, window), plain)
    assert np.array_equal(drawn(PictureSpec(legend=False, hud=False)), plain)


@pytest.mark.parametrize(
    ("legend", "hud", "corner", "edge"),
    [(None, None, True, True), (False, None, True, False), (None, False, False, True)],
)
def test_the_window_alone_has_the_words_beside_the_picture_unless_they_are_left_out(
    legend: bool | None, hud: bool | None, corner: bool, edge: bool
) -> None:
    spec = spec_of(PictureSpec(legend=legend, hud=hud), OutputSpec())
    stats = RunStats()
    shows = renderer_of(spec, look_of(spec), VIDEO, stats)
    words = words_of(spec, VIDEO, shows, stats)
    assert words is not None
    shows(estimate())
    image = np.full((HEIGHT, WIDTH, 3), 100, np.uint8)
    words.draw(image, 11)
    assert bool((image[:20, :40] != 100).any()) is corner
    assert bool((image[60:, :] != 100).any()) is edge


def test_beside_another_output_a_window_has_no_words_of_its_own() -> None:
    spec = spec_of(PictureSpec(legend=True, hud=True), OutputSpec(window=True, webrtc=True))
    assert words_of(spec, VIDEO, renderer(spec.picture, spec.output), RunStats()) is None


@pytest.mark.parametrize(
    ("info", "told"), [(VIDEO, 1), (replace(VIDEO, live=False), 0)], ids=["live", "film"]
)
def test_how_old_the_picture_is_is_told_of_what_is_live_alone(
    info: SourceInfo, told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = []
    monkeypatch.setattr(
        "streamdepth.rendering.renderer.draw_hud", lambda _image, said, _size: lines.extend(said)
    )
    renderer(PictureSpec(hud=True), info=info)(estimate())
    assert lines[0].count(" ms") == told
    assert lines[0].endswith("0 dropped")


def test_figures_tell_the_pictures_too_where_they_are_more_than_the_depth_maps() -> None:
    hud = drawn(PictureSpec(hud=True))
    more = drawn(PictureSpec(hud=True, interpolate=True))
    assert not np.array_equal(hud, more)


def test_depth_out_of_a_file_is_steady_already_and_has_no_picture_to_be_laid_over() -> None:
    made = renderer(PictureSpec(), info=replace(VIDEO, depth={}, shows_depth=True))
    assert made.look.layout == "depth"
    assert not made.stabilises
    assert (
        renderer(
            PictureSpec(layout="side-by-side"), info=replace(VIDEO, depth={}, shows_depth=True)
        ).look.layout
        == "side-by-side"
    )


def test_the_same_picture_is_inferred_once_and_with_the_option_what_hardly_differs_too():
    assert reuse_of(PictureSpec()) is Reuse.SAME
    assert reuse_of(PictureSpec(skip_still=True)) is Reuse.STILL


@pytest.mark.parametrize(
    ("info", "wanted", "pictures", "seconds"),
    [
        (replace(VIDEO, live=False), 1.0, 25, 1.0),
        (replace(VIDEO, live=False, rate=Fraction(30000, 1001)), 1.0, 30, 1.0),
        (replace(VIDEO, live=False, rate=None), 0.5, 13, 0.5),
        (replace(VIDEO, live=False, width=3840, height=2160), 1.0, 3, 0.12),
        (replace(VIDEO, live=False, width=640, height=480, rate=Fraction(1000)), 1.0, 50, 0.05),
        (replace(VIDEO, live=False), 0.0, 0, 0.0),
        (VIDEO, 1.0, 0, 0.0),
        (FOLDER, 1.0, 0, 0.0),
        (SEQUENCE, 1.0, 25, 1.0),
        (replace(VIDEO, live=False, width=2000, height=2000, depth={}, map_size=(2000, 2000)), 1.0, 2, 0.08),
        (replace(VIDEO, live=False, width=1000, height=1000, depth={}, map_size=(256, 256)), 1.0, 25, 1.0),
    ],
)
def test_a_second_of_a_film_is_looked_ahead_or_what_fits(info, wanted, pictures, seconds) -> None:
    spec = spec_of(PictureSpec(look_ahead=wanted))
    assert horizon_of(spec, info).pictures == pictures
    assert figures_ahead(spec, info) == ({} if info.live else {"look_ahead_seconds": seconds})
