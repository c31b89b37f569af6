"""The light install: its list of requirements, and what is said where a package is missing. It is built and run by
scripts/test_installs."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest
from places import REPOSITORY

from streamdepth.diagnosis.machine import LEFT_OUT
from streamdepth.models.registry import MIDAS_SMALL
from streamdepth.packages import how_to_install

BLOCKED = """
import os, sys
from importlib.machinery import PathFinder
from pathlib import Path

class Light(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name in LEFT_OUT else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Light
from streamdepth.cli.app import _exit_status
said = sys.stderr.fileno()
for place, words in enumerate(COMMANDS):
    os.dup2(os.open(f"{place}.said", os.O_WRONLY | os.O_CREAT), said)
    Path(f"{place}.status").write_text(str(_exit_status(words)))
"""
NANO = ("--input", "demo", "--camera-size", "160x96", "--frames", "2", "--size", "64")
BUNDLED = REPOSITORY / "streamdepth" / "models" / "data"
RUNS = {
    "nano": (*NANO, "--output", "nano.mp4", "--model", "nano"),
    "a network file": (*NANO, "--output", "file.mp4", "--model", BUNDLED / "nano.onnx"),
    "what is chosen by itself": (*NANO, "--output", "auto.mp4"),
}
OTHER = (*NANO, "--output", "other.mp4")
LACKING = {
    "OpenVINO by name": ((*OTHER, "--model", "nano", "--engine", "openvino"), 2, "pip install openvino"),
    "PyTorch by name": ((*OTHER, "--model", "nano", "--engine", "torch"), 2, "pip install torch"),
    "bf16": ((*OTHER, "--model", "nano", "--precision", "bf16"), 2, "pip install openvino"),
    "midas-small by name": (
        (*OTHER, "--model", "midas-small", "--cache-dir", "empty"),
        1,
        f"{how_to_install('torch')}, or use --model nano",
    ),
    "an export": (("models", "export", "nano", "--output", "n.onnx"), 1, "pip install torch"),
    "training": (("train", "pictures"), 1, "pip install torch"),
}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """What commands came to in one process that has none of what the light install is without: (status, said)."""
    folder = tmp_path_factory.mktemp("light")
    (folder / "pictures").mkdir()
    (folder / "cache").mkdir()
    (folder / "cache" / MIDAS_SMALL.urls[0].rpartition("/")[2]).touch()  # an earlier, full install fetched it
    words = {**RUNS, **{name: words for name, (words, *_) in LACKING.items()}}
    cache = ("--cache-dir", "cache")
    commands = [[*map(str, one), *(() if cache[0] in one else cache)] for one in words.values()]
    code = f"LEFT_OUT, COMMANDS = {LEFT_OUT!r}, {commands!r}\n{BLOCKED}"
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=110
    )
    assert ended.returncode == 0, ended.stderr

    def of(name):
        place = list(words).index(name)
        return int((folder / f"{place}.status").read_text()), (folder / f"{place}.said").read_text()

    of.folder = folder
    return of


def test_the_list_is_that_of_the_package_without_what_is_left_out():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    light = [
        line for line in project["dependencies"] if not line.startswith(tuple(f"{n}>" for n in LEFT_OUT))
    ]
    lines = (REPOSITORY / "requirements-light.txt").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == light
    assert len(project["dependencies"]) - len(light) == len(LEFT_OUT)


def test_what_a_command_asks_for_brings_nothing_that_the_light_install_is_without():
    """An extra brings all that the package needs, PyTorch with CUDA among it; its own packages do not."""
    files = (REPOSITORY / "streamdepth").rglob("*.py")
    said = re.sub(r'"\s*f?"', "", "\n".join(file.read_text("utf-8") for file in files))
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for name, packages in extras.items():
        assert f"streamdepth[{name}]" not in said
        assert name == "dev" or all(f"pip install {line.partition('>')[0]}" in said for line in packages)


@pytest.mark.parametrize("name", RUNS)
def test_it_runs_nano_and_network_files(name, done):
    status, said = done(name)
    assert status == 0, said
    assert (done.folder / RUNS[name][RUNS[name].index("--output") + 1]).is_file()


@pytest.mark.parametrize(("name", "status", "cure"), [(name, *rest) for name, (_, *rest) in LACKING.items()])
def test_what_is_missing_is_one_sentence_with_the_command_that_adds_it(name, status, cure, done):
    came_to, said = done(name)
    assert (came_to, len(said.splitlines())) == (status, 1), said
    assert cure in said
