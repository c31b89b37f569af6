"""Films that go on where a run was killed, stopped or out of room, and are then as if nothing had been.

A snapshot of the folder is what `kill -9` would leave at that moment: nothing of these files is in memory alone that a
later run needs.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from films import served
from hdr_films import SAID, film_in_hdr10, said_by
from squares import COUNT, EVERY, Flickering, film_of_squares

from streamdepth.depthfiles.open import open_depth
from streamdepth.errors import SinkError, UsageError
from streamdepth.files import Taken
from streamdepth.proof.manifest import read_manifest
from streamdepth.reporting.events import FrameWritten, RunBegan, Said
from streamdepth.resuming import room
from streamdepth.resuming.journal import read_journal
from streamdepth.resuming.resumable_output import BegunOtherwise, ResumableOutput
from streamdepth.run.run import Run
from streamdepth.run.spec import (
    AmountSpec,
    DepthFileSpec,
    EncodingSpec,
    InputSpec,
    NetworkSpec,
    OutputSpec,
    PictureSpec,
    RunSpec,
)
from streamdepth.run.surroundings import Surroundings
from streamdepth.sinks.depth import spooled

NOTES = ("film.mp4.part.journal", "film.mp4.part.state", "film.part.mp4")


@pytest.fixture(autouse=True)
def near_borders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ResumableOutput, "every", EVERY)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_of_squares(tmp_path_factory.mktemp("made") / "source.mp4")


@pytest.fixture
def source(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy2(made, tmp_path))


def spec_of(source: Path | str, output: Path, **parts: Any) -> RunSpec:
    return RunSpec(InputSpec(input=str(source)), output=OutputSpec(output=output), **parts)


def with_resume(spec: RunSpec, resume: bool | str | None) -> RunSpec:
    return replace(spec, output=replace(spec.output, resume=resume))


def rendered(spec: RunSpec, observe: Callable[[Any], None] = lambda _event: None) -> list[str]:
    """What a run says; with its figures in the end."""
    said: list[str] = []

    def hear(event: Any) -> None:
        if isinstance(event, Said):
            said.append(event.line)
        observe(event)

    Run(spec, observe=hear, engines=lambda *_: Flickering()).execute()
    return said


def snapshots(spec: RunSpec, places: range) -> Iterator[tuple[int, Path]]:
    """The unbroken film, and what there was of it beside its name after so many pictures, in folders of their own."""
    output = spec.output.output
    taken = {}

    def look(event: Any) -> None:
        if isinstance(event, FrameWritten) and event.count in places:
            folder = output.parent / f"after {event.count}"
            folder.mkdir(exist_ok=True)
            for path in output.parent.glob("film*"):
                shutil.copy2(path, folder)
            taken[event.count] = folder

    rendered(spec, look)
    yield from taken.items()


def content(path: Path) -> list[tuple[Any, ...]]:
    """Every packet of every track: when it is shown and decoded, and its bytes."""
    with av.open(str(path)) as container:
        packets = [p for p in container.demux() if p.size]
        return sorted((p.stream_index, p.pts, p.dts or 0, p.duration, bytes(p)) for p in packets)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("suffix", "moments", "borders"),
    [(".mp4", range(9, COUNT, 12), {0, 16, 32, 48}), (".mkv", range(50, 51), {32})],
)
def test_a_killed_render_goes_on_to_the_same_film_from_any_moment(
    source: Path, tmp_path: Path, suffix: str, moments: range, borders: set[int]
) -> None:
    spec = spec_of(source, tmp_path / f"film{suffix}")
    went_on = set()
    for count, folder in snapshots(spec, moments):
        output = folder / f"film{suffix}"
        seen: list[Any] = []
        said, *_ = rendered(with_resume(spec_of(source, output), True), seen.append)
        assert content(output) == content(tmp_path / output.name), f"killed after {count}"
        assert names(folder) == [output.name]
        done = int(re.search(r"has (\d+)|nothing of", said)[1] or 0)
        assert done % EVERY == 0
        assert count - 3 * EVERY < done < count  # the encoder, and a fragment, hold some
        assert next(event for event in seen if isinstance(event, RunBegan)).frames == COUNT - done
        went_on.add(done)
    assert went_on == borders


KINDS = {
    "steadied raw": {"picture": PictureSpec(stabilise=False)},
    "thinned": {"amount": AmountSpec(max_fps=Fraction(3))},
    "limited": {"amount": AmountSpec(frames=50)},
    "short": {"amount": AmountSpec(duration=Fraction(9))},
    "excerpt": {"amount": AmountSpec(start=Fraction(1), end=Fraction(13))},
    "one range": {"picture": PictureSpec(range="global")},
}


@pytest.mark.parametrize("kind", [*KINDS, "uneven", "pictures"])
def test_so_does_one_of_another_kind(tmp_path: Path, kind: str) -> None:
    source = film_of_squares(tmp_path / "source.mp4", uneven=kind == "uneven", sound=False)
    parts = KINDS.get(kind, {})
    if kind == "pictures":
        with av.open(str(source)) as container:
            for index, frame in enumerate(container.decode(video=0)):
                cv2.imwrite(str(tmp_path / f"f{index:03d}.png"), frame.to_ndarray(format="bgr24"))
        source = tmp_path / "f%03d.png"
    spec = spec_of(source, tmp_path / "film.mp4", **parts)
    if kind == "pictures":
        spec = replace(spec, input=InputSpec(input=str(source), input_fps=Fraction(5)))
    (_, folder), *_ = snapshots(spec, range(40, 41))
    again = replace(spec, output=OutputSpec(output=folder / "film.mp4", resume=True))
    assert re.search(r"has (16|32) pictures of an earlier run", " ".join(rendered(again)))
    assert content(folder / "film.mp4") == content(tmp_path / "film.mp4")


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [(".mov", "h265"), (".webm", "av1"), (".mkv", "ffv1")],
)
def test_so_does_one_in_another_codec(tmp_path: Path, suffix: str, codec: str) -> None:
    source = film_of_squares(tmp_path / "source.mp4")
    spec = spec_of(source, tmp_path / f"film{suffix}", encoding=EncodingSpec(codec=codec))
    (_, folder), *_ = snapshots(spec, range(63, 64))
    again = replace(spec, output=OutputSpec(output=folder / f"film{suffix}", resume=True))
    assert re.search(r"has (16|32|48) pictures of an earlier run", rendered(again)[0])
    assert content(folder / f"film{suffix}") == content(tmp_path / f"film{suffix}")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_so_does_one_in_hdr10_which_says_of_its_light_what_its_source_says(
    tmp_path: Path, suffix: str
) -> None:
    source = film_in_hdr10(tmp_path / "source.mkv", COUNT)
    spec = spec_of(source, tmp_path / f"film{suffix}", encoding=EncodingSpec(codec="h265"))
    (_, folder), *_ = snapshots(spec, range(63, 64))
    again = replace(spec, output=OutputSpec(output=folder / f"film{suffix}", resume=True))
    assert re.search(r"has (16|32|48) pictures of an earlier run", rendered(again)[0])
    assert content(folder / f"film{suffix}") == content(tmp_path / f"film{suffix}")
    assert set(said_by(folder / f"film{suffix}")) == {SAID}


def test_what_was_done_is_not_inferred_again(killed: RunSpec) -> None:
    engine = Flickering()
    run = Run(with_resume(killed, True), engines=lambda *_: engine)
    run.execute()
    assert engine.seen == COUNT - 48
    report = run.report()
    assert (report["resumed_after"], report["frames"]["written"]) == (48, COUNT - 48)


@pytest.fixture(scope="module")
def killed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source, its film, and a folder with what a run left that was killed shortly before the end."""
    folder = tmp_path_factory.mktemp("films")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ResumableOutput, "every", EVERY)
        spec = spec_of(film_of_squares(folder / "source.mp4"), folder / "film.mp4")
        assert [count for count, _ in snapshots(spec, range(67, 68))] == [67]
    return folder


