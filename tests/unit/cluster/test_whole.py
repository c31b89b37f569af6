from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from streamdepth.cluster.whole import going_on
from streamdepth.files import journal_path
from streamdepth.run.spec import OutputSpec, RunSpec


def test_what_a_lost_worker_left_is_gone_on_with_unless_something_was_said(tmp_path: Path) -> None:
    spec = RunSpec(output=OutputSpec(output=tmp_path / "depth.mp4"))
    assert going_on(spec) == spec
    journal_path(tmp_path / "depth.mp4").touch()
    assert going_on(spec).output.resume is True
    for said in (False, "any"):
        wanted = replace(spec, output=replace(spec.output, resume=said))
        assert going_on(wanted) == wanted
    assert going_on(RunSpec()) == RunSpec()
