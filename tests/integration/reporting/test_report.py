from __future__ import annotations

import json
import re
import sys
from fractions import Fraction

import pytest
from places import REPOSITORY

from streamdepth.errors import SinkError
from streamdepth.frames import Outages, SourceInfo
from streamdepth.pipeline.stats import Percentiles, StatsSnapshot
from streamdepth.reporting.report import check_report_place, describe, peak_rss_mb, write_report


class Engine:
    name, sha256, runtime_name, precision = "nano", "ab" * 32, "onnxruntime", "fp32"

    def input_size(self, width, height):
        return 256, 96


def test_the_report_is_the_documented_one():
    info = SourceInfo(640, 272, Fraction(30000, 1001), live=False, read_timeout=1.0)
    stats = StatsSnapshot(
        captured=5,
        dropped_by={"stale": 2},
        inferred=3,
        rendered=3,
        written=3,
        seconds=1.5,
        stages={"inference": Percentiles(0.02, 0.03)},
        latency=Percentiles(0.1, 0.2),
    )
    report = json.loads(json.dumps(describe(info, Engine(), stats)))
    assert report["source"] == {
        "kind": "video",
        "width": 640,
        "height": 272,
        "rate": "30000/1001",
        "live": False,
    }
    assert report["model"] == {"name": "nano", "sha256": "ab" * 32, "input": [256, 96]}
    assert report["frames"]["dropped"] == 2
    assert report["fps"] == 2.0
    assert report["stages_ms"]["inference"] == {"p50": 20.0, "p95": 30.0}
    assert report["stages_ms"]["sink"] == {"p50": None, "p95": None}
    assert report["latency_ms"] == {"p50": 100.0, "p95": 200.0}


def test_the_page_of_the_report_tells_each_key():
    info = SourceInfo(640, 272, None, live=True, read_timeout=1.0)
    report = describe(info, Engine(), StatsSnapshot(), Outages(0, 0.0))
    page = (REPOSITORY / "docs" / "reference" / "report.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (`.*`) \| (.*) \|$", page, re.MULTILINE))
    told = {name: words for names, words in rows.items() for name in re.findall(r"`(\w+)`", names)}
    by_the_run = {"look_ahead_seconds", "resumed_after", "complete_already", "promise", "events"}
    assert told.keys() == report.keys() | by_the_run
    for name in ("source", "model", "frames", "stages_ms"):
        assert set(report[name]) <= set(re.findall(r"`(\w+)`", told[name])), name


def test_a_source_that_comes_back_tells_its_outages():
    info = SourceInfo(640, 272, None, live=True, read_timeout=1.0)
    source = describe(info, None, StatsSnapshot(), Outages(3, 12.34))["source"]
    assert source["reconnects"] == 3
    assert source["seconds_away"] == 12.3


def test_a_run_that_never_opened_anything_still_has_a_report():
    report = describe(None, None, StatsSnapshot())
    assert report["source"] is None
    assert report["model"] is None
    assert report["fps"] == 0


def test_a_report_is_written_as_json(tmp_path):
    write_report(tmp_path / "r.json", {"seconds": 1})
    assert json.loads((tmp_path / "r.json").read_text()) == {"seconds": 1}


@pytest.mark.parametrize("name", [".", "no/r.json"])
def test_a_place_that_cannot_hold_a_report_is_refused(tmp_path, name):
    with pytest.raises(SinkError, match=r"is a folder|no folder"):
        check_report_place(tmp_path / name)
    with pytest.raises(SinkError, match=r"is a folder|no folder"):
        write_report(tmp_path / name, {})


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell")
def test_peak_memory_is_in_megabytes():
    assert 10 < peak_rss_mb() < 100_000
