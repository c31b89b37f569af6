from __future__ import annotations

from dataclasses import replace

import pytest

from streamdepth.reporting.events import FrameWritten, RunBegan, Said
from streamdepth.resuming.resumable_output import BegunOtherwise
from streamdepth.server.jobs import tasks
from streamdepth.server.jobs.folder import Folder
from streamdepth.server.jobs.progress import Progress
from streamdepth.server.jobs.record import Record, Wishes
from streamdepth.server.jobs.tasks import Film, is_known

NEW = Record("a", "sum", ".mp4", 10, 100.0)
USUAL = Wishes("depth")


@pytest.mark.parametrize(
    "newer",
    [
        {"suffix": ".y4m"},
        {"wishes": replace(USUAL, layout="hologram")},
        {"wishes": replace(USUAL, colormap="sepia")},
        {"wishes": replace(USUAL, form="exr")},
        {"wishes": replace(USUAL, more={"range": "global"})},
    ],
)
def test_what_only_another_release_can_do_is_left_to_it(newer):
    usual = replace(NEW, wishes=USUAL)
    assert is_known(usual)
    assert not is_known(replace(usual, **newer))


def test_a_film_that_was_begun_under_other_conditions_is_begun_anew(tmp_path, monkeypatch):
    begun = []

    class Begun:
        def __init__(self, spec, observe, engines):
            self.resume = spec.output.resume

        def execute(self):
            begun.append(self.resume)
            if self.resume:
                raise BegunOtherwise("it was begun otherwise")

    monkeypatch.setattr(tasks, "Run", Begun)
    Film(NEW, Folder(tmp_path), None, Progress()).execute()
    assert begun == [True, False]


def test_what_a_film_says_of_itself_is_in_the_log_with_its_job(tmp_path, monkeypatch, caplog):
    class Waits:
        def __init__(self, spec, observe, engines):
            self.observe = observe

        def execute(self):
            self.observe(Said("nothing of depth.mp4 can be resumed"))
            self.observe(RunBegan(False, True, 200))
            self.observe(Said("the disk is full; rendering continues when there is room"))
            self.observe(FrameWritten(7))

    monkeypatch.setattr(tasks, "Run", Waits)
    progress = Progress()
    with caplog.at_level("INFO"):
        Film(NEW, Folder(tmp_path), None, progress).execute()
    assert caplog.messages == ["job a: the disk is full; rendering continues when there is room"]
    assert progress.noted(NEW).frames == 7