@pytest.fixture
def killed(killed_once: Path, tmp_path: Path) -> RunSpec:
    """What to run again after that."""
    shutil.copytree(killed_once, tmp_path, dirs_exist_ok=True)
    return spec_of(tmp_path / "source.mp4", tmp_path / "after 67" / "film.mp4")


def folder_of(spec: RunSpec) -> Path:
    return spec.output.output.parent


def as_if_it_took(spec: RunSpec, seconds: float) -> None:
    journal = folder_of(spec) / NOTES[0]
    journal.write_text(re.sub(r'"seconds":[\d.]+', f'"seconds":{seconds}', journal.read_text()))


def test_hours_of_work_are_not_overwritten_by_the_same_command(killed: RunSpec, tmp_path: Path) -> None:
    as_if_it_took(killed, 61)
    before = {name: (folder_of(killed) / name).read_bytes() for name in NOTES}
    with pytest.raises(SinkError, match=r"film\.part\.mp4 holds 64 pictures .*--resume .*--no-resume"):
        rendered(killed)
    assert {name: (folder_of(killed) / name).read_bytes() for name in NOTES} == before
    looked_through = replace(killed, picture=PictureSpec(range="global"))
    with pytest.raises(SinkError, match="--no-resume"):
        Run(looked_through, engines=lambda *_: pytest.fail("inferred before it was refused")).execute()
    rendered(with_resume(killed, True))
    assert content(folder_of(killed) / "film.mp4") == content(tmp_path / "film.mp4")


