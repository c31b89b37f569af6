"""scripts/test and .ci/run, with stand-ins for what they call."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from places import REPOSITORY

STAND_IN = """#!/bin/sh
echo "${0##*/} $*: ${PYTHONDONTWRITEBYTECODE-compiled code is kept}"
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


def said_by(checkout, script, *words):
    """The lines of the stand-ins that a script calls where Python was asked to keep no compiled code."""
    shutil.copy(REPOSITORY / script, checkout / script)
    environment = {"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [checkout / script, *words],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.splitlines()


def test_what_one_process_of_the_tests_compiled_the_next_one_loads(checkout):
    *_, pytest_ = said_by(checkout, "scripts/test", "tests/unit")
    assert pytest_ == "python -m pytest tests/unit: compiled code is kept"


def test_so_it_is_with_all_that_ci_runs(checkout):
    lines = said_by(checkout, ".ci/run")
    for name in BY_CI:
        (line,) = [line for line in lines if line.startswith(f"{name} ")]
        assert line.endswith(": compiled code is kept")
