"""What is typed for options before it is converted: homes, parts of a whole, and switches that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from cyclopts import CoercionError

from streamdepth.cli.app import app
from streamdepth.cli.cameras_file import read_cameras
from streamdepth.errors import UsageError
from streamdepth.run.spec import RunSpec


def parsed(*words):
    _, bound, _ = app.parse_args([*words])
    return bound.arguments


def said_in(tmp_path, text, *words):
    path = tmp_path / "options.toml"
    path.write_text(text)
    return parsed(*words, "--config", str(path))


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path


def test_a_path_may_begin_at_home_where_no_shell_expands_it(home):
    assert parsed("--output=~/depth.mp4")["output"].output == home / "depth.mp4"
    assert said_in(home, 'jobs = "~/jobs"\ntokens = "~"', "serve")["options"].jobs == home / "jobs"
    assert said_in(home, 'model = ["nano", "~/own.onnx"]', "serve")["options"].model == (
        "nano",
        f"{home}/own.onnx",
    )


def test_so_may_that_of_one_camera_among_several(home):
    path = home / "house.toml"
    path.write_text('[front]\ninput = "rtsp://cam/1"\noutput = "~/front.mkv"')
    assert read_cameras(path, RunSpec())["front"].output.output == home / "front.mkv"


def test_no_other_word_is_changed(home):
    assert parsed("--output=~nobody-is-called-so.mp4")["output"].output == Path("~nobody-is-called-so.mp4")
    assert parsed("--output=day~/~x.mp4")["output"].output == Path("day~/~x.mp4")
    assert parsed("--token=~/secret")["web"].token == "~/secret"


@pytest.mark.parametrize("words", [("--frames", "2.5"), ("serve", "--port=80.5")])
def test_a_part_is_no_whole_number(words):
    with pytest.raises(CoercionError):
        parsed(*words)


def test_a_whole_number_may_have_its_point_and_others_keep_their_parts(tmp_path):
    assert parsed("--frames", "30.0")["amount"].frames == 30
    options = said_in(tmp_path, "rate = 2.5\ncache-time = 0.5", "serve")["options"]
    assert (options.rate, options.cache_time) == (2.5, 0.5)
    with pytest.raises(CoercionError):
        said_in(tmp_path, "cache_size = 64.9", "serve")


@pytest.mark.parametrize("text", ["jobs = true", "cache_size = true", "[serve]\njobs-store = false"])
def test_what_is_no_switch_is_neither_true_nor_false(tmp_path, text):
    with pytest.raises(UsageError, match="is no switch"):
        said_in(tmp_path, text, "serve")


def test_a_switch_is_and_so_is_what_may_stay_without_a_value(tmp_path):
    assert said_in(tmp_path, "insecure = true", "serve")["options"].insecure is True
    assert said_in(tmp_path, "resume = true\nhud = false")["output"].resume is True
