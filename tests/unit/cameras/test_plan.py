from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import depths
import pytest

from streamdepth.batch.spec import BatchSpec
from streamdepth.cameras.plan import plan_group
from streamdepth.cameras.spec import CameraOptions
from streamdepth.errors import UsageError
from streamdepth.run.outputs.depth_files import depth_options
from streamdepth.run.outputs.web_spec import WebSpec
from streamdepth.run.outputs.zone_events import camera_name
from streamdepth.run.sessions.spec import SessionSpec
from streamdepth.run.spec import (
    AmountSpec,
    InputSpec,
    NetworkSpec,
    OutputSpec,
    PictureSpec,
    RunSpec,
    StreamSpec,
)
from streamdepth.run.surroundings import Surroundings

SHOWN = RunSpec(output=OutputSpec(webrtc=True))
TWO = ("front=rtsp://a/1", "rtsp://b/1")
TO_ROS = RunSpec(output=OutputSpec(depth_output=Path("{name}.mcap")))


def planned(common=SHOWN, inputs=TWO, tables=None, **options):
    cameras = CameraOptions(**options)
    return plan_group(common, BatchSpec(tuple(inputs)), cameras, tables or {}, Surroundings())


def test_each_has_its_input_its_name_and_what_holds_for_all():
    group = planned(replace(SHOWN, amount=AmountSpec(max_fps=Fraction(5))), camera=("yard=0",))
    assert [camera.name for camera in group.cameras] == ["yard", "front", "camera-3"]
    assert [camera.run.input for camera in group.cameras] == [
        InputSpec(camera="0", called="yard"),
        InputSpec(input="rtsp://a/1", called="front"),
        InputSpec(input="rtsp://b/1", called="camera-3"),
    ]
    assert all(camera.run.amount.max_fps == 5 and camera.run.stream.live for camera in group.cameras)


def test_outputs_and_addresses_bear_the_names(tmp_path):
    output = OutputSpec(output=tmp_path, depth_output=tmp_path / "{name}.mcap", publish=("rtsp://s/{name}",))
    group = planned(RunSpec(output=output))
    assert [camera.run.output.output for camera in group.cameras] == [
        tmp_path / "front.mp4",
        tmp_path / "camera-2.mp4",
    ]
    assert group.cameras[0].run.output.depth_output == tmp_path / "front.mcap"
    assert group.cameras[1].run.output.publish == ("rtsp://s/camera-2",)


def test_messages_of_depth_bear_the_name_and_a_file_of_one_range_is_refused_before_anything_begins(tmp_path):
    def depth_into(name):
        return planned(RunSpec(output=OutputSpec(depth_output=tmp_path / name)))

    run = depth_into("{name}.mcap").cameras[0].run
    assert depth_options(run, lambda _: None, depths.info(), lambda: None, lambda: False).camera == "front"
    with pytest.raises(UsageError, match=r"front\.mkv has one range, which of a live input is never known"):
        depth_into("{name}.mkv")


def test_each_has_a_session_of_its_own(tmp_path):
    group = planned(RunSpec(session=SessionSpec(record=tmp_path / "{name}-night")))
    assert [camera.run.session.record for camera in group.cameras] == [
        tmp_path / "front-night.mkv",
        tmp_path / "camera-2-night.mkv",
    ]
    with pytest.raises(UsageError, match="front and camera-2 have the same session"):
        planned(RunSpec(session=SessionSpec(record=tmp_path / "s.mkv")))
    with pytest.raises(UsageError, match="--replay is for one input"):
        planned(replace(SHOWN, session=SessionSpec(replay=True)))


def test_a_table_says_otherwise_for_its_camera():
    table = replace(SHOWN, input=InputSpec(input="rtsp://c/1"), picture=PictureSpec(colormap="turbo"))
    group = planned(tables={"side": table})
    assert [camera.run.picture.colormap for camera in group.cameras] == ["inferno", "inferno", "turbo"]


def test_what_is_wrong_with_a_camera_of_a_file_is_said_with_its_place():
    table = replace(SHOWN, input=InputSpec(input="rtsp://c/1"), picture=PictureSpec(colormap="turbu"))
    with pytest.raises(UsageError, match=r"^\[side\] in house\.toml: there is no colormap 'turbu' \(choose"):
        planned(tables={"side": table}, cameras=Path("house.toml"))


def test_a_camera_of_a_file_takes_the_place_of_no_other():
    table = replace(SHOWN, input=InputSpec(input="rtsp://c/1"))
    with pytest.raises(UsageError, match=r"two cameras are called front, one of them in house\.toml"):
        planned(tables={"front": table}, cameras=Path("house.toml"))


