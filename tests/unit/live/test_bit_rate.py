from __future__ import annotations

import gc
from itertools import islice

import pytest

from streamdepth.live.bit_rate import BitRateControl, RateMeter, ceiling_for


def test_more_pixels_and_pictures_get_more_bits_but_not_in_proportion():
    vga, hd = ceiling_for(640, 480, 30), ceiling_for(1280, 720, 30)
    assert 900_000 < vga < 1_300_000
    assert vga < hd < 3 * vga
    assert hd / 2 < ceiling_for(1280, 720, 15) < hd


def test_without_word_from_viewers_it_stays_at_the_ceiling():
    control = BitRateControl(1_000_000)
    assert control.update([], 0.0) is None
    assert control.rate == 1_000_000


def test_it_falls_at_once_to_what_the_weakest_of_few_can_take():
    control = BitRateControl(1_000_000)
    assert control.update([5_000_000, 400_000], 0.0) == 340_000
    assert control.update([5_000_000, 200_000], 0.5) is None  # half a second after the last change
    assert control.update([5_000_000, 200_000], 1.0) == 170_000


def test_of_many_the_weakest_do_not_decide():
    control = BitRateControl(1_000_000)
    assert control.update([100_000, *[5_000_000] * 9], 0.0) is None


def test_it_never_falls_below_its_floor():
    control = BitRateControl(2_000_000)
    assert control.update([1], 0.0) == 200_000


def test_it_rises_in_steps_and_reaches_the_ceiling():
    control = BitRateControl(1_000_000)
    control.update([400_000], 0.0)
    rates = [control.update([], 2.0 * step) for step in range(1, 6)]
    assert rates == [510_000, 765_000, 1_000_000, None, None]


def test_small_changes_are_left_alone():
    control = BitRateControl(1_000_000)
    control.update([500_000], 0.0)
    assert control.update([530_000], 10.0) is None
    assert control.update([470_000], 20.0) is None


def test_the_meter_tells_the_rate_of_the_last_seconds():
    meter = RateMeter()
    assert meter.rate is None
    for step in range(100):
        meter.saw(step / 10)
    assert abs(meter.rate - 10) < 1e-6
    for step in range(100):
        meter.saw(10 + step / 25)
    assert abs(meter.rate - 25) < 1e-6


@pytest.mark.parametrize("rate", [0.3, 0.9, 1.0, 1.4])
def test_the_meter_tells_a_slow_rate_from_the_fourth_picture_on(rate):
    meter = RateMeter()
    told = []
    for step in range(20):
        meter.saw(step / rate)
        told.append(meter.rate)
    assert told[:3] == [None] * 3
    assert told[3:] == pytest.approx([rate] * 17)


def test_a_silence_is_no_part_of_the_rate():
    meter = RateMeter()
    for begin in (0.0, 20.0):
        for step in range(60):
            meter.saw(begin + step / 30)
            assert meter.rate is None or abs(meter.rate - 30) < 1e-6


def test_pictures_may_come_while_the_rate_is_asked_for():
    """As from another thread that runs while the collector does, which any allocation may start."""
    meter, moments = RateMeter(), iter(range(1_000_000))
    for moment in islice(moments, 60):
        meter.saw(moment / 30)

    class Garbage:
        def __init__(self):
            self.itself = self

        def __del__(self):
            meter.saw(next(moments) / 30)
            if goes_on:
                Garbage()

    before, goes_on = gc.get_threshold(), True
    gc.set_threshold(1)
    try:
        Garbage()
        for _ in range(3000):
            rate = meter.rate
    finally:
        goes_on = False
        gc.set_threshold(*before)
    gc.collect()
    assert abs(rate - 30) < 1e-3
