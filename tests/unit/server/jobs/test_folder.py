"""Where the files of jobs lie: what broke off goes, what is not theirs stays."""

from __future__ import annotations

from streamdepth.server.jobs.folder import Folder
from streamdepth.server.jobs.record import Record


def test_only_places_of_no_record_are_swept(tmp_path):
    mine = tmp_path / "jobs" / "applications" / "letter.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    folder = Folder(tmp_path)
    kept, broken_off = folder.new_place(), folder.new_place()
    for place in (kept, broken_off):
        folder.of(place).mkdir()
    record = Record("a", "sum", ".mp4", 10, 100.0, place=kept)
    folder.sweep([record], older_than=3600.0)
    assert folder.of(broken_off).exists()
    folder.sweep([record], older_than=0.0)
    assert mine.read_text() == "mine"
    assert folder.of(kept).exists()
    assert not folder.of(broken_off).exists()
