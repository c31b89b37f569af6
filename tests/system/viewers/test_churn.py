"""Viewers that come and go beside one who stays; scripts/soak/viewers.py does the same with 500."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from places import REPOSITORY

SOAK = REPOSITORY / "scripts/soak/viewers.py"


@pytest.mark.soak
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_nothing_grows_with_past_viewers_nobody_is_disturbed_and_the_vanished_are_let_go():
    soak = subprocess.run(
        [sys.executable, str(SOAK), "--viewers", "24", "--at-once", "6"],
        stdout=subprocess.PIPE,
        text=True,
        timeout=100,
    )
    assert soak.returncode == 0, soak.stdout
    assert int(re.search(r"24 came, (\d+) killed", soak.stdout)[1]) > 0
