"""Runtimes, measured in real processes; a script stands for a library that breaks."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from streamdepth.diagnosis import runtimes
from streamdepth.diagnosis.finding import Grade


def python_that(tmp_path, does):
    program = tmp_path / "python"
    program.write_text(f"#!{sys.executable}\nimport os, signal, sys, time\n{does}\n")
    program.chmod(0o755)
    return str(program)


def test_a_runtime_that_works_has_a_figure(tmp_path):
    (finding,) = runtimes.runtimes("onnxruntime", "onnxruntime", tmp_path)
    assert (finding.grade, finding.facts["runtime"]) == (Grade.FINE, "onnxruntime")
    assert finding.facts["ms"] > 0
    assert runtimes.verdict([finding]) == []


def test_a_package_that_is_not_installed_is_noted(tmp_path):
    found = runtimes.runtimes("no_such_package", "one,two", tmp_path)
    assert [f.facts["runtime"] for f in found] == ["one", "two"]
    assert {f.grade for f in found} == {Grade.NOTE}


@pytest.mark.skipif(sys.platform == "win32", reason="needs a script that can be run")
@pytest.mark.parametrize(
    ("does", "says"),
    [
        ("os.kill(os.getpid(), signal.SIGILL)", "torch: its process was ended by signal 4"),
        ("sys.exit('ImportError: no libfoo')", "torch: ImportError: no libfoo"),
        ("os._exit(3)", "torch: its process ended with 3"),
        ('print(\'{"runtime": "torch", "precision": "fp32", "error": "no room"}\')', "torch: no room"),
    ],
)
def test_a_library_that_breaks_is_a_line_and_no_crash(tmp_path, does, says):
    found = runtimes.runtimes("torch", "torch", tmp_path, python_that(tmp_path, does))
    assert [(f.text, f.grade) for f in found] == [(says, Grade.NOTE)]
    (verdict,) = runtimes.verdict(found)
    assert verdict.grade is Grade.PROBLEM


@pytest.mark.skipif(sys.platform == "win32", reason="needs a script that can be run")
def test_a_library_that_hangs_is_given_up_and_what_was_measured_before_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(runtimes, "BOUND", 5.0)  # also for an interpreter that starts slowly
    line = '{"runtime": "torch", "precision": "fp32", "ms": 5.0}'
    python = python_that(tmp_path, f"print({line!r}, flush=True)\ntime.sleep(60)")
    with ThreadPoolExecutor() as pool:
        two, one = pool.map(
            lambda names: runtimes.runtimes("torch", names, tmp_path, python), ("torch,torchscript", "torch")
        )
    first, second = two
    assert first.facts["ms"] == 5.0
    assert second.text == "torchscript: no answer within 5 s"
    assert "less to do" in second.cure
    first, second = one
    assert (first.facts["ms"], second.text) == (5.0, "torch: no answer within 5 s")
