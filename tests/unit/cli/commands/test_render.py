"""One run from the words, with its progress as JSON lines."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from films import greys, write_film

from streamdepth.cli.app import _exit_status
from streamdepth.errors import SourceError
from streamdepth.frames import Frame
from streamdepth.sources.video.source import VideoSource

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


def test_a_run_that_fails_in_the_middle_says_where_its_part_is(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read, count = VideoSource.read, iter(range(100))

    def breaks(source: VideoSource) -> Frame | None:
        if next(count) == 4:
            raise SourceError("a.mp4 is gone", "bring it back")
        return read(source)

    monkeypatch.setattr(VideoSource, "read", breaks)
    assert _exit_status(["a.mp4", "--output", "x.mp4", *NANO]) == 1
    told = [line for line in capfd.readouterr().err.splitlines() if "frames/s" not in line]
    assert told == [
        "streamdepth: stopped early; what was done is in x.part.mp4",
        "streamdepth: error: a.mp4 is gone (bring it back)",
    ]
    assert Path("x.part.mp4").is_file()


def test_a_plain_render_loads_nothing_that_it_does_not_use() -> None:
    """Each of these costs a run that renders one film 5 to 100 ms before its first picture, or megabytes."""
    words = ["a.mp4", "--output", "x.mp4", *NANO[:4], "--engine", "openvino", "--precision", "fp32"]
    probe = f"import sys\nfrom streamdepth.cli.app import _exit_status\nassert _exit_status({words}) == 0\n"
    probe += f"assert 'openvino' in sys.modules\nprint(*sorted(set(sys.modules) & set({NOT_USED})))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


NOT_USED = [
    "numpy.ma",
    "onnx",
    "onnxruntime",
    "openvino.tools.ovc",
    "ssl",
    "streamdepth.batch.on_this_machine",
    "streamdepth.batch.outcome",
    "streamdepth.cli.progress_lines",
    "streamdepth.depthfiles.formats",
    "streamdepth.engine.int8.build",
    "streamdepth.models.networks.build",
    "streamdepth.models.weights.download",
    "streamdepth.proof.movie_facts",
    "streamdepth.viewers",
    "torch",
    "urllib.request",
    "webbrowser",
]
