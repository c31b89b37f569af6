"""The light install: its list of requirements, and what is said where a package is missing. It is built and run by
scripts/test_installs."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest
from places import REPOSITORY

from streamdepth.diagnosis.machine import LEFT_OUT

BLOCKED = """
import sys
from importlib.machinery import PathFinder
from pathlib import Path

class Light(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name in LEFT_OUT else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Light
from streamdepth.cli.app import main
main()
"""
NANO = (
    "--input",
    "demo",
    "--camera-size",
    "160x96",
    "--frames",
    "2",
    "--output",
    "depth.mp4",
    "--size",
    "64",
)
BUNDLED = REPOSITORY / "streamdepth" / "models" / "data"
LACKING = {
    "OpenVINO by name": ((*NANO, "--model", "nano", "--engine", "openvino"), 2, "pip install openvino"),
    "PyTorch by name": ((*NANO, "--model", "nano", "--engine", "torch"), 2, "pip install torch"),
    "bf16": ((*NANO, "--model", "nano", "--precision", "bf16"), 2, "pip install openvino"),
    "an export": (("models", "export", "nano", "--output", "n.onnx"), 1, "pip install torch"),
    "training": (("train", "pictures"), 1, "pip install torch"),
}


def run(folder, *words):
    """streamdepth in a process that has none of what the light install is without."""
    code = f"LEFT_OUT = {LEFT_OUT!r}\n{BLOCKED}"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words), "--cache-dir", str(folder / "cache")],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=110,
    )


def test_the_list_is_that_of_the_package_without_what_is_left_out():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    light = [
        line for line in project["dependencies"] if not line.startswith(tuple(f"{n}>" for n in LEFT_OUT))
    ]
    lines = (REPOSITORY / "requirements-light.txt").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == light
    assert len(project["dependencies"]) - len(light) == len(LEFT_OUT)


@pytest.mark.parametrize("model", ["nano", BUNDLED / "nano.onnx"], ids=["nano", "a network file"])
def test_it_runs_nano_and_network_files(model, tmp_path):
    done = run(tmp_path, *NANO, "--model", model)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "depth.mp4").is_file()


@pytest.mark.parametrize(("words", "status", "cure"), LACKING.values(), ids=LACKING)
def test_what_is_missing_is_one_sentence_with_the_command_that_adds_it(words, status, cure, tmp_path):
    (tmp_path / "pictures").mkdir()
    done = run(tmp_path, *words)
    assert (done.returncode, len(done.stderr.splitlines())) == (status, 1), done.stderr
    assert cure in done.stderr
