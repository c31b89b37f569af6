"""Where the files of jobs lie: what broke off goes, what is not theirs stays."""

from __future__ import annotations

import os
import time

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


def test_what_is_swept_goes_by_the_clock_of_the_files_and_not_by_that_of_this_machine(tmp_path, monkeypatch):
    folder, clock = Folder(tmp_path), time.time
    coming, broken_off = folder.new_place(), folder.new_place()
    for place in (coming, broken_off):
        folder.of(place).mkdir()
    os.utime(folder.of(broken_off), (0.0, clock() - 2 * 86_400))
    monkeypatch.setattr(time, "time", lambda: clock() + 10 * 86_400)
    folder.sweep([], older_than=86_400.0)
    assert (folder.of(coming).exists(), folder.of(broken_off).exists()) == (True, False)
    os.utime(folder.of(coming), (0.0, clock() + 20 * 86_400))
    folder.sweep([], older_than=0.0)
    assert not folder.of(coming).exists(), "of a service that starts alone nothing comes"
    assert [path.name for path in tmp_path.iterdir()] == ["jobs"]


def test_an_upload_is_not_seen_where_it_is_missing_or_cannot_be_looked_for(tmp_path):
    folder = Folder(tmp_path)
    there, missing, refused = (
        Record("a", "sum", ".mp4", 10, 100.0, place=place) for place in ("there", "missing", "x" * 300)
    )
    folder.upload(there).parent.mkdir(parents=True)
    folder.upload(there).write_bytes(b"a film")
    assert [folder.has_upload(record) for record in (there, missing, refused)] == [True, False, False]