def test_seconds_of_work_are_and_so_are_hours_where_that_is_said(killed: RunSpec, tmp_path: Path) -> None:
    assert rendered(killed) == []
    assert names(folder_of(killed)) == ["film.mp4"]
    assert content(folder_of(killed) / "film.mp4") == content(tmp_path / "film.mp4")


def test_beginning_anew_leaves_nothing_of_before(killed: RunSpec, tmp_path: Path) -> None:
    as_if_it_took(killed, 4000)
    assert rendered(with_resume(killed, False)) == []
    assert names(folder_of(killed)) == ["film.mp4"]


def test_what_differs_is_told_by_name_and_nothing_is_lost(killed: RunSpec, tmp_path: Path) -> None:
    other = replace(with_resume(killed, True), picture=PictureSpec(colormap="turbo", layout="depth"))
    refusal = (
        r"was started with other settings: --layout was overlay and is depth; --colormap was inferno and is turbo "
        r"\(--resume any .*--no-resume"
    )
    with pytest.raises(SinkError, match=refusal):
        rendered(other)
    assert set(NOTES) <= set(names(folder_of(killed)))
    said = rendered(with_resume(other, "any"))
    assert "--colormap was inferno and is turbo" in said[1]
    with av.open(str(folder_of(killed) / "film.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == COUNT


def test_pictures_of_another_size_cannot_go_on_whatever_is_said(killed: RunSpec, tmp_path: Path) -> None:
    wide = replace(with_resume(killed, "any"), picture=PictureSpec(layout="side-by-side"))
    with pytest.raises(SinkError, match="this film was made with another encoder"):
        rendered(wide)
    rendered(with_resume(killed, True))
    assert content(folder_of(killed) / "film.mp4") == content(tmp_path / "film.mp4")


def test_another_input_is_refused(killed: RunSpec, tmp_path: Path) -> None:
    film_of_squares(tmp_path / "source.mp4", uneven=True)
    with pytest.raises(SinkError, match=r"the (size|time of change) of the input was"):
        rendered(with_resume(killed, True))


def test_a_part_that_lost_its_end_goes_on_from_an_earlier_border(killed: RunSpec, tmp_path: Path) -> None:
    part = folder_of(killed) / NOTES[2]
    data = part.read_bytes()
    part.write_bytes(data[: int(len(data) * 0.7)])
    assert "has 32 pictures of an earlier run" in rendered(with_resume(killed, True))[0]
    assert content(folder_of(killed) / "film.mp4") == content(tmp_path / "film.mp4")


def test_it_may_be_killed_again_and_again(killed: RunSpec, tmp_path: Path) -> None:
    inner = folder_of(killed) / "inner"
    inner.mkdir()

    def look(event: Any) -> None:
        if isinstance(event, FrameWritten) and event.count == 2:
            for path in folder_of(killed).glob("film*"):
                shutil.copy2(path, inner)

    rendered(with_resume(killed, True), look)
    assert "film.part-2.mp4" in names(inner)
    output = inner / "film.mp4"
    assert (
        "has 48 pictures of an earlier run"
        in rendered(with_resume(spec_of(killed.input.input, output), True))[0]
    )
    assert content(output) == content(tmp_path / "film.mp4")
    assert names(inner) == ["film.mp4"]


def test_a_part_that_was_taken_away_is_not_said_to_be_kept(source: Path, tmp_path: Path) -> None:
    (folder := tmp_path / "out").mkdir()

    def take_away(event: Any) -> None:
        if isinstance(event, FrameWritten) and event.count == 40:
            shutil.rmtree(folder)

    run = Run(spec_of(source, folder / "film.mp4"), observe=take_away, engines=lambda *_: Flickering())
    with pytest.raises(SinkError, match="was removed while it was being written"):
        run.execute()
    assert run.kept_parts() == []


def test_a_run_that_was_asked_to_stop_goes_on_too(source: Path, tmp_path: Path) -> None:
    rendered(spec_of(source, tmp_path / "whole.mp4"))
    spec = spec_of(source, tmp_path / "film.mp4")

    def stop_in_the_middle(event: Any) -> None:
        if isinstance(event, FrameWritten) and event.count == 40:
            run.stop()

    run = Run(spec, observe=stop_in_the_middle, engines=lambda *_: Flickering())
    run.execute()
    assert run.kept_parts() == [tmp_path / NOTES[2]]
    assert run.can_be_resumed
    assert "has 32 pictures of an earlier run" in rendered(with_resume(spec, True))[0]
    assert content(tmp_path / "film.mp4") == content(tmp_path / "whole.mp4")


def test_a_second_run_of_the_name_is_refused_and_breaks_nothing(killed: RunSpec, tmp_path: Path) -> None:
    refused = []

    def try_the_same(event: Any) -> None:
        if isinstance(event, FrameWritten) and event.count in (2, 20):
            resume = event.count == 2 or None
            with pytest.raises(Taken, match="another run is writing"):
                rendered(with_resume(killed, resume))
            refused.append(resume)

    rendered(with_resume(killed, True), try_the_same)
    assert refused == [True, None]
    assert content(folder_of(killed) / "film.mp4") == content(tmp_path / "film.mp4")
    assert names(folder_of(killed)) == ["film.mp4"]


def test_who_is_asked_to_stop_at_a_border_does_not_wait_for_the_encoder(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered(spec_of(source, tmp_path / "whole.mp4"))
    spec = spec_of(source, tmp_path / "film.mp4")
    checks = []

    def check(resumable: ResumableOutput) -> None:
        checks.append(1)
        if len(checks) == 40:
            run.stop()
        resumable.patience.check()

    monkeypatch.setattr(ResumableOutput, "check", check)
    run = Run(spec, engines=lambda *_: Flickering())
    run.execute()
    assert len(checks) == 40
    assert run.kept_parts() == [tmp_path / NOTES[2]]
    monkeypatch.undo()
    monkeypatch.setattr(ResumableOutput, "every", EVERY)
    rendered(with_resume(spec, True))
    assert content(tmp_path / "film.mp4") == content(tmp_path / "whole.mp4")


def test_with_nothing_to_go_on_with_it_begins_and_says_so(source: Path, tmp_path: Path) -> None:
    (said,) = rendered(with_resume(spec_of(source, tmp_path / "film.mp4"), True))
    assert "nothing of film.mp4 can be resumed (a run saves its place every 250 pictures)" in said


def test_what_is_no_film_from_a_file_is_refused(source: Path, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    cv2.imwrite(str(picture), np.zeros((48, 64, 3), np.uint8))
    spec = RunSpec(InputSpec(input=str(picture)), output=OutputSpec(output=tmp_path / "a.png", resume=True))
    with pytest.raises(UsageError, match="--resume is for a film"):
        rendered(spec)
    assert rendered(with_resume(spec, False)) == []  # it always begins anew
    beside = replace(
        spec_of(source, tmp_path / "film.mp4").output, depth_output=tmp_path / "d.ply", resume=True
    )
    with pytest.raises(UsageError, match="--resume is for a film, or depth of one"):
        rendered(RunSpec(InputSpec(input=str(source)), output=beside))


def with_depth(source: Path, folder: Path, film: str | None, maps: str, **parts: Any) -> RunSpec:
    outputs = OutputSpec(output=folder / film if film else None, depth_output=folder / maps)
    return RunSpec(InputSpec(input=str(source)), output=outputs, **parts)


def numbers(path: Path) -> list[tuple[Fraction | None, bytes]]:
    return [(one.pts, one.values.tobytes()) for one in open_depth(path)]


def killed_with(spec: RunSpec, happens: Callable[[Any], bool], folder: Path) -> None:
    """A whole run of `spec`, with what there was of it in `folder` when something happened."""
    folder.mkdir()

    def look(event: Any) -> None:
        if happens(event):
            for path in spec.output.places[0].parent.glob("film*"):
                (shutil.copytree if path.is_dir() else shutil.copy2)(path, folder / path.name)

    rendered(spec, look)


FORMS = {
    "beside a film": ("film.mp4", "film-depth.mkv", {}),
    "alone": (None, "film-depth.npy", {}),
    "alone, raw, in files that hold what they hold": (
        None,
        "film-depth",
        {"depth": DepthFileSpec(depth_raw=True, depth_format="npz")},
    ),
    "each picture in its own range": (None, "film-depth", {"depth": DepthFileSpec(depth_range="frame")}),
    "of one range, looked through first": ("film.mp4", "film-depth.npy", KINDS["one range"]),
}


@pytest.mark.parametrize("form", FORMS)
def test_depth_goes_on_to_the_same_numbers(source: Path, tmp_path: Path, form: str) -> None:
    film, maps, parts = FORMS[form]
    spec, folder = with_depth(source, tmp_path, film, maps, **parts), tmp_path / "killed"
    killed_with(spec, lambda event: isinstance(event, FrameWritten) and event.count == 60, folder)
    spool = folder / f"{maps}.part.spool"
    spool.write_bytes(spool.read_bytes() + b"DMAP\x40\0\0\0torn")
    said = " ".join(rendered(with_resume(with_depth(source, folder, film, maps, **parts), True)))
    assert re.search("has (32|48) pictures of an earlier run", said)
    assert numbers(folder / maps) == numbers(tmp_path / maps)
    assert len(numbers(folder / maps)) == COUNT
    assert names(folder) == sorted(name for name in names(tmp_path) if name.startswith("film"))
    if film is not None:
        assert content(folder / film) == content(tmp_path / film)


def test_a_run_that_is_killed_while_it_writes_the_numbers_loses_neither_them_nor_the_film(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spooled, "_MANY", 2)
    spec, folder = with_depth(source, tmp_path, "film.mp4", "film-depth.npy"), tmp_path / "killed"
    killed_with(spec, lambda event: isinstance(event, Said) and "depth maps" in event.line, folder)
    engine = Flickering()
    again = with_resume(with_depth(source, folder, "film.mp4", "film-depth.npy"), True)
    Run(again, engines=lambda *_: engine).execute()
    assert engine.seen <= COUNT - 3 * EVERY
    assert numbers(folder / "film-depth.npy") == numbers(tmp_path / "film-depth.npy")
    assert content(folder / "film.mp4") == content(tmp_path / "film.mp4")
    assert names(folder) == ["film-depth.json", "film-depth.npy", "film.mp4"]


def test_depth_whose_maps_are_lost_is_refused_and_one_begun_without_is_told(
    source: Path, tmp_path: Path
) -> None:
    spec, folder = with_depth(source, tmp_path, "film.mp4", "film-depth.npy"), tmp_path / "killed"
    killed_with(spec, lambda event: isinstance(event, FrameWritten) and event.count == 69, folder)
    spool = folder / "film-depth.npy.part.spool"
    spool.write_bytes(spool.read_bytes()[:20_000])
    again = with_resume(with_depth(source, folder, "film.mp4", "film-depth.npy"), True)
    with pytest.raises(SinkError, match=r"film-depth\.npy\.part\.spool is damaged .*--no-resume"):
        rendered(again)
    alone = with_resume(spec_of(source, folder / "film.mp4"), True)
    with pytest.raises(SinkError, match=r"--depth-output was one of \.npy and is not there"):
        rendered(alone)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 20 MB that has room for a few kilobytes more, until `filler` goes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(disk)]
    if not sys.platform.startswith("linux") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a tmpfs can be mounted by root on Linux alone")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path, left: int) -> Path:
    filler = disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(disk).free - left))
    return filler


@pytest.mark.parametrize("left", [40_000, 90_000])
def test_a_full_disk_is_waited_for(
    source: Path, tmp_path: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    monkeypatch.setattr(room, "LOOK_EVERY", 0.2)
    rendered(spec_of(source, tmp_path / "film.mp4"))
    filler = fill(small_disk, left)

    def make_room(event: Any) -> None:
        if isinstance(event, Said) and "is full" in event.line:
            filler.unlink()

    said = rendered(spec_of(source, small_disk / "film.mp4"), make_room)
    assert [bool(re.search("is full|room again", line)) for line in said] == [True, True]
    assert content(small_disk / "film.mp4") == content(tmp_path / "film.mp4")
    assert names(small_disk) == ["film.mp4"]


def test_who_is_asked_to_stop_while_the_disk_is_full_leaves_what_plays(
    source: Path, tmp_path: Path, small_disk: Path
) -> None:
    rendered(spec_of(source, tmp_path / "film.mp4"))
    filler = fill(small_disk, 90_000)
    spec = spec_of(source, small_disk / "film.mp4")

    def stop(event: Any) -> None:
        if isinstance(event, Said) and "is full" in event.line:
            run.stop()

    run = Run(spec, observe=stop, engines=lambda *_: Flickering())
    run.execute()
    (part,) = run.kept_parts()
    with av.open(str(part)) as container:
        shown = sum(1 for _ in container.decode(video=0))
    assert shown > EVERY
    filler.unlink()
    rendered(with_resume(spec, True))
    assert content(small_disk / "film.mp4") == content(tmp_path / "film.mp4")


def test_the_journal_says_what_the_film_depends_on(killed: RunSpec) -> None:
    journal = read_journal(folder_of(killed) / NOTES[0])
    assert journal is not None
    assert {"the beginning of the input", "--layout", "FFmpeg", "the instruction set", "the network"} <= set(
        journal.conditions
    )
    assert dict(journal.chosen) == {"model": "flickering", "engine": "onnxruntime", "precision": "fp32"}
    assert [border.left_off.taken for border in journal.borders] == [16, 32, 48, 64]


OUTPUTS = {
    "a film": ("film.mp4", None),
    "depth in a file": (None, "depth.npz"),
    "depth in a folder": (None, "maps"),
    "both": ("film.mkv", "depth.mkv"),
}


@pytest.mark.parametrize("outputs", OUTPUTS)
def test_what_is_complete_is_neither_inferred_nor_touched(outputs: str, source: Path, tmp_path: Path) -> None:
    film, depth = (name and tmp_path / name for name in OUTPUTS[outputs])
    spec = RunSpec(InputSpec(input=str(source)), output=OutputSpec(output=film, depth_output=depth))
    around = Surroundings(cache_dir=tmp_path / "cache")
    Run(spec, around, engines=lambda *_: Flickering()).execute()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    for resume in (True, "any"):
        said: list[Any] = []
        again = with_resume(spec, resume)
        run = Run(again, around, said.append, engines=lambda *_: pytest.fail("a network is loaded"))
        assert run.execute().written == 0
        assert run.report()["complete_already"] is True
        lines = [event.line for event in said if isinstance(event, Said)]
        assert len(lines) == 1
        assert re.search(r"(is|are) complete already \(--no-resume renders it anew\)", lines[0])
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_what_came_from_an_address_is_rendered_anew_since_another_film_may_lie_there(
    tmp_path: Path,
) -> None:
    film_of_squares(tmp_path / "clip.mkv")
    around, film = Surroundings(cache_dir=tmp_path / "cache"), tmp_path / "depth.mkv"
    with served(tmp_path) as address:
        spec = with_resume(spec_of(f"{address}/clip.mkv", film), True)
        for _ in range(2):
            assert Run(spec, around, engines=lambda *_: Flickering()).execute().written == COUNT


@pytest.fixture
def complete(source: Path, tmp_path: Path) -> Callable[..., list[str]]:
    """A film that is complete, and what another run says of it."""
    around = Surroundings(cache_dir=tmp_path / "cache")

    def again(resume: bool | str | None = True, **parts: Any) -> list[str]:
        said: list[str] = []

        def hear(event: Any) -> None:
            if isinstance(event, Said):
                said.append(event.line)

        spec = with_resume(spec_of(source, tmp_path / "film.mp4", **parts), resume)
        Run(spec, around, hear, engines=lambda *_: Flickering()).execute()
        return said

    assert again(None) == []
    return again


def test_what_is_complete_of_other_settings_is_refused_by_name(complete: Callable[..., list[str]]) -> None:
    for picture in (PictureSpec(layout="depth"), PictureSpec(layout="depth", range="global")):
        with pytest.raises(
            BegunOtherwise, match=r"complete, but .* --layout was overlay and is depth.*--no-r"
        ):
            complete(picture=picture)
    with pytest.raises(BegunOtherwise, match="--precision was auto and is bf16"):
        complete(network=NetworkSpec(precision="bf16"))
    chosen = Flickering()
    assert "already (" in complete(network=NetworkSpec(precision=chosen.precision))[0]
    assert (
        "though made with other settings: --layout was"
        in complete("any", picture=PictureSpec(layout="depth"))[0]
    )
    assert complete(False, picture=PictureSpec(layout="depth")) == []
    assert "already (" in complete(picture=PictureSpec(layout="depth"))[0]


def test_an_option_that_an_earlier_release_did_not_know_was_as_it_is_by_default(
    complete: Callable[..., list[str]], tmp_path: Path
) -> None:
    (note,) = (tmp_path / "cache" / "finished").iterdir()
    told = json.loads(note.read_bytes())
    for option in ("--layout", "--precision"):
        del told["asked"][option]
    note.write_text(json.dumps(told))
    assert "already (" in complete()[0]
    with pytest.raises(BegunOtherwise, match="--layout was overlay and is depth"):
        complete(picture=PictureSpec(layout="depth"))


def test_so_is_what_is_complete_of_another_source(complete: Callable[..., list[str]], source: Path) -> None:
    film_of_squares(source, uneven=True)
    with pytest.raises(BegunOtherwise, match=r"complete, but .* the time of change of the input was"):
        complete()


def test_what_was_changed_or_taken_away_since_is_rendered(
    complete: Callable[..., list[str]], tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    whole = film.read_bytes()
    film.write_bytes(whole[:-1])
    assert "nothing of film.mp4 can be resumed (a run saves its place every 250 pictures)" in complete()[0]
    assert film.read_bytes() == whole
    film.unlink()
    assert "nothing of film.mp4 can be resumed (a run saves its place every 250 pictures)" in complete()[0]
    assert film.read_bytes() == whole


def test_cuts_that_were_found_on_the_way_are_those_of_the_complete_film(
    complete: Callable[..., list[str]], tmp_path: Path
) -> None:
    cuts = PictureSpec(scenes=tmp_path / "cuts.txt")
    complete(False, picture=cuts)
    assert "already (" in complete(picture=cuts)[0]
    (tmp_path / "cuts.txt").write_text("0:01.000\n")
    with pytest.raises(BegunOtherwise, match="--scenes was"):
        complete(picture=cuts)


def test_a_manifest_that_is_asked_for_later_is_made_of_the_complete_film(
    source: Path, tmp_path: Path, complete: Callable[..., list[str]]
) -> None:
    spec = spec_of(source, tmp_path / "film.mp4")
    wanted = replace(spec, output=replace(spec.output, resume=True, manifest=True))
    around, said = Surroundings(cache_dir=tmp_path / "cache"), []
    for _ in range(2):
        Run(wanted, around, said.append, engines=lambda *_: pytest.fail("a network is loaded")).execute()
    manifest = read_manifest(tmp_path / "film.mp4.manifest.json")
    assert (manifest.source.name, manifest.made_with["model"]) == ("source.mp4", "flickering")
    assert sum("says what is in" in event.line for event in said if isinstance(event, Said)) == 1


def test_what_is_left_of_a_later_run_goes_on_though_the_film_before_is_complete(
    source: Path, tmp_path: Path, complete: Callable[..., list[str]]
) -> None:
    def stop(event: Any) -> None:
        if isinstance(event, FrameWritten) and event.count == 40:
            run.stop()

    spec = spec_of(source, tmp_path / "film.mp4", picture=PictureSpec(layout="depth"))
    around = Surroundings(cache_dir=tmp_path / "cache")
    run = Run(spec, around, stop, engines=lambda *_: Flickering())
    run.execute()
    assert "has 32 pictures of an earlier run" in complete(picture=PictureSpec(layout="depth"))[0]
    assert "already (" in complete(picture=PictureSpec(layout="depth"))[0]
