"""What is planned for several inputs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from films import greys, served, write_film

from streamdepth.batch.plan import plan_batch
from streamdepth.batch.spec import BatchSpec
from streamdepth.errors import SourceMissing, UsageError
from streamdepth.run.outputs.web_spec import WebSpec
from streamdepth.run.spec import InputSpec, OutputSpec, PictureSpec, RunSpec, StreamSpec
from streamdepth.run.surroundings import Surroundings

OUT = RunSpec(output=OutputSpec(output=Path("out")))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("clips/day").mkdir(parents=True)
    for film in ("clips/a.mp4", "clips/day/a.mp4"):
        write_film(Path(film), greys([1, 2]))


def planned(spec: RunSpec, *inputs: str, **wanted):
    return plan_batch(spec, BatchSpec(inputs, **wanted), Surroundings())


def test_a_plan_is_a_run_for_each_input_and_writes_nothing() -> None:
    plan = planned(OUT, "clips", "demo", "clips/a.mp4", recursive=True)
    assert [(planned.name, *map(str, planned.outputs)) for planned in plan.runs] == [
        ("clips/a.mp4", "out/a.mp4"),
        ("clips/day/a.mp4", "out/day/a.mp4"),
        ("demo", "out/demo.mp4"),
    ]
    assert [(left.name, left.reason) for left in plan.left_out] == [
        ("clips/a.mp4", "it is clips/a.mp4, which is rendered already")
    ]
    assert not Path("out").exists()
    assert hash(plan)


def test_what_lies_where_the_outputs_go_is_left_out() -> None:
    spec = RunSpec(output=OutputSpec(output=Path("clips/day")))
    plan = planned(spec, "clips", recursive=True)
    assert [planned.name for planned in plan.runs] == ["clips/a.mp4"]
    assert [left.reason for left in plan.left_out] == ["it lies in clips/day, where the outputs go"]


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        (RunSpec(), "several inputs need a place for their outputs"),
        (RunSpec(output=OutputSpec(webrtc=True)), "--webrtc is for one input"),
        (RunSpec(output=OutputSpec(publish=("rtsp://x/y",))), "--publish is for one input"),
        (RunSpec(output=OutputSpec(window=True)), "--window is for one input"),
        (RunSpec(output=OutputSpec(segment=3.0)), "--segment is for one input"),
        (RunSpec(InputSpec(switch_to=("demo",))), "--switch-to is for one input"),
        (RunSpec(web=WebSpec(open=True)), "--open is for one input"),
        (
            RunSpec(output=OUT.output, picture=PictureSpec(interpolate=True)),
            "--interpolate is for live pictures",
        ),
        (RunSpec(stream=StreamSpec(live=True), output=OUT.output), "leave --live out"),
        (RunSpec(output=OUT.output, picture=PictureSpec(alpha=2.0)), "0 to 1"),
        (RunSpec(output=OUT.output, picture=PictureSpec(layout="sideways")), "side-by-side"),
    ],
)
def test_what_goes_with_one_input_only_is_refused_before_anything_is_done(spec: RunSpec, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        planned(spec, "clips", "demo")


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        (("rtsp://a/1", "rtsp://me:pw@b/2"), "several live inputs cannot be taken together yet"),
        (("clips", "rtsp://me:pw@b/2"), r"rtsp://\*\*\*@b/2 is live and clips/a.mp4 is not.*--live"),
        (("rtsp://a/1",), "rtsp://a/1 is live, and an input without an end cannot be planned"),
        (("browser", "demo"), "browser is live and demo is not"),
    ],
)
def test_live_inputs_are_not_for_a_batch(inputs: tuple[str, ...], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        planned(OUT, *inputs)


def test_a_film_at_an_address_is_looked_at_and_one_that_is_not_there_is_told() -> None:
    with served(Path("clips")) as address:
        plan = planned(OUT, f"{address}/a.mp4", f"{address}/b.mp4")
    assert [tuple(map(str, planned.outputs)) for planned in plan.runs] == [("out/a.mp4",)]
    assert [(left.name, left.is_failure) for left in plan.left_out] == [(f"{address}/b.mp4", True)]


def test_with_stop_nothing_is_begun_where_an_input_is_missing() -> None:
    with pytest.raises(SourceMissing, match=r"nope.mp4 cannot be used, so nothing is started"):
        planned(OUT, "clips", "nope.mp4", on_error="stop")


@pytest.mark.parametrize(
    "report", ["clips/a.mp4", "out/a.mp4", "out/a.mp4.manifest.json", "maps/a.json", "run.toml"]
)
def test_a_report_of_all_that_would_replace_a_file_of_one_is_refused(report: str) -> None:
    output = OutputSpec(
        output=Path("out"), depth_output=Path("maps/{name}.mkv"), manifest=True, report=Path(report)
    )
    surroundings = Surroundings(config=Path("run.toml"))
    with pytest.raises(UsageError, match=r"--report.*\(give --report another place\)"):
        plan_batch(RunSpec(output=output), BatchSpec(("clips", "demo")), surroundings)
    apart = replace(output, report=Path("all.json"))
    assert plan_batch(RunSpec(output=apart), BatchSpec(("clips", "demo")), surroundings).report == Path(
        "all.json"
    )
