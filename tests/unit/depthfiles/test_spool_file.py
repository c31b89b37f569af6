"""The spool of an output: what a later run keeps of it, and when it goes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from streamdepth.depthfiles.entry import Entry
from streamdepth.depthfiles.spool_file import SpoolFile, part_of_spool, place_of_spool


def entry(index):
    return Entry(np.full((2, 3), index, np.float32), index, Fraction(index, 25), (6, 4))


def spool(tmp_path, indices, keep=None):
    file = SpoolFile(tmp_path / "d.mkv.spool")
    if keep is not None:
        assert file.go_on_after(keep)
    for index in indices:
        file.write(entry(index), lambda: {"meaning": "metres"})
    file.sync()
    file.close()
    return file


def test_it_goes_on_behind_the_maps_that_are_kept_and_a_torn_end_counts_for_nothing(tmp_path):
    killed = spool(tmp_path, range(5))
    killed.release()
    with part_of_spool(tmp_path / "d.mkv").open("ab") as file:
        file.write(b"DMAP torn")
    again = spool(tmp_path, [3, 4, 5], keep=3)
    assert again.count == 6
    assert [one.index for one in again.reader()] == [0, 1, 2, 3, 4, 5]
    assert again.reader().facts["meaning"] == "metres"
    again.discard()


def test_what_is_not_all_there_cannot_be_kept(tmp_path):
    spool(tmp_path, range(2)).release()
    again = SpoolFile(place_of_spool(tmp_path / "d.mkv"))
    assert [again.go_on_after(count) for count in (3, 2, 0)] == [False, True, True]
    again.release()
    assert not SpoolFile(tmp_path / "other.spool").go_on_after(1)


@pytest.mark.parametrize(("stays", "name"), [(True, "d.mkv.part.spool"), (False, "d.mkv.spool")])
def test_it_is_kept_where_the_next_run_looks_or_where_a_person_does(tmp_path, stays, name):
    file = spool(tmp_path, range(2))
    file.stays = lambda: stays
    assert file.keep() == tmp_path / name
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_what_was_read_goes_once_nobody_can_go_on_with_it(tmp_path):
    for stays in (True, False):
        file = spool(tmp_path, range(2))
        file.stays = lambda stays=stays: stays
        file.done()
        assert file.is_read
        assert len(list(tmp_path.iterdir())) == stays
        file.discard()
