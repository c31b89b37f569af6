from __future__ import annotations

from dataclasses import replace

import pytest

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
