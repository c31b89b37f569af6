"""A render that is killed twice, each time somewhere else, and then goes on."""

from __future__ import annotations

import subprocess
import sys

import pytest
from places import REPOSITORY


@pytest.mark.timeout(600)
@pytest.mark.skipif(
    sys.platform == "win32", reason="there are no locks of that kind, and so no parts to find"
)
def test_a_killed_render_goes_on_to_the_same_film():
    script = str(REPOSITORY / "scripts" / "soak" / "resume.py")
    words = ["--times", "1", "--size", "64x48", "--pictures", "300", "--", "--size", "64"]
    words += ["--engine", "onnxruntime", "--precision", "fp32"]
    done = subprocess.run(
        [sys.executable, script, *words], cwd=REPOSITORY, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "64x48: 1 of 1 the same to the bit" in done.stdout
