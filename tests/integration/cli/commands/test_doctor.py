"""`streamdepth doctor` as it is typed."""

from __future__ import annotations

import json

import pytest

from streamdepth.cli.app import _exit_status
from streamdepth.diagnosis import media, runtimes


@pytest.fixture
def one_runtime(monkeypatch):
    monkeypatch.setattr(runtimes, "GROUPS", (("onnxruntime", "onnxruntime"),))


def test_a_healthy_machine_is_told_line_by_line_with_a_command_at_the_end(capfd, tmp_path):
    assert _exit_status(["doctor", "--cache-dir", str(tmp_path)]) == 0
    lines = capfd.readouterr().out.splitlines()
    topics = {line[9:21].strip() for line in lines}
    wanted = {"streamdepth", "python", "system", "processor", "libraries", "weights", "cache", "disk"}
    assert wanted | {"runtime", "codecs", "display", "camera"} <= topics
    assert "All that is needed works." in lines
    assert sum(line.startswith("On this machine: streamdepth --") for line in lines) == 1
    measured = [line for line in lines if "ms a picture" in line]
    assert {line.split()[2] for line in measured if "runtime" in line} >= {"openvino", "onnxruntime", "torch"}


@pytest.mark.usefixtures("one_runtime")
def test_json_holds_the_same_and_no_password(capfd, tmp_path):
    address = "rtsp://me:secret@127.0.0.1:1/x"
    assert _exit_status(["doctor", address, "--json", "--cache-dir", str(tmp_path)]) == 1
    said = capfd.readouterr()
    told = json.loads(said.out)
    assert told["ok"] is False
    (problem,) = [finding for finding in told["findings"] if finding["grade"] == "problem"]
    assert (problem["topic"], "refused" in problem["text"], bool(problem["cure"])) == ("input", True, True)
    assert told["command"].startswith("streamdepth --input 'rtsp://***@127.0.0.1:1/x'")
    assert "secret" not in said.out + said.err


@pytest.mark.usefixtures("one_runtime")
def test_something_essential_that_breaks_exits_1_and_the_rest_is_still_told(capfd, tmp_path, monkeypatch):
    def broken():
        raise RuntimeError("no encoder")

    monkeypatch.setattr(media, "codecs", broken)
    assert _exit_status(["doctor", "--cache-dir", str(tmp_path)]) == 1
    lines = capfd.readouterr().out.splitlines()
    assert "problem  codecs       RuntimeError: no encoder" in lines
    assert any(line.startswith("Once that is fixed:") for line in lines)
