"""Half a minute of a live run with faults; `scripts/soak/live.py --seconds 3600` is the same for an hour."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from places import REPOSITORY


@pytest.fixture(scope="module")
def outcome():
    words = [sys.executable, str(REPOSITORY / "scripts" / "soak" / "live.py"), "--seconds", "28", "--json"]
    done = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, timeout=100, check=False)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


@pytest.mark.soak
def test_nothing_grows_nothing_is_lost_and_no_picture_is_old(outcome):
    assert outcome["faults"] == []


@pytest.mark.soak
def test_the_faults_were_felt_and_every_picture_is_accounted_for(outcome):
    assert outcome["slow_bursts"] > 0
    assert outcome["stalls"] > 0
    assert set(outcome["dropped_by"]) <= {"superseded", "stale", "stopped"}
    assert outcome["captured"] == outcome["inferred"] + sum(outcome["dropped_by"].values())
