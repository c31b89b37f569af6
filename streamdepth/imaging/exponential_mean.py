"""Means that follow what is new and forget what is old at a rate that is given in seconds."""

from __future__ import annotations

import math


def weight_of_new(elapsed: float, time_constant: float) -> float:
    """The weight of the new value, 0 to 1, where `elapsed` seconds have gone by since the last one."""
    return 1.0 - math.exp(-elapsed / time_constant)
