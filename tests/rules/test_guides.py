"""What the guide to depth files tells people to type: every command parses, and the Python runs."""

from __future__ import annotations

import re
import shlex

import pytest
from depths import info, maps, write
from places import REPOSITORY

from streamdepth.cli.app import app
from streamdepth.sinks.depth.choice import sink_for
from streamdepth.sinks.depth.options import DepthOptions

GUIDE = (REPOSITORY / "docs" / "guide" / "depth-files.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def commands():
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    in_table = [
        f"streamdepth --input a.mp4 {words}" for words in re.findall(r"`(--[^`]*output [^`]*)`", GUIDE)
    ]
    return [*lines, *in_table]


@pytest.mark.parametrize("command", commands())
def test_every_command_parses(command):
    name, *words = shlex.split(command)
    assert name == "streamdepth"
    app.parse_args(words)


def test_the_python_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write(sink_for(tmp_path / "depth.mkv", info(), DepthOptions()), maps())
    ran = {}
    for block in blocks("python"):
        exec(compile(block, "depth-files.md", "exec"), ran)
    assert "inverse relative depth" in capsys.readouterr().out
    assert ran["there"]
    assert ran["pixels"].dtype == "uint16"
    ran["film"].release()
