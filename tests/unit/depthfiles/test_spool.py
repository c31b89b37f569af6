"""A spool keeps every map exactly, and what a killed process left of it is read up to where it was cut."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from depths import maps

from streamdepth.depthfiles.entry import Entry
from streamdepth.depthfiles.spool import SpoolReader, SpoolWriter, spool_bytes
from streamdepth.errors import SourceError
from streamdepth.pixels import Rectangle

ENTRIES = [
    Entry(values, index, Fraction(index * 1001, 30000), (64, 48), name, inner)
    for index, (values, name, inner) in enumerate(
        zip(maps(3), ["", "ä b.jpg", ""], [None, None, Rectangle(8, 0, 48, 48)], strict=True)
    )
]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.spool"
    with path.open("wb") as file:
        writer = SpoolWriter(file, {"meaning": "metres"})
        for entry in ENTRIES:
            writer.write(entry)
    return path


def same(one, other):
    told = [(e.index, e.pts, e.source, e.name, e.inner) for e in (one, other)]
    return told[0] == told[1] and np.array_equal(one.values, other.values)


def test_every_map_comes_back_exactly_with_all_that_is_known_of_it(path):
    reader = SpoolReader(path)
    assert reader.facts["meaning"] == "metres"
    assert all(map(same, reader, ENTRIES))
    assert len(list(reader)) == 3
    assert path.stat().st_size < spool_bytes(3, (32, 24)) * 1.1


def test_the_heads_tell_count_range_and_shape_without_the_values(path):
    reader = SpoolReader(path)
    seen = reader.overview()
    assert (seen.count, seen.size) == (3, (32, 24))
    assert seen.low == min(float(entry.values.min()) for entry in ENTRIES)
    assert seen.high == max(float(entry.values.max()) for entry in ENTRIES)
    assert [head.values.shape for head in reader.heads()] == [(24, 32)] * 3


@pytest.mark.parametrize("cut", [1, 24 * 32 * 4, 24 * 32 * 4 + 100])
def test_a_torn_tail_is_ignored(path, cut):
    path.write_bytes(path.read_bytes()[:-cut])
    assert len(list(SpoolReader(path))) == 2
    assert SpoolReader(path).overview().count == 2


def test_a_damaged_map_ends_it(path):
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    assert len(list(SpoolReader(path))) == 2


def test_it_is_read_while_it_is_written(tmp_path):
    with (tmp_path / "a.spool").open("wb") as file:
        writer = SpoolWriter(file, {})
        file.flush()
        reader = SpoolReader(tmp_path / "a.spool")
        assert reader.overview() is None
        for count, entry in enumerate(ENTRIES, 1):
            writer.write(entry)
            file.flush()
            assert len(list(reader)) == count


@pytest.mark.parametrize("data", [b"", b"no spool\n", b'{"streamdepth": "spool", "version": 2}\n', b"[]\n"])
def test_what_is_no_spool_is_told(tmp_path, data):
    (tmp_path / "a.spool").write_bytes(data)
    with pytest.raises(SourceError, match="not a spool"):
        SpoolReader(tmp_path / "a.spool")
