from __future__ import annotations

import zlib
from fractions import Fraction

import numpy as np
import pytest

from streamdepth.cluster.kept import entries_of, in_sequence, meaning_of, packed, packets_of
from streamdepth.cluster.tasks import MapsAt
from streamdepth.depthfiles.entry import Entry
from streamdepth.depthfiles.spool import SpoolWriter
from streamdepth.errors import SinkError
from streamdepth.frames import DepthMeaning
from streamdepth.sinks.movie.borders import Segment, Stamp

BYTES = [b"first", b"second", b""]


def segment(stamps, total=0):
    return Segment(b"", Fraction(1, 90), tuple(Stamp(*stamp) for stamp in stamps), total)


def test_times_of_decoding_rise_as_in_one_run_and_those_of_presentation_stay():
    first = segment([(0, -2, 1), (3, 1, 1)])
    after_a_gap = segment([(4, 0, 1), (9, 1, 1), (10, 8, 1)])
    joined = in_sequence([first, after_a_gap])
    assert [stamp.decoded for one in joined for stamp in one.stamps] == [-2, 1, 2, 3, 8]
    assert [stamp.shown for one in joined for stamp in one.stamps] == [0, 3, 4, 9, 10]


def test_packets_come_back_with_their_times_and_a_damaged_file_is_told(tmp_path):
    path = tmp_path / "segment"
    path.write_bytes(b"".join(packed(data, is_key=not number) for number, data in enumerate(BYTES)))
    whole = segment([(number, number - 1, 1) for number in range(3)], zlib.crc32(b"".join(BYTES)))
    packets = list(packets_of(path, whole))
    assert [bytes(packet) for packet in packets] == BYTES
    assert [(packet.pts, packet.dts, packet.is_keyframe) for packet in packets] == [
        (0, -1, True),
        (1, 0, False),
        (2, 1, False),
    ]
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(SinkError, match="is damaged"):
        list(packets_of(path, whole))


def test_maps_of_several_pieces_are_numbered_through_from_anywhere(tmp_path):
    maps = []
    for number, (begin, count) in enumerate([(0, 3), (3, 2), (5, 4)]):
        path = tmp_path / f"{number}.spool"
        with path.open("wb") as file:
            writer = SpoolWriter(file, {"meaning": "metres"})
            for index in range(count):
                values = np.full((1, 1), begin + index, np.float32)
                writer.write(Entry(values, index + 70, Fraction(index), (2, 2)))
        maps.append(MapsAt(path, begin))
    assert meaning_of(maps) is DepthMeaning.METRES
    for begin in range(9):
        assert [(entry.index, int(entry.values[0, 0])) for entry in entries_of(maps, begin)] == [
            (index, index) for index in range(begin, 9)
        ]
