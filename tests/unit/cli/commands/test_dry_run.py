"""`--dry-run`."""

from __future__ import annotations

import io
import os
import re
import sys
from pathlib import Path

import pytest
from films import greys, write_film

from streamdepth.cli.app import _exit_status

NANO = ["--model", "nano", "--size", "32", "--engine", "onnxruntime", "--precision", "fp32", "--dry-run"]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_film(Path("a.mp4"), greys(range(0, 60, 10)))


def test_it_tells_what_one_run_takes_and_writes_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert _exit_status(["a.mp4", "--output", "x.mkv", *NANO]) == 0
    first, second, last = capfd.readouterr().out.splitlines()
    assert first == "a.mp4 -> x.mkv"
    assert re.match(r"    64x48 at 25 frames/s, 6 frames: about \d+ s, ", second)
    assert re.match(r"all: 1 of 1 would be rendered, about \d+ s, ", last)
    assert " that are free, " in last
    assert last.endswith(" of memory")
    assert [path.name for path in Path().iterdir()] == ["a.mp4"]


@pytest.mark.parametrize(
    ("words", "fate"), [([], "replaced"), (["--resume"], "completed, or kept if it is whole")]
)
def test_it_tells_what_would_become_of_a_file_that_is_there(
    capfd: pytest.CaptureFixture[str], words: list[str], fate: str
) -> None:
    Path("x.mkv").write_bytes(b"mine")
    assert _exit_status(["a.mp4", "--output", "x.mkv", *words, *NANO]) == 0
    assert f"    x.mkv already exists and would be {fate}" in capfd.readouterr().out.splitlines()
    assert Path("x.mkv").read_bytes() == b"mine"


def test_a_name_that_is_no_text_is_told_as_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    strict = io.TextIOWrapper(io.BytesIO(), "utf-8", "strict", newline="\n")
    monkeypatch.setattr(sys, "stdout", strict)
    name = os.fsdecode(b"bad\xff\n.mp4")
    Path("a.mp4").rename(name)
    assert _exit_status([name, "--output", "x.mkv", *NANO]) == 0
    strict.seek(0)
    assert strict.readline() == "bad\\udcff\\n.mp4 -> x.mkv\n"


def test_what_would_fail_makes_its_exit_status_1(capfd: pytest.CaptureFixture[str]) -> None:
    Path("b.mp4").write_bytes(b"damaged")
    assert _exit_status(["a.mp4", "b.mp4", "c.mp4", "--output", "out", *NANO]) == 1
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].startswith("c.mp4: would fail: there is no file")
    assert lines[3].startswith("b.mp4: would fail: b.mp4 is not a video")
    assert lines[4].startswith("all: 1 of 3 would be rendered")


@pytest.mark.parametrize("words", [["--camera", "0"], ["--input", "demo"], ["rtsp://a/1", "-o", "x.mp4"]])
def test_it_is_for_files(words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert _exit_status([*words, *NANO]) == 2
    assert capfd.readouterr().err.startswith("streamdepth: error: ")
