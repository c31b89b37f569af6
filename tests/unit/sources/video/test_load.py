from __future__ import annotations

from fractions import Fraction

import pytest

from streamdepth.sources.video.load import Load


@pytest.mark.parametrize(("waits", "works", "share"), [(1, 1, 0.5), (0, 1, 1.0), (3, 1, 0.25)])
def test_who_waits_for_packets_is_not_busy(waits, works, share):
    now = [Fraction(0)]

    def packets():
        for number in range(30):
            now[0] += waits
            yield number

    load = Load(lambda: now[0])
    assert load.share is None
    coming = load.of(packets())
    for _ in range(30):
        with load:
            next(coming)
            now[0] += works
    assert load.share == pytest.approx(share, abs=0.1)


@pytest.mark.parametrize("held_at", [0, 5])
def test_a_picture_that_nobody_takes_for_long_does_not_keep_it_busy(held_at):
    """As the first, while the network is loaded."""
    now, shares = [0.0], set()

    def packets():
        while True:
            now[0] += 0.03
            yield None

    load = Load(lambda: now[0])
    coming = load.of(packets())
    for number in range(1000):
        with load:
            next(coming)
            now[0] += 0.01
        now[0] += 60.0 if number == held_at else 0.0
        shares.add(load.share)
    assert max(shares - {None}) == pytest.approx(0.25, abs=0.05)
