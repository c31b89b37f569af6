"""An index is written one picture at a time, and says what a set is."""

from __future__ import annotations

import io
import json
from fractions import Fraction

import numpy as np
import pytest
from depths import info, maps, write

from streamdepth.depthfiles.entry import Entry
from streamdepth.depthfiles.index import IndexWriter, SetFacts, is_complete, is_index_of, read_index
from streamdepth.depthfiles.sixteen_bits import Scale
from streamdepth.frames import DepthMeaning
from streamdepth.pixels import Rectangle
from streamdepth.sinks.depth.choice import sink_for
from streamdepth.sinks.depth.options import DepthOptions

ZERO = np.zeros((2, 2), np.float32)
FACTS = SetFacts(
    DepthMeaning.METRES, "clip", Scale(0.001, 0.0), (2, 2), {"source": {"width": 8, "height": 6}}
)


def written(*entries, scale=None):
    file = io.BytesIO()
    writer = IndexWriter(file)
    for number, entry in enumerate(entries):
        writer.add(entry, f"{number}.png", scale)
    writer.finish(FACTS)
    return file.getvalue()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_what_is_written_is_read_with_timestamps_names_and_places(tmp_path, count):
    entries = [
        Entry(ZERO, n, Fraction(n * 1001, 30000), (8, 6), f"ä{n}.jpg", Rectangle(2, 0, 4, 6))
        for n in range(count)
    ]
    index = read_index(tmp_path, written(*entries, scale=Scale(2.0, 1.0)))
    assert (index.facts, index.source) == (FACTS, (8, 6))
    told = [(one.index, one.pts, one.name, one.inner, one.scale, one.file) for one in index.pictures]
    assert told == [(e.index, e.pts, e.name, e.inner, Scale(2.0, 1.0), f"{e.index}.png") for e in entries]


def test_people_can_read_it():
    told = json.loads(written(Entry(ZERO, 0, Fraction(1, 3), (8, 6))))
    assert told["formula"] == "value = offset + scale * pixel"
    assert (told["meaning"], told["nearer"], told["count"]) == ("metres", "smaller", 1)
    assert told["pictures"] == [{"file": "0.png", "index": 0, "pts": "1/3"}]


def test_facts_of_exact_values_are_read_back():
    facts = SetFacts(DepthMeaning.METRES, "clip", Scale.spanning(1.0, 9.0), is_exact=True)
    told = facts.to_json()
    assert (told["formula"], told["lowest"], told["highest"]) == ("value = pixel", 1.0, 9.0)
    assert "scale" not in told
    assert read_index(None, json.dumps(told).encode()).facts == facts


@pytest.mark.parametrize("complete", [True, False])
def test_a_set_whose_run_was_ended_says_so(tmp_path, complete):
    write(sink_for(tmp_path / "d", info(), DepthOptions(format="npy")), maps(2), complete=complete)
    assert is_complete(tmp_path / "d" / "streamdepth.json") is complete


def test_another_json_is_no_index(tmp_path):
    (tmp_path / "a.json").write_text('{"labels": ["car"]}')
    (tmp_path / "b.json").write_text("[1]")
    for name in ("a", "b", "none"):
        assert not is_index_of(tmp_path / f"{name}.mkv", tmp_path / f"{name}.json")
        assert not is_complete(tmp_path / f"{name}.json")
