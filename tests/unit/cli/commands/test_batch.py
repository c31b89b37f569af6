"""Several inputs, from the words to the exit status, in this process."""

from __future__ import annotations

import json
from pathlib import Path

import av
import pytest
from films import greys, write_film

from streamdepth.cli.app import _exit_status

NANO = ["--model", "nano", "--size", "32", "--engine", "onnxruntime", "--precision", "fp32"]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("clips").mkdir()
    for name in ("a.mp4", "b.mkv"):
        write_film(Path("clips") / name, greys(range(0, 60, 10)))


def run(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, list[str]]:
    status = _exit_status([*words, *NANO])
    out, err = capfd.readouterr()
    return status, out, err.splitlines()


def test_a_folder_of_films_becomes_a_folder_of_films(capfd: pytest.CaptureFixture[str]) -> None:
    status, out, lines = run(capfd, "clips", "--output", "out", "--report", "r.json")
    assert (status, out) == (0, "")
    for name in ("a.mp4", "b.mp4"):
        with av.open(f"out/{name}") as film:
            assert sum(1 for _ in film.decode(video=0)) == 6
    assert [line.split("  ")[0] for line in lines[2:4]] == ["done", "done"]
    assert lines[4].startswith("2 done, in ")
    assert json.loads(Path("r.json").read_text("utf-8"))["counts"]["done"] == 2


def test_words_by_themselves_are_inputs_as_a_shell_makes_them_of_a_pattern(
    capfd: pytest.CaptureFixture[str],
) -> None:
    status, _, lines = run(
        capfd, "clips/a.mp4", "clips/b.mkv", "-o", "out", "--name", "{file}", "--frames", "2"
    )
    assert status == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["a.mp4.mp4", "b.mkv.mp4"]
    assert lines[-1].startswith("2 done")


def test_one_that_fails_makes_the_exit_status_3_and_the_rest_is_done(
    capfd: pytest.CaptureFixture[str],
) -> None:
    Path("clips/b.mkv").write_bytes(b"damaged")
    status, out, lines = run(capfd, "clips", "-o", "out", "--progress", "json")
    assert status == 3
    assert any(line.startswith("streamdepth: error: 2 of 2: clips/b.mkv failed: ") for line in lines)
    assert lines[-1].startswith("1 done, 1 failed, in ")
    events = [json.loads(line) for line in out.splitlines()]
    assert [event["event"] for event in events if event["event"] != "frames"] == [
        *("begin", "end", "begin", "end", "total")
    ]
    assert events[-1]["counts"]["failed"] == 1


def test_a_file_of_options_may_name_several_inputs(capfd: pytest.CaptureFixture[str]) -> None:
    Path("o.toml").write_text('input = ["clips/a.mp4", "clips/b.mkv"]\noutput = "out"\nframes = 1\n', "utf-8")
    status, _, _ = run(capfd, "--config", "o.toml")
    assert status == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["a.mp4", "b.mp4"]
