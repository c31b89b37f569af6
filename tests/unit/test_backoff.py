"""Delays between tries."""

import pytest

from streamdepth.backoff import Backoff


def test_the_last_delay_holds_for_every_further_try():
    backoff = Backoff((0.5, 1.0), 2.0, 0.0, 0.0)
    assert [backoff.delay(failures, 0.3) for failures in (0, 1, 2, 1000)] == [0.5, 1.0, 2.0, 2.0]


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 6.0), (0.5, 9.0), (1.0, 12.0)])
def test_jitter_reaches_from_its_one_share_to_its_other(chance, seconds):
    assert Backoff((), 8.0, shorter=0.25, longer=0.5).delay(0, chance) == pytest.approx(seconds)


def test_a_delay_may_be_made_shorter_alone():
    assert Backoff((), 8.0, shorter=0.25, longer=0.0).delay(0, 1.0) == 8.0
