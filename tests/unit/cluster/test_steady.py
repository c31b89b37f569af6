"""The second pass comes to the states and depths of a stream that sees the pictures."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from streamdepth.cluster.kept import KeptPiece, maps_path, piece_path, read_state
from streamdepth.cluster.steady import steady
from streamdepth.depthfiles.entry import Entry
from streamdepth.depthfiles.spool import SpoolWriter
from streamdepth.errors import SinkError
from streamdepth.frames import DepthMap, Estimate, Frame
from streamdepth.pipeline.ahead import in_view
from streamdepth.pixels import Picture, sum_of
from streamdepth.rendering import MovingRange
from streamdepth.rendering.horizon import AT_ONCE, Horizon
from streamdepth.rendering.stabilise.stabiliser import Stabiliser
from streamdepth.rendering.stream import DepthStream, Glance
from streamdepth.resuming.frozen import to_bytes
from streamdepth.run.spec import AmountSpec

EVERY = 4
COUNT = 11


HORIZON = Horizon(Fraction(3, 25), 2)


def stream(horizon=HORIZON):
    return DepthStream(MovingRange(), Stabiliser(), horizon=horizon)


def estimates():
    rng = np.random.default_rng(0)
    scene = rng.integers(0, 200, (48, 64, 3))
    for index in range(COUNT):
        image = (scene + index % 3).astype(np.uint8)
        frame = Frame(index, Fraction(index, 25), 0.0, Picture.of_bgr(image))
        yield Estimate(frame, DepthMap(rng.random((12, 16)).astype(np.float32) + index), 0.0)


def kept_in(folder, sizes=(5, 0, 6)):
    """All pictures in pieces of those sizes, as workers leave them."""
    rest = iter(list(estimates()))
    for number, size in enumerate(sizes):
        part = [next(rest) for _ in range(size)]
        with maps_path(folder, number).open("wb") as file:
            writer = SpoolWriter(file, {"meaning": "metres"}) if part else None
            for offset, one in enumerate(part):
                entry = Entry.of(one, one.depth)
                writer.write(Entry(entry.values, offset, entry.pts, entry.source))
        glances = tuple(Glance.at(one.frame, one.depth) for one in part)
        sums = tuple(sum_of(one.frame.picture) for one in part)
        piece_path(folder, number).write_bytes(to_bytes(KeptPiece(glances, sums, None)))


@pytest.mark.parametrize("horizon", [AT_ONCE, HORIZON])
def test_states_and_depths_are_those_of_a_stream_that_sees_the_pictures(tmp_path, horizon):
    kept_in(tmp_path)
    taken = []
    known = steady(tmp_path, 3, stream(horizon), EVERY, AmountSpec(), taken.append)
    seen, depths = stream(horizon), []
    in_order = in_view(list(estimates()), seen.foresee, lambda: seen.knows_next)
    for index, one in enumerate(in_order):
        depths.append(seen.take(one).depth.values)
        if index + 1 in (EVERY, 2 * EVERY):
            state = read_state(tmp_path, (index + 1) // EVERY - 1)
            assert state.pictures == index + 1
            assert np.array_equal(state.stream.shot.smooth, seen.state.shot.smooth)
            assert np.array_equal(state.stream.shot.motion.memory, seen.state.shot.motion.memory)
            assert state.stream.range == seen.state.range
    assert [one.index for one in known.left_off] == [3, 7]
    assert [one.sum for one in known.left_off] == [
        sum_of(one.frame.picture) for one in list(estimates())[3:8:4]
    ]
    assert [part.index for part in known.maps] == [0, 5]
    assert known.count == COUNT
    assert [one.estimate.frame.index for one in taken] == list(range(8))  # the rest is for the run that joins
    assert all(np.array_equal(one.depth.values, depth) for one, depth in zip(taken, depths, strict=False))


def test_no_more_is_taken_than_is_wanted_and_a_border_at_the_end_is_none(tmp_path):
    kept_in(tmp_path)
    for amount, count, borders in (
        (AmountSpec(frames=8), 8, 1),
        (AmountSpec(duration=Fraction(9, 25)), 9, 2),
        (AmountSpec(frames=3), 3, 0),
    ):
        known = steady(tmp_path, 3, stream(), EVERY, amount, lambda _rendered: None)
        assert (known.count, len(known.left_off)) == (count, borders)
    assert known.span is not None


def test_maps_that_are_damaged_are_one_sentence_with_a_cure(tmp_path):
    kept_in(tmp_path)
    maps = maps_path(tmp_path, 2)
    maps.write_bytes(maps.read_bytes()[:-1])
    with pytest.raises(SinkError, match=r"maps-000002.spool is damaged \(--no-resume starts anew\)"):
        steady(tmp_path, 3, stream(), EVERY, AmountSpec(), lambda _rendered: None)
