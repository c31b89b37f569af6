"""A film in pieces, by workers of this process: the same packets and numbers as by one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from executors import Here
from films import content
from squares import COUNT, EVERY, Flickering, film_of_squares

from streamdepth.cluster.run import ClusterRun
from streamdepth.depthfiles.open import open_depth
from streamdepth.errors import SinkError, UsageError
from streamdepth.files import Taken
from streamdepth.reporting.events import FrameWritten, Said
from streamdepth.run.run import Run
from streamdepth.run.spec import AmountSpec, DepthFileSpec, InputSpec, OutputSpec, PictureSpec, RunSpec
from streamdepth.run.surroundings import Surroundings

pytestmark = pytest.mark.usefixtures("near_borders")


def numbers(path: Path) -> list[tuple[Fraction | None, bytes]]:
    return [(one.pts, one.values.tobytes()) for one in open_depth(path)]


def spec_of(made: Path, folder: Path, film: str | None, maps: str | None = None, **parts: Any) -> RunSpec:
    outputs = OutputSpec(output=film and folder / film, depth_output=maps and folder / maps)
    return RunSpec(InputSpec(input=str(made)), output=outputs, **parts)


def on_cluster(
    spec: RunSpec, begin: Callable[..., Any] = lambda *_: Here(), observe: Any = lambda _: None
) -> Any:
    spec = replace(spec, output=replace(spec.output, cluster="local"))
    run = ClusterRun(spec, begin, observe=observe, engines=lambda *_: Flickering())
    return run, run.execute()


KINDS: dict[str, tuple[str | None, str | None, dict[str, Any]]] = {
    "a film and its depth in one range": (
        "film.mkv",
        "film-depth.npy",
        {"picture": PictureSpec(range="global")},
    ),
    "a part of it": ("film.mp4", None, {"amount": AmountSpec(start=Fraction(1), frames=40)}),
    "raw depth alone": (None, "film-depth", {"depth": DepthFileSpec(depth_raw=True, depth_format="npz")}),
    "as much as two pieces": ("film.mp4", None, {"amount": AmountSpec(frames=2 * EVERY)}),
    "less than a piece": ("film.mp4", None, {"amount": AmountSpec(duration=Fraction(1))}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_it_comes_to_the_same_as_in_one_run(made: Path, tmp_path: Path, kind: str) -> None:
    film, maps, parts = KINDS[kind]
    one, many = tmp_path / "one", tmp_path / "many"
    one.mkdir()
    many.mkdir()
    Run(spec_of(made, one, film, maps, **parts), engines=lambda *_: Flickering()).execute()
    on_cluster(spec_of(made, many, film, maps, **parts))
    if film is not None:
        assert content(many / film) == content(one / film)
    if maps is not None:
        assert numbers(many / maps) == numbers(one / maps)
    assert sorted(path.name for path in many.iterdir()) == sorted(path.name for path in one.iterdir())


def test_the_report_counts_what_workers_drew(made: Path, tmp_path: Path) -> None:
    run, stats = on_cluster(spec_of(made, tmp_path, "film.mp4"))
    report = run.report()
    drawn = report["drawn_by_workers"]
    assert drawn == 4 * EVERY
    assert {name: report["frames"][name] for name in ("captured", "inferred", "rendered", "written")} == {
        "captured": COUNT,
        "inferred": COUNT,
        "rendered": COUNT,
        "written": COUNT,
    }
    assert stats.written == COUNT
    assert report["seconds"] >= round(stats.seconds, 3)


def test_timestamps_with_gaps_are_those_of_one_run(tmp_path: Path) -> None:
    made = film_of_squares(tmp_path / "source.mp4", uneven=True, sound=False)
    Run(spec_of(made, tmp_path, "one.mp4"), engines=lambda *_: Flickering()).execute()
    on_cluster(spec_of(made, tmp_path, "many.mp4"))
    assert content(tmp_path / "many.mp4") == content(tmp_path / "one.mp4")


class Stops(Here):
    """Ends the run in the middle of the third pass, as Ctrl-C does."""

    def __init__(self, run: ClusterRun) -> None:
        self._run = run

    def run(self, tasks: Any, done: Any, must_stop: Any) -> None:
        def counted(task: Any, answer: Any) -> None:
            done(task, answer)
            if task.name == "segment 2":
                self._run.stop()

        super().run(tasks, counted, must_stop)


def test_each_picture_is_inferred_once_and_what_is_done_is_never_done_again(
    made: Path, tmp_path: Path, near_borders: list[Flickering]
) -> None:
    spec = spec_of(made, tmp_path, "film.mp4")

    said: list[str] = []
    made_of = replace(spec, output=replace(spec.output, cluster="local"))
    run = ClusterRun(
        made_of,
        lambda *_: Stops(run),
        observe=lambda event: said.append(event.line) if isinstance(event, Said) else None,
        engines=lambda *_: Flickering(),
    )
    run.execute()
    assert "the same command continues" in said[-1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mp4.cluster"]
    seen = near_borders[0].seen
    _, stats = on_cluster(spec)
    assert (near_borders[0].seen, seen) == (COUNT, COUNT)
    assert stats.written == COUNT
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mp4"]


def test_a_list_of_cuts_that_was_found_is_no_reason_to_begin_anew(
    made: Path, tmp_path: Path, near_borders: list[Flickering]
) -> None:
    spec = spec_of(made, tmp_path, "film.mp4", picture=PictureSpec(scenes=tmp_path / "cuts.txt"))
    spec = replace(spec, output=replace(spec.output, cluster="local"))
    run = ClusterRun(spec, lambda *_: Stops(run), engines=lambda *_: Flickering())
    run.execute()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cuts.txt", "film.mp4.cluster"]
    on_cluster(spec)
    assert near_borders[0].seen == COUNT
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cuts.txt", "film.mp4"]


def test_a_second_run_of_a_name_leaves_the_folder_of_the_first(made: Path, tmp_path: Path) -> None:
    spec = spec_of(made, tmp_path, "film.mp4")
    other = replace(spec, output=replace(spec.output, resume=False))
    tried: list[int] = []

    class Beside(Here):
        """Begins the same film once more while it is worked on."""

        def run(self, tasks: Any, done: Any, must_stop: Any) -> None:
            with pytest.raises(Taken):
                on_cluster(other)
            tried.append(len(tasks))
            super().run(tasks, done, must_stop)

    on_cluster(spec, lambda *_: Beside())
    assert tried
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


@pytest.mark.parametrize("resume", [True, None, "any"])
def test_what_a_run_without_a_cluster_left_is_not_lost(
    resume: Any, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamdepth.resuming.resumable_output.WORTH_ASKING", 0.0)
    spec = spec_of(made, tmp_path, "film.mp4")

    def stop(event: Any) -> None:
        if isinstance(event, FrameWritten) and event.count == 3 * EVERY:
            run.stop()

    run = Run(spec, observe=stop, engines=lambda *_: Flickering())
    run.execute()
    left = sorted(path.name for path in tmp_path.iterdir())
    assert "film.part.mp4" in left
    again = replace(spec, output=replace(spec.output, resume=resume))
    with pytest.raises(SinkError, match=r"holds \d+ pictures .*\(without --cluster, --resume continues it"):
        on_cluster(again)
    assert sorted(path.name for path in tmp_path.iterdir()) == left
    on_cluster(replace(spec, output=replace(spec.output, resume=False)))
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_what_cannot_be_divided_is_refused_before_anything_is_made(made: Path, tmp_path: Path) -> None:
    thinned = spec_of(made, tmp_path, "film.mp4", amount=AmountSpec(max_fps=Fraction(3)))
    with pytest.raises(UsageError, match="--max-fps cannot be divided"):
        on_cluster(thinned)
    still = spec_of(tmp_path / "still.png", tmp_path, "film.mp4")
    cv2.imwrite(str(tmp_path / "still.png"), np.zeros((48, 64, 3), np.uint8))
    with pytest.raises(UsageError, match="--cluster is for films in MP4"):
        on_cluster(still)
    assert [path.name for path in tmp_path.iterdir()] == ["still.png"]


def test_what_is_complete_needs_no_workers_and_no_network(made: Path, tmp_path: Path) -> None:
    spec = spec_of(made, tmp_path, "film.mp4", "film.npy")
    spec = replace(spec, output=replace(spec.output, cluster="local", resume=True))
    around = Surroundings(cache_dir=tmp_path / "cache")
    ClusterRun(spec, lambda *_: Here(), around, engines=lambda *_: Flickering()).execute()
    said: list[Any] = []

    def nobody(*_: Any) -> Any:
        pytest.fail("somebody is asked to work")

    again = ClusterRun(spec, nobody, around, said.append, engines=nobody)
    assert again.execute().written == 0
    assert again.report()["complete_already"] is True
    assert sum("are complete already" in event.line for event in said if isinstance(event, Said)) == 1
    alone = Run(replace(spec, output=replace(spec.output, cluster=None)), around, engines=nobody)
    assert alone.execute().written == 0
    other = replace(spec, picture=PictureSpec(layout="depth"))
    with pytest.raises(SinkError, match="complete, but made with other settings: --layout"):
        ClusterRun(other, nobody, around, engines=nobody).execute()


def test_pieces_of_a_later_run_are_gone_on_with_though_the_film_before_is_complete(
    made: Path, tmp_path: Path, near_borders: list[Flickering]
) -> None:
    around = Surroundings(cache_dir=tmp_path / "cache")
    before = spec_of(made, tmp_path, "film.mp4")
    Run(before, around, engines=lambda *_: Flickering()).execute()
    wanted = replace(before, picture=PictureSpec(layout="depth"))
    wanted = replace(wanted, output=replace(wanted.output, cluster="local", resume=True))
    begun = replace(wanted, output=replace(wanted.output, resume=None))
    run = ClusterRun(begun, lambda *_: Stops(run), around, engines=lambda *_: Flickering())
    run.execute()
    again = ClusterRun(wanted, lambda *_: Here(), around, engines=lambda *_: Flickering())
    assert again.execute().written == COUNT
    assert near_borders[0].seen == COUNT
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "film.mp4"]
