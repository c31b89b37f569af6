"""Depth of a clip is written when it is over; a run that is ended before leaves all of it on disk."""

from __future__ import annotations

import errno
from dataclasses import replace

import numpy as np
import pytest
from depths import info, maps, rendered, write

from streamdepth.depthfiles.open import open_depth
from streamdepth.depthfiles.spool import SpoolReader
from streamdepth.errors import DiskFull, SinkError
from streamdepth.files import OutputFile, Taken
from streamdepth.sinks.depth import spooled
from streamdepth.sinks.depth.choice import sink_for
from streamdepth.sinks.depth.options import DepthOptions

VALUES = maps()


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_nothing_but_the_spool_is_there_before_the_end_and_no_spool_after_it(tmp_path):
    sink = sink_for(tmp_path / "d.mkv", info(), DepthOptions())
    sink.write(rendered(VALUES[0]))
    assert names_in(tmp_path) == ["d.mkv.part.spool"]
    sink.close()
    assert names_in(tmp_path) == ["d.json", "d.mkv"]


def test_a_run_that_is_ended_keeps_the_spool_and_writes_nothing_under_a_final_name(tmp_path):
    sink = sink_for(tmp_path / "d.mkv", info(), DepthOptions())
    write(sink, VALUES, complete=False)
    assert sink.kept == tmp_path / "d.mkv.spool"
    assert names_in(tmp_path) == ["d.mkv.spool"]
    assert len(list(SpoolReader(sink.kept))) == 5


def test_so_does_a_run_that_is_ended_while_the_maps_are_written(tmp_path):
    looks = iter([False, False, False, True])
    sink = sink_for(tmp_path / "d.npy", info(), DepthOptions(is_stopped=lambda: next(looks)))
    write(sink, VALUES)
    assert names_in(tmp_path) == ["d.npy.spool"]
    assert len(open_depth(sink.kept)) == 5


def test_so_does_one_whose_file_cannot_be_written(tmp_path, monkeypatch):
    def full(*_):
        raise SinkError("the disk is full")

    said = []
    sink = sink_for(tmp_path / "d", info(), DepthOptions(notify=said.append))
    monkeypatch.setattr("streamdepth.sinks.depth.files.encoded", full)
    with pytest.raises(SinkError, match="full"):
        write(sink, VALUES)
    assert said == [f"all depth is kept in {sink.kept}, and --input takes it"]
    assert np.array_equal(next(iter(open_depth(sink.kept))).values, VALUES[0])


def test_the_file_and_the_index_of_an_earlier_run_stay_together(tmp_path, monkeypatch):
    write(sink_for(tmp_path / "d.npy", info(), DepthOptions()), VALUES[:2])
    begin = OutputFile.begin

    def full(path, *patience):
        if path.suffix == ".json":
            raise DiskFull("the disk is full")
        return begin(path, *patience)

    monkeypatch.setattr(OutputFile, "begin", full)
    with pytest.raises(DiskFull):
        write(sink_for(tmp_path / "d.npy", info(), DepthOptions()), VALUES)
    assert len(open_depth(tmp_path / "d.npy")) == 2
    assert names_in(tmp_path) == ["d.json", "d.npy", "d.npy.spool"]


def test_a_run_without_a_picture_leaves_nothing(tmp_path):
    sink = sink_for(tmp_path / "d.mkv", info(), DepthOptions())
    sink.write(rendered(VALUES[0], away=True))
    sink.close()
    assert names_in(tmp_path) == []


def test_two_runs_cannot_write_one_name(tmp_path):
    first = sink_for(tmp_path / "d.mkv", info(), DepthOptions())
    with pytest.raises(Taken):
        sink_for(tmp_path / "d.mkv", info(), DepthOptions())
    write(first, VALUES[:1])
    write(sink_for(tmp_path / "d.mkv", info(), DepthOptions()), VALUES[:2])
    assert len(open_depth(tmp_path / "d.mkv")) == 2


def test_it_is_told_before_how_much_disk_it_takes_and_after_that_writing_takes_long(tmp_path, monkeypatch):
    monkeypatch.setattr(spooled, "_MANY", 2)
    said = []
    sink = sink_for(tmp_path / "d.npy", info(count=1_000_000), DepthOptions(notify=said.append))
    write(sink, VALUES)
    assert said[0].endswith(": 3.3 GB")
    assert said[1] == f"writing 5 depth maps to {tmp_path / 'd.npy'}"


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize("left", ["d.mkv.part.spool", "d.mkv.spool"])
def test_what_an_ended_run_left_is_never_written_to_while_it_is_read(tmp_path, left, complete):
    ended = sink_for(tmp_path / "d.mkv", info(), DepthOptions())
    write(ended, VALUES, complete=False)
    spool = ended.kept.rename(tmp_path / left)
    before = spool.read_bytes()
    copy = sink_for(tmp_path / "d.mkv", replace(info(origin=spool), depth={}), DepthOptions())
    write(copy, [depth.values for depth in open_depth(spool)], complete=complete)
    assert spool.read_bytes() == before
    assert names_in(tmp_path) == sorted([left, *(["d.json", "d.mkv"] if complete else [])])


def test_a_disk_that_is_full_before_the_end_keeps_what_is_there(tmp_path, monkeypatch):
    sink = sink_for(tmp_path / "d.mkv", info(), DepthOptions())
    for index in (0, 1):
        sink.write(rendered(VALUES[index], index))
    stream = sink._spool._stream

    class Full:
        def close(self):
            stream.close()
            raise OSError(errno.ENOSPC, "full")

    sink._spool._stream = Full()
    with pytest.raises(DiskFull):
        sink.close(complete=False)
    assert len(open_depth(sink.kept)) == 2
    assert names_in(tmp_path) == ["d.mkv.spool"]
