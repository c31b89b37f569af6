from __future__ import annotations

from streamdepth.jobs.job import BegunOtherwise
from streamdepth.server.jobs import tasks
from streamdepth.server.jobs.folder import Folder
from streamdepth.server.jobs.progress import Progress
from streamdepth.server.jobs.record import Record
from streamdepth.server.jobs.tasks import Film

NEW = Record("a", "sum", ".mp4", 10, 100.0)


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
