"""From a spec to an open source, and what is known of it before its first picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from streamdepth.errors import SourceMissing, UsageError
from streamdepth.frames import SourceInfo
from streamdepth.pipeline import Limits
from streamdepth.protocols import Source
from streamdepth.reporting.events import MuchMemory, Said, ignore
from streamdepth.run.inputs import frames_to_come, is_without_depth, limits_of, much_memory, open_input
from streamdepth.run.spec import AmountSpec, InputSpec, OutputSpec, RunSpec, StreamSpec
from streamdepth.sources.demo.source import DemoScene
from streamdepth.sources.live.switching import SwitchingSource
from streamdepth.sources.replay.paced import HeldPicture, PacedSource
from streamdepth.sources.replay.player import Player

DEMO = InputSpec(input="demo", camera_size=(64, 48), camera_fps=Fraction(10))
TO_FILE = OutputSpec(output=Path("a.mp4"))
TO_PAGE = OutputSpec(webrtc=True)
FILM = SourceInfo(64, 48, Fraction(25), live=False, read_timeout=1.0, frame_count=100)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((48, 64, 3), 80 * number, np.uint8))
    return tmp_path


@contextmanager
def opened(spec: RunSpec) -> Iterator[Source]:
    source = open_input(spec, ignore)
    try:
        yield source
    finally:
        source.close()


def test_the_demo_in_a_file_has_every_frame_of_ten_seconds_or_of_what_is_named() -> None:
    spec = RunSpec(DEMO, output=TO_FILE)
    with opened(spec) as source:
        assert isinstance(source, DemoScene)
        assert (source.info.live, source.info.frame_count) == (False, 100)
        assert (source.info.width, source.info.height, source.info.rate) == (64, 48, 10)
    with opened(replace(spec, amount=AmountSpec(duration=Fraction(3, 2)))) as source:
        assert source.info.frame_count == 15


def test_the_demo_for_who_watches_is_live_and_has_no_end_of_its_own() -> None:
    amount = AmountSpec(duration=Fraction(3))
    for spec in (RunSpec(DEMO, amount=amount), RunSpec(DEMO, StreamSpec(live=True), TO_FILE, amount=amount)):
        with opened(spec) as source:
            assert (source.info.live, source.info.frame_count) == (True, None)


def test_a_picture_is_held_for_who_watches_and_comes_once_in_a_file(pictures: Path) -> None:
    picture = InputSpec(input=str(pictures / "1.png"))
    with opened(RunSpec(picture)) as source:
        assert isinstance(source, HeldPicture)
    with opened(RunSpec(picture, output=TO_FILE)) as source:
        assert not source.info.live
        assert source.read() is not None
        assert source.read() is None


@pytest.mark.parametrize(
    ("output", "frames", "kind"),
    [
        (OutputSpec(output=Path("a.png")), 1, "image"),
        (OutputSpec(depth_output=Path("a.exr")), 1, "image"),
        (OutputSpec(output=Path("a.jpg"), depth_output=Path("maps")), 1, "image"),
        (OutputSpec(output=Path("a.png")), 2, "demo"),
        (OutputSpec(output=Path("a.mp4"), depth_output=Path("a.exr")), 1, "demo"),
        (OutputSpec(depth_output=Path("a.npz")), 1, "demo"),
        (OutputSpec(depth_output=Path("maps")), 1, "demo"),
    ],
)
def test_one_frame_for_a_file_of_one_picture_is_a_picture(output: OutputSpec, frames: int, kind: str) -> None:
    amount = AmountSpec(start=Fraction(1), frames=frames)
    with opened(RunSpec(DEMO, amount=amount, output=output)) as source:
        assert source.info.kind == kind
        assert source.read() is not None
        if kind == "image":
            assert (source.info.frame_count, source.info.rate) == (1, None)
            assert source.read() is None


def test_pictures_of_a_folder_come_one_and_all_in_a_file_and_at_their_rate_live(
    pictures: Path,
) -> None:
    folder = InputSpec(input=str(pictures), input_fps=Fraction(20))
    with opened(RunSpec(folder, output=TO_FILE)) as source:
        assert (source.info.live, source.info.rate, source.info.frame_count) == (False, 20, 3)
        frames = list(iter(source.read, None))
    assert [frame.name for frame in frames] == ["0.png", "1.png", "2.png"]
    assert [frame.pts for frame in frames] == [0, Fraction(1, 20), Fraction(1, 10)]
    spec = RunSpec(folder, output=replace(TO_PAGE, publish=("rtsp://host/a",)))
    with opened(spec) as source:
        assert isinstance(source, PacedSource)
        assert source.info.live


def test_who_sits_before_the_window_may_move_in_a_recording(pictures: Path) -> None:
    folder = InputSpec(input=str(pictures), input_fps=Fraction(20))
    with opened(RunSpec(folder)) as source:
        assert isinstance(source, Player)
        assert source.info.live
    with opened(RunSpec(folder, amount=AmountSpec(frames=2))) as source:
        assert isinstance(source, PacedSource)


def test_a_recording_begins_again_for_viewers_of_the_page_alone(pictures: Path) -> None:
    folder = InputSpec(input=str(pictures), input_fps=Fraction(20))
    with opened(RunSpec(folder, output=TO_PAGE)) as source:
        assert isinstance(source, SwitchingSource)
        assert source.names == (pictures.name,)
    with opened(RunSpec(folder, output=TO_PAGE, amount=AmountSpec(frames=2))) as source:
        assert isinstance(source, PacedSource)
    with opened(RunSpec(DEMO, output=TO_PAGE)) as source:
        assert isinstance(source, DemoScene)


def test_viewers_choose_among_the_inputs_in_the_order_of_their_names(pictures: Path) -> None:
    wanted = replace(DEMO, switch_to=(str(pictures / "0.png"), str(pictures / "2.png")))
    with opened(RunSpec(wanted, output=TO_PAGE)) as source:
        assert isinstance(source, SwitchingSource)
        assert source.names == ("demo", "0.png", "2.png")
        assert (source.choice.shown, source.choice.coming) == (0, None)


def test_an_input_that_is_to_be_chosen_later_is_refused_now_where_it_is_not_there(pictures: Path) -> None:
    wanted = replace(DEMO, switch_to=(str(pictures / "0.png"), str(pictures / "no.png")))
    with pytest.raises(SourceMissing, match=r"no\.png"):
        open_input(RunSpec(wanted, output=TO_PAGE), ignore)


def test_inputs_are_not_chosen_where_every_frame_of_one_is_rendered() -> None:
    wanted = replace(DEMO, switch_to=("demo",))
    with pytest.raises(UsageError, match=r"--switch-to is for live pictures.*add --live"):
        open_input(RunSpec(wanted, output=replace(TO_PAGE, output=Path("a.mp4"))), ignore)


def test_a_size_that_takes_too_much_memory_is_refused_before_anything_is_opened() -> None:
    with pytest.raises(UsageError, match=r"64x48 .*--max-pixels"):
        open_input(RunSpec(replace(DEMO, max_pixels=1000)), ignore)


@pytest.mark.parametrize(
    ("info", "amount", "frames"),
    [
        (FILM, AmountSpec(), 100),
        (FILM, AmountSpec(frames=7), 7),
        (FILM, AmountSpec(frames=700), 100),
        (FILM, AmountSpec(duration=Fraction(1, 2)), 12),
        (FILM, AmountSpec(duration=Fraction(60)), 100),
        (FILM, AmountSpec(duration=Fraction(2), frames=51), 50),
        (replace(FILM, frame_count=None), AmountSpec(), None),
        (replace(FILM, frame_count=None), AmountSpec(duration=Fraction(2)), 50),
        (replace(FILM, frame_count=None, rate=None), AmountSpec(duration=Fraction(2)), None),
        (replace(FILM, frame_count=None, rate=None), AmountSpec(duration=Fraction(2), frames=3), 3),
    ],
)
def test_what_ends_first_says_how_many_frames_are_to_come(
    info: SourceInfo, amount: AmountSpec, frames: int | None
) -> None:
    assert frames_to_come(info, amount) == frames


def test_the_pipeline_takes_as_much_as_the_spec_says() -> None:
    amount = AmountSpec(max_fps=Fraction(5), duration=Fraction(9), frames=7)
    assert limits_of(amount) == Limits(max_fps=Fraction(5), duration=Fraction(9), frames=7)
    assert limits_of(AmountSpec()) == Limits()


def test_memory_is_told_where_it_is_a_gigabyte_and_more() -> None:
    large = replace(FILM, width=7680, height=4320)
    assert much_memory(large, 10**10, to_film=True) == MuchMemory((7680, 4320), 110 * 7680 * 4320, 10**10)
    assert much_memory(large, None, to_film=True) is not None
    assert much_memory(large, 10**10, to_film=False) is None
    assert much_memory(replace(FILM, width=1920, height=1080), 10**10, to_film=True) is None
    assert much_memory(replace(large, kind="image"), 10**10, to_film=True) is None


@pytest.mark.parametrize(
    ("wanted", "is_sure"),
    [
        (InputSpec(camera="0"), True),
        (InputSpec(input="demo"), True),
        (InputSpec(input="browser"), True),
        (InputSpec(input="rtsp://127.0.0.1/1"), True),
        (InputSpec(input="film.mkv"), False),
        (InputSpec(input="pictures/"), False),
    ],
)
def test_before_it_is_open_it_is_sure_that_a_camera_or_the_demo_brings_no_depth_and_a_file_may(
    wanted: InputSpec, is_sure: bool
) -> None:
    assert is_without_depth(RunSpec(wanted)) is is_sure


@pytest.mark.parametrize(
    ("address", "called", "output", "is_told"),
    [
        ("http://127.0.0.1/download?id=7", "camera-1", TO_FILE, True),
        ("http://127.0.0.1/download?id=7", "camera-1", TO_PAGE, False),
        ("http://127.0.0.1/download?id=7", None, replace(TO_FILE, webrtc=True), False),
        ("film.mp4", "film", TO_FILE, False),
    ],
)
def test_a_film_whose_address_hides_that_is_told_where_it_is_recorded_among_cameras(
    monkeypatch: pytest.MonkeyPatch, address: str, called: str | None, output: OutputSpec, is_told: bool
) -> None:
    scene = DemoScene(64, 48, duration=1)
    monkeypatch.setattr("streamdepth.sources.open_source", lambda *_: scene)
    told: list[str] = []
    wanted = InputSpec(input=address, called=called)
    spec = RunSpec(wanted, stream=StreamSpec(live=True), output=output)
    open_input(spec, lambda event: told.append(event.line) if isinstance(event, Said) else None).close()
    assert [line for line in told if "a film" in line] == told
    assert bool(told) is is_told


def test_a_camera_whose_address_says_nothing_is_not_called_a_film(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = DemoScene(64, 48, live=True)
    monkeypatch.setattr("streamdepth.sources.open_source", lambda *_: scene)
    told: list[object] = []
    wanted = InputSpec(input="http://127.0.0.1/live", called="yard")
    open_input(RunSpec(wanted, stream=StreamSpec(live=True), output=TO_FILE), told.append).close()
    assert told == []
