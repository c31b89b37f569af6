"""`streamdepth evaluate`, with the bundled network on small pictures."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from io import StringIO

import cv2
import numpy as np
import pytest
from engine_loading import KNOWN_NETWORK
from rich.console import Console

from streamdepth.cli.app import _exit_status
from streamdepth.cli.commands import evaluate
from streamdepth.reporting.console import ErrorConsole


@pytest.fixture
def frames(tmp_path):
    """Four pictures of 96x64, a floor from 1 m to 5 m, as TUM would store it: 5000 a metre."""
    root = tmp_path / "frames"
    depth = np.tile(5000 / np.linspace(0.2, 1, 64)[:, None], (1, 96)).astype(np.uint16)
    random = np.random.default_rng(0)
    for number in range(4):
        for folder, picture in (("rgb", random.integers(0, 255, (64, 96, 3), np.uint8)), ("depth", depth)):
            (root / folder).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(root / folder / f"{number}.png"), picture)
    return root


def run(capfd, *words):
    network = ("--model", "nano") if "--engine" in words else KNOWN_NETWORK
    status = _exit_status(["evaluate", *map(str, words), *network, "--size", "64"])
    return status, capfd.readouterr()


def test_a_table_shows_the_network_beside_the_row_baseline(capfd, frames):
    status, said = run(capfd, frames, "--depth-scale", "5000")
    assert status == 0
    assert said.out.startswith(
        "nano on frames\n4 pictures; depth from 1 to 5 m, of which up to 10 m counts; input size 64,"
    )
    row = next(line for line in said.out.splitlines() if line.startswith("AbsRel"))
    assert (
        float(row.split()[1]) > float(row.split()[2]) == 0
    )  # noise tells nothing, and a floor is the baseline
    assert not any(mark in said.out for mark in ("━", "\x1b"))


def test_scores_go_to_a_file(capfd, frames, tmp_path):
    status, _ = run(capfd, frames, "--depth-scale", "5000", "--json", tmp_path / "scores.json")
    told = json.loads((tmp_path / "scores.json").read_text())
    assert status == 0
    assert (told["pictures"], told["left_out"], told["model"]["name"]) == (4, [], "nano")
    assert [each["depth"] for each in told["each"]] == [f"depth/{n}.png" for n in range(4)]
    assert told["row_baseline"]["abs_rel"] < 0.001 < told["mean"]["abs_rel"]


def test_scores_are_kept_where_nobody_reads_the_table(frames, tmp_path):
    files = ["--json", tmp_path / "scores.json", "--pictures", tmp_path / "page"]
    words = [frames, "--depth-scale", "5000", *files, *KNOWN_NETWORK]
    command = [sys.executable, "-m", "streamdepth", "evaluate", *words]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*map(str, command)], stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")
    assert json.loads((tmp_path / "scores.json").read_text())["pictures"] == 4
    assert (tmp_path / "page" / "index.html").is_file()


def test_the_unit_of_depth_decides_what_the_cap_leaves(capfd, frames):
    status, _ = run(capfd, frames)  # taken for millimetres, the floor begins at 5 m and ends at 25 m
    assert status == 0
    nearer, _ = run(capfd, frames, "--cap", "4")
    assert nearer == 1
    assert run(capfd, frames, "--depth-kind", "millimetres", "--depth-scale", "5", "--cap", "4")[0] == 0


def test_a_unit_that_leaves_most_of_the_depth_beyond_the_cap_is_warned_of(capfd, frames):
    _, wrong = run(capfd, frames)
    assert "depth from 5 to 25 m, of which up to 10 m counts" in wrong.out
    assert re.search(
        r"warning: \d\d% of the true depth lies beyond 10 m and does not count .*--depth-scale", wrong.err
    )
    _, right = run(capfd, frames, "--depth-scale", "5000")
    assert "warning" not in right.err


def test_nothing_within_the_cap_is_a_failure_that_names_the_cure(capfd, frames):
    status, said = run(capfd, frames, "--cap", "0.1")
    assert status == 1
    assert said.err.strip().endswith(
        "no picture has a reading within 0.1 m (raise --cap, or check --depth-kind and --depth-scale)"
    )


def test_pictures_that_are_left_out_are_counted(capfd, frames):
    far = np.full((64, 96), 60000, np.uint16)
    cv2.imwrite(str(frames / "depth" / "2.png"), far)
    status, said = run(capfd, frames, "--depth-scale", "5000")
    assert status == 0
    assert "3 pictures, 1 left out" in said.out


def test_a_limit_takes_pictures_from_the_whole_folder(capfd, frames, tmp_path):
    run(capfd, frames, "--limit", "2", "--json", tmp_path / "a.json")
    told = json.loads((tmp_path / "a.json").read_text())
    assert [each["colour"] for each in told["each"]] == ["rgb/0.png", "rgb/2.png"]


def test_a_page_of_pictures_is_written(capfd, frames, tmp_path):
    status, said = run(capfd, frames, "--pictures", tmp_path / "page")
    assert status == 0
    assert str(tmp_path / "page" / "index.html") in said.err
    assert cv2.imread(str(tmp_path / "page" / "sheet-001.png")).shape[1] == 1280


def test_a_longer_run_says_how_far_it_is(capfd, frames):
    for folder in ("rgb", "depth"):
        for number in range(4, 12):
            shutil.copy(frames / folder / "0.png", frames / folder / f"{number}.png")
    _, said = run(capfd, frames, "--depth-scale", "5000")
    assert said.err == "streamdepth: 10 of 12 pictures\n"


def test_a_terminal_gets_a_bar_that_goes_away(capfd, frames, monkeypatch):
    screen = StringIO()
    terminal = ErrorConsole(Console(file=screen, force_terminal=True, width=80))
    monkeypatch.setattr(evaluate, "ErrorConsole", lambda: terminal)
    assert run(capfd, frames)[0] == 0
    assert "100%" in screen.getvalue()


def test_options_may_come_from_a_file(capfd, frames, tmp_path):
    (tmp_path / "settings.toml").write_text("[evaluate]\nlimit = 1\n")
    status, said = run(capfd, frames, "--config", tmp_path / "settings.toml")
    assert status == 0
    assert "\n1 picture;" in said.out


@pytest.mark.parametrize(
    "words",
    [
        ("--cap", "0"),
        ("--cap", "inf"),
        ("--cap", "nan"),
        ("--limit", "0"),
        ("--layout", "sintel"),
        ("--depth-kind", "feet"),
        ("--depth-scale", "0"),
        ("--engine", "abacus"),
    ],
)
def test_a_value_that_makes_no_sense_is_wrong_usage(capfd, frames, words):
    status, said = run(capfd, frames, *words)
    assert status == 2
    assert said.err.startswith("streamdepth: error: ")
    assert said.err.count("\n") == 1


def test_data_must_be_named(capfd):
    assert run(capfd)[0] == 2


def test_data_that_is_not_there_is_a_failure(capfd, tmp_path):
    status, said = run(capfd, tmp_path / "nowhere")
    assert status == 1
    assert "there is no folder" in said.err


def test_a_damaged_file_ends_the_run_with_its_name(capfd, frames):
    (frames / "depth" / "3.png").write_bytes(b"no picture")
    status, said = run(capfd, frames)
    assert status == 1
    assert "3.png is not an image" in said.err


@pytest.mark.parametrize("place", ["missing/scores.json", "."])
def test_a_place_that_cannot_be_written_is_told_before_the_work(capfd, frames, tmp_path, place):
    (frames / "rgb" / "0.png").write_bytes(b"no picture")
    status, said = run(capfd, frames, "--json", tmp_path / place)
    assert status == 1
    assert "folder" in said.err
