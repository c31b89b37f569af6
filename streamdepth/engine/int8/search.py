"""int8: which layers can bear it.

A runtime's quantiser (`int8.openvino`, `int8.onnx`) makes every layer int8. Where that costs too much, the
layers that hurt most get their float32 numbers back, until the network passes or has no time or no point left.

How much a layer hurts is measured and not guessed: the error that goes when a few neighbouring layers are float again.
The errors of layers add up as powers, since they have little to do with each other, so those that take most away
alone take most away together (the idea of "leave one out" sensitivity in mixed-precision quantisation).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence

from streamdepth.engine.int8.network import Map, QuantisedNetwork
from streamdepth.values import dataclass

SECONDS = 55.0
"""How long the search for layers may take; quantising comes before it and takes 5 to 17 s on two busy cores."""
_GROUPS = 16
"""Layers are tried in so many groups of neighbours: one by one would take minutes."""
_MOST = _GROUPS * 3 // 4
"""Groups that may become float; past three quarters of the layers there is nothing of int8 left."""


@dataclass(frozen=True)
class Score:
    """How near a network is to its reference."""

    share: float
    """Of pixels, how many agree: 0 to 1."""
    error: float
    """Mean square of the difference after alignment, as a share of the range of the reference."""


@dataclass(frozen=True)
class Restored:
    """Which layers stay float32, and what that gives."""

    floats: frozenset[str]
    share: float
    passed: bool


Judge = Callable[[Sequence[Map], Sequence[Map]], Score]


def restore(
    network: QuantisedNetwork,
    judge: Judge,
    budget: float,
    seconds: float = SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Restored:
    """The fewest layers in float32 with which a share of `budget` of the pixels agrees, as far as a search finds them.

    Where none is found in `seconds`, or only with most layers in float32, the answer is the network with all of them
    in int8, which did not pass.
    """
    end = clock() + seconds
    reference = network.reference()

    def score(floats: Collection[str]) -> Score:
        return judge(reference, network.maps(floats))

    whole = score(())
    if whole.share >= budget:
        return Restored(frozenset(), whole.share, True)
    if score(network.layers).share < budget:
        return Restored(frozenset(), whole.share, False)  # not even the rest would pass: no need to search
    groups = _by_relief(_grouped(network.layers), whole, score, lambda: clock() > end - seconds / 3)

    def with_floats(count: int) -> Restored:
        floats = frozenset(layer for group in groups[:count] for layer in group)
        share = score(floats).share
        return Restored(floats, share, share >= budget)

    low, high = 1, min(_MOST, len(groups))
    best = with_floats(high)  # whether it can pass: asked even where the time is over, for the answer is kept
    if not best.passed:
        return Restored(frozenset(), whole.share, False)
    while low < high and clock() < end:  # the fewest groups that pass, by halving
        count = (low + high) // 2
        found = with_floats(count)
        if found.passed:
            best, high = found, count
        else:
            low = count + 1
    return best


def _grouped(layers: Sequence[str]) -> list[Sequence[str]]:
    size = max(1, -(-len(layers) // _GROUPS))
    return [layers[start : start + size] for start in range(0, len(layers), size)]


def _by_relief(
    groups: list[Sequence[str]],
    whole: Score,
    score: Callable[[Collection[str]], Score],
    too_late: Callable[[], bool],
) -> list[Sequence[str]]:
    """The groups by how much error goes with each in float32; what there was no time to try comes last.

    They are tried from both ends inwards: the first and the last layers are the usual culprits.
    """
    relief: dict[int, float] = {}
    order = _inwards(len(groups))
    for index in order:
        if too_late():
            break
        relief[index] = whole.error - score(groups[index]).error
    tried = sorted(relief, key=relief.__getitem__, reverse=True)
    return [groups[index] for index in (*tried, *(index for index in order if index not in relief))]


def _inwards(count: int) -> list[int]:
    ends = ((index, count - 1 - index) for index in range((count + 1) // 2))
    return list(dict.fromkeys(index for pair in ends for index in pair))
