"""One run from the words, with its progress as JSON lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from films import greys, write_film

from streamdepth.cli.app import _exit_status

NANO = ["--model", "nano", "--size", "32", "--engine", "onnxruntime", "--precision", "fp32"]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_film(Path("a.mp4"), greys(range(0, 60, 10)))


def events(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict[str, object]]]:
    status = _exit_status([*words, *NANO, "--progress", "json"])
    return status, [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_a_run_alone_is_file_1_of_1(capfd: pytest.CaptureFixture[str]) -> None:
    status, told = events(capfd, "a.mp4", "--output", "x.mp4")
    assert status == 0
    assert [event["event"] for event in told] == ["begin", "frames", "end", "total"]
    assert told[0] == {"event": "begin", "file": 1, "files": 1, "input": "a.mp4", "outputs": ["x.mp4"]}
    assert (told[1]["total"], told[2]["state"], told[2]["frames"]) == (6, "done", 6)


def test_a_run_that_fails_says_why_on_its_last_lines(capfd: pytest.CaptureFixture[str]) -> None:
    Path("a.mp4").write_bytes(b"damaged")
    status, told = events(capfd, "a.mp4", "--output", "x.mp4")
    assert status == 1
    assert [event["event"] for event in told] == ["begin", "end", "total"]
    assert told[1]["state"] == "failed"
    assert str(told[1]["reason"]).startswith("a.mp4 is not a video")
