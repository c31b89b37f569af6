from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from streamdepth.cameras.plan import camera_of
from streamdepth.cli.cameras_file import read_cameras
from streamdepth.errors import UsageError
from streamdepth.run.spec import AmountSpec, InputSpec, OutputSpec, PictureSpec, RunSpec

COMMON = RunSpec(
    output=OutputSpec(webrtc=True),
    picture=PictureSpec(colormap="magma", alpha=0.4),
    amount=AmountSpec(max_fps=Fraction(15)),
)


def read(tmp_path, text):
    path = tmp_path / "cameras.toml"
    path.write_text(text)
    return read_cameras(path, COMMON)


def test_a_table_says_otherwise_for_one_camera_and_the_rest_is_as_for_all(tmp_path):
    cameras = read(
        tmp_path,
        """
        [front]
        input = "rtsp://me:pw@host/1"
        colormap = "inferno"
        max-fps = 7.5
        invert = true
        output = "rec/{name}.mkv"
        segment = 600
        publish = ["rtsp://s/a", "rtsp://s/b"]
        metres = "front.toml"

        [yard]
        camera = 0
        stabilise = false
        camera_size = "640x480"
        """,
    )
    front, yard = cameras["front"], cameras["yard"]
    assert front.input == InputSpec(input="rtsp://me:pw@host/1", metres=Path("front.toml"))
    assert front.picture == PictureSpec(colormap="inferno", alpha=0.4, invert=True)
    assert front.amount.max_fps == Fraction(15, 2)
    assert front.output.publish == ("rtsp://s/a", "rtsp://s/b")
    assert (front.output.output, front.output.segment) == (Path("rec/{name}.mkv"), 600)
    assert front.output.webrtc
    assert yard.input == InputSpec(camera="0", camera_size=(640, 480))
    assert yard.picture == PictureSpec(colormap="magma", alpha=0.4, stabilise=False)
    assert yard.amount == COMMON.amount


def test_a_folder_of_depth_with_the_name_of_its_camera_gets_it_no_second_time(tmp_path):
    text = """
        [tall]
        camera = 0
        depth-output = "maps/tall"
        output = "films/tall"
        [wide]
        camera = 1
        depth-output = "maps"
        """
    cameras = read(tmp_path, text)
    planned = {
        name: camera_of(name, run, number).run.output for number, (name, run) in enumerate(cameras.items(), 1)
    }
    assert planned["tall"].depth_output == Path("maps/tall")
    assert planned["tall"].output == Path("films/tall/tall.mp4")
    assert planned["wide"].depth_output == Path("maps/wide")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no table of a camera"),
        ("x = 1", "x in .* is not a table .* what is for all on the command line"),
        ("[a]\ninput = 'rtsp://h/1'\nno-such = 1", "no-such"),
        ("[a]\ninput = 'rtsp://me:secret@h/1'\nmax-fps = 'fast'", "max-fps"),
        ("[a]\ninput = 'rtsp://h/1'\ncamera = 0", "no camera, or two"),
        ("[a]\nlayout = 'depth'", "no camera, or two"),
        ("[a]\ninput = ''", "no camera, or two"),
        ("[a]\ninput = []", "no camera, or two"),
        ("[a]\nurl = 'rtsp://h/1'", "url"),
        ("[a]\nInput = 'rtsp://h/1'", "Input"),
        ("[a.b]\ninput = 'rtsp://h/1'", "b in .* is neither a value nor a list"),
        (
            '[a]\ninput = "rtsp://h/1"\nzones = "C:\\cams\\z.toml"',
            r"in which names with \\ are in single quotes",
        ),
        ("[a]\ninput = 'rtsp://h/1'\nmax-fps = 5\nmax_fps = 7", "max_fps in .* is written in two ways"),
        (
            "[a]\ninput = 'rtsp://h/1'\nport = 8081",
            "port in .* among others .say it on the command line, for all",
        ),
        (
            "[a]\ninput = 'rtsp://h/1'\nmax_viewers = 3",
            "max-viewers in .* among others .say it on the command line",
        ),
        (
            "[a]\ninput = 'rtsp://h/1'\nmetrics = ':9100'",
            "metrics in .* among others .say it on the command line",
        ),
        ("[a]\ninput = 'rtsp://h/1'\nreplay = true", "replay in .* among others .leave it out"),
        ("[a]\ninput = 'rtsp://h/1'\nreport = 'r.json'", "report in .* is not an option of one camera"),
        ("[a]\ninput = {x = 1}", "neither a value nor a list"),
        ("['a b']\ninput = 'rtsp://h/1'", "cannot be the name of a camera"),
        ("[a", "cannot read"),
    ],
)
def test_what_is_wrong_is_said_with_where_it_stands(tmp_path, text, said):
    with pytest.raises(UsageError, match=said) as error:
        read(tmp_path, text)
    assert "secret" not in str(error.value)


def test_a_file_may_begin_as_editors_of_windows_begin_it(tmp_path):
    assert list(read(tmp_path, "\ufeff[a]\ninput = 'rtsp://h/1'")) == ["a"]


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        read_cameras(tmp_path / "none.toml", COMMON)
