from __future__ import annotations

import threading

from streamdepth.diagnosis.finding import Finding, Grade
from streamdepth.diagnosis.probe import Probe
from streamdepth.errors import SourceError


def test_a_look_gives_its_findings():
    found = [Finding("disk", "much room")]
    assert Probe("disk", lambda: found).findings() == found


def test_a_look_that_hangs_is_given_up_and_says_so():
    never = threading.Event()
    probe = Probe("display", lambda: [Finding("display", str(never.wait(30)))], bound=0.2)
    assert probe.findings() == [Finding("display", "no answer within 0.2 s", Grade.NOTE)]
    never.set()


def test_an_error_of_ours_is_a_finding_with_its_cure():
    def look():
        raise SourceError("camera 0 is in use", "close it there")

    (finding,) = Probe("input", look, failing=Grade.PROBLEM).findings()
    assert finding == Finding("input", "camera 0 is in use", Grade.PROBLEM, "close it there")


def test_any_other_error_is_a_line_and_no_crash():
    def look():
        raise ZeroDivisionError("two\nlines")

    assert Probe("memory", look).findings() == [Finding("memory", "ZeroDivisionError: two lines", Grade.NOTE)]
