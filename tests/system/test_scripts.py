"""scripts/test and .ci/run, with stand-ins for what they call."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from places import REPOSITORY

STAND_IN = """#!/bin/sh
echo "${0##*/} $*: ${PYTHONDONTWRITEBYTECODE-compiled code is kept}"
[ "${0##*/}" != "$FAILS" ]
"""
CALLED = (".venv/bin/python", *(f"scripts/{name}" for name in ("setup", "system_packages")))
BY_CI = ("check", "test", "test_installs", "test_package")


@pytest.fixture
def checkout(tmp_path):
    """The two scripts, among stand-ins for all others."""
    for name in (*CALLED, *(f"scripts/{name}" for name in BY_CI), ".ci/run"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(STAND_IN)
        path.chmod(0o755)
    return tmp_path


def said_by(checkout, script, *words, fails=None):
    """The lines of the stand-ins that a script calls where Python was asked to keep no compiled code."""
    shutil.copy(REPOSITORY / script, checkout / script)
    environment = {"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1", "FAILS": fails or ""}
    done = subprocess.run(
        [checkout / script, *words], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode != 0) == (fails is not None)
    return done.stdout.splitlines()


def run_by(line):
    """The files of tests that a call of pytest runs."""
    words = line.partition(":")[0].split()[3:]
    ignored = {Path(word.removeprefix("--ignore=")) for word in words if word.startswith("--ignore=")}
    for place in (Path(word) for word in words if not word.startswith("-")):
        whole = REPOSITORY / place
        assert whole.exists(), place
        for path in [whole] if whole.is_file() else whole.rglob("test_*.py"):
            file = path.relative_to(REPOSITORY)
            if not ignored & {file, *file.parents}:
                yield file


def test_what_one_process_of_the_tests_compiled_the_next_one_loads(checkout):
    *_, pytest_ = said_by(checkout, "scripts/test", "tests/unit")
    assert pytest_ == "python -m pytest tests/unit: compiled code is kept"


def test_so_it_is_with_all_that_ci_runs(checkout):
    lines = said_by(checkout, ".ci/run")
    for name in BY_CI:
        (line,) = [line for line in lines if line.startswith(f"{name} ")]
        assert line.endswith(": compiled code is kept")


def test_each_test_runs_once(checkout):
    calls = [line for line in said_by(checkout, "scripts/test") if line.startswith("python -m pytest")]
    runs = Counter(file for line in calls for file in run_by(line))
    there = {path.relative_to(REPOSITORY) for path in (REPOSITORY / "tests").rglob("test_*.py")}
    assert runs == dict.fromkeys(there, 1)


@pytest.mark.parametrize("fails", BY_CI)
def test_ci_fails_where_one_of_its_scripts_does(checkout, fails):
    said_by(checkout, ".ci/run", fails=fails)


def test_tests_fail_where_one_process_does(checkout):
    said_by(checkout, "scripts/test", fails="python")
