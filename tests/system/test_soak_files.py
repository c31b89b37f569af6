"""Renders and recordings that are killed and broken off, and two that want one name."""

from __future__ import annotations

import subprocess
import sys

import pytest
from places import REPOSITORY


@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform == "win32", reason="a child cannot be sent these signals there")
def test_what_is_left_of_killed_and_broken_off_runs_plays():
    words = [
        sys.executable,
        str(REPOSITORY / "scripts" / "soak" / "files.py"),
        "--times",
        "1",
        "--size",
        "160x96",
    ]
    done = subprocess.run(
        [*words, "--load", "0", "--within", "1"], cwd=REPOSITORY, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("1 of 1 play") == 4
    assert done.stdout.count("whole") == 4