def test_a_service_is_there_where_one_camera_wants_it():
    table = replace(SHOWN, input=InputSpec(input="rtsp://c/1"))
    common = RunSpec(output=OutputSpec(publish=("rtsp://s/{name}",)))
    assert planned(common, tables={"side": table}).common.serves_web
    assert not planned(common).common.serves_web


@pytest.mark.parametrize(
    ("common", "inputs", "said"),
    [
        (SHOWN, ["a=rtsp://a/1", "a=rtsp://b/1"], "two cameras are called a"),
        (SHOWN, ["yard=rtsp://a/1", "Yard=rtsp://b/1"], r"same name but for capitals \(give each a name"),
        (SHOWN, ["a=street.mp4", "b=rtsp://b/1"], "add --live to play it like one"),
        (RunSpec(), TWO, "add --webrtc"),
        (RunSpec(output=OutputSpec(window=True)), TWO, "--window is for one input"),
        (RunSpec(output=OutputSpec(publish=("rtsp://s/x",))), TWO, "the same address to publish to"),
        (RunSpec(output=OutputSpec(output=Path("one.mp4"))), TWO, "the same output"),
        (replace(SHOWN, input=InputSpec(metres=Path("m.toml"))), TWO, "in that camera's table"),
        (replace(SHOWN, input=InputSpec(zones=Path("z.toml"))), TWO, "--zones is of one camera"),
        (SHOWN, ["a=browser", "b=browser"], r"the same input \(browser\) \(leave one out\)"),
        (TO_ROS, ["a-b=rtsp://a/1", "a_b=rtsp://b/1"], r"the same topics in ROS \(give one another name\)"),
    ],
)
def test_what_cannot_be_is_one_sentence_with_its_cure(common, inputs, said):
    with pytest.raises(UsageError, match=said):
        planned(common, inputs)


def test_events_bear_the_name_of_their_camera():
    group = planned(replace(SHOWN, output=OutputSpec(webrtc=True, events=("-",))), TWO)
    assert [camera_name(camera.run.input) for camera in group.cameras] == [one.name for one in group.cameras]


def test_the_network_is_one_for_all():
    table = replace(SHOWN, input=InputSpec(input="rtsp://c/1"), network=NetworkSpec(model="nano"))
    with pytest.raises(UsageError, match="all cameras share one"):
        planned(tables={"side": table})


def test_events_go_to_files_of_their_own(tmp_path):
    door = '[[zone]]\nname = "door"\npolygon = [[0, 0], [0.5, 0], [0.5, 0.5]]\nnear = { relative = 0.5 }\n'

    def watched(name, events):
        zones = tmp_path / f"{name}.toml"
        zones.write_text(door)
        return RunSpec(InputSpec(input=f"rtsp://{name}/1", zones=zones), output=OutputSpec(events=events))

    with pytest.raises(UsageError, match="the same file of events"):
        planned(inputs=(), tables={name: watched(name, ("e.jsonl",)) for name in "ab"})
    group = planned(inputs=(), tables={name: watched(name, ("-", "{name}.jsonl")) for name in "ab"})
    assert group.cameras[1].run.output.events == ("-", "b.jsonl")


def test_a_word_that_there_is_not_is_refused_before_any_camera_begins():
    with pytest.raises(UsageError, match="nosuch"):
        planned(
            inputs=(),
            tables={
                "front": replace(
                    SHOWN, input=InputSpec(input="rtsp://a/1"), picture=PictureSpec(colormap="nosuch")
                )
            },
        )


@pytest.mark.parametrize("what", ["zones", "metres"])
def test_what_the_page_of_a_camera_writes_is_of_one_camera(what, tmp_path):
    file = {what: tmp_path / "kept"}
    tables = {name: replace(SHOWN, input=InputSpec(input=f"rtsp://{name}/1", **file)) for name in "ab"}
    with pytest.raises(UsageError, match="a and b have the same file of"):
        planned(inputs=(), tables=tables)


def test_files_may_be_played_like_cameras_and_the_page_is_opened_once(tmp_path):
    film = tmp_path / "street.mp4"
    film.touch()
    common = replace(SHOWN, stream=StreamSpec(live=True), web=WebSpec(open=True))
    group = planned(common, [f"a={film}", "b=demo"])
    assert [camera.run.web.open for camera in group.cameras] == [False, False]
    assert group.common.web.open


def test_none_at_all_is_only_right_where_clients_may_add_some():
    with pytest.raises(UsageError, match="no camera was named"):
        planned(inputs=())
    assert planned(inputs=(), allow_camera_changes=True).may_change
