"""What README and its first guides promise: every command parses, every one that can run here runs, the Python runs."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from cyclopts import UnusedCliTokensError
from depths import info, maps, write
from engine_loading import KNOWN_NETWORK
from places import REPOSITORY

from streamdepth.cli.app import _exit_status, app, input_named
from streamdepth.sinks.depth.choice import sink_for
from streamdepth.sinks.depth.options import DepthOptions

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
GUIDES = [
    (REPOSITORY / "docs" / "guide" / name).read_text(encoding="utf-8") for name in ("films.md", "live.md")
]
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs" / "guide").glob("*.md"))]
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
NEEDS_MORE = ("--camera ", "rtsp://", "192.168.", "--start ")
"""Commands for a device that is not there, or for a longer film: these are parsed only."""


def blocks(language):
    pages = "\n".join([README, *GUIDES])
    return re.findall(rf"^```{language}\n(.*?)^```", pages, re.MULTILINE | re.DOTALL)


def commands():
    lines = [line.split("#")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    inline = re.findall(r"`(streamdepth [^`]*)`", README)
    return sorted({line for line in [*lines, *inline] if line.startswith("streamdepth ")})


def is_runnable(command):
    writes = "--output" in command or "--depth-output" in command
    return writes and not any(word in command for word in NEEDS_MORE)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with the files that the README speaks of."""
    monkeypatch.chdir(tmp_path)
    image = np.random.default_rng(0).integers(0, 255, (90, 160, 3), dtype=np.uint8)
    cv2.imwrite("photo.jpg", image)
    for name in ("photos", "clips"):
        (tmp_path / name).mkdir()
    cv2.imwrite("photos/one.png", image)
    cv2.imwrite("photos/f0001.png", image)
    with av.open("street.mp4", "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))
    (tmp_path / "clips" / "a.mp4").write_bytes((tmp_path / "street.mp4").read_bytes())
    write(sink_for(Path("depth.mkv"), info(), DepthOptions()), maps())
    return tmp_path


def test_the_readme_opens_with_the_two_commands():
    assert any("--camera 0" in c for c in commands())
    assert any("--input street.mp4 --output depth.mp4" in c for c in commands())


@pytest.mark.parametrize("command", commands())
def test_every_command_parses(command):
    words = shlex.split(command)[1:]
    try:
        app.parse_args(words)
    except UnusedCliTokensError as error:
        app.parse_args(input_named(words, error))


@pytest.mark.parametrize("command", [c for c in commands() if is_runnable(c)])
def test_every_command_that_can_run_here_runs(folder, command):
    (folder / "depth").mkdir(exist_ok=True) if "depth/" in command else None
    extra = [*KNOWN_NETWORK, *(["--duration", "0.3"] if "demo" in command else [])]
    extra = [] if command.startswith("streamdepth models") else extra
    assert _exit_status([*shlex.split(command)[1:], *extra]) == 0
    names = re.findall(r"(?:output|report) (\S+)", command)
    assert names
    assert all(Path(name).exists() for name in names)


def test_the_python_runs(folder, capsys):
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})
    assert "float32 inverse relative depth" in capsys.readouterr().out
    assert Path("depth.mp4").exists()


def test_a_strict_type_checker_finds_nothing_in_the_python_of_any_guide(tmp_path):
    written = [block for page in PAGES for block in PYTHON.findall(page.read_text(encoding="utf-8"))]
    assert len(written) >= 6
    for number, block in enumerate(written):
        (tmp_path / f"block_{number}.py").write_text(block)
    words = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", REPOSITORY / ".mypy_cache"]
    settings = ["--config-file", REPOSITORY / "pyproject.toml", *tmp_path.iterdir()]
    done = subprocess.run([*words, *settings], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("Success: no issues found")


def test_links_and_pictures_are_there():
    targets = [t for t in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in t]
    assert targets
    assert [t for t in targets if not (REPOSITORY / t).exists()] == []


def test_what_nobody_else_offers_stands_before_the_first_detail():
    opening = README.partition("## Install")[0]
    for promise in (
        "MIT licence, weights included",
        "nothing to download",
        "Nothing leaves",
        "holds still",
        "exact",
    ):
        assert promise in opening


def test_scripts_that_are_named_are_there():
    for name in set(re.findall(r"scripts/(\w+)", README)):
        assert (REPOSITORY / "scripts" / name).exists()
