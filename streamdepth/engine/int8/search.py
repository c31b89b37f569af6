"""int8: which layers can bear it.

A runtime's quantiser (`int8.openvino`, `int8.onnx`) makes every layer int8. Where that costs too much, the
layers that hurt most get their float32 numbers back, until the network passes or has no time or no point left.

How much a few neighbouring layers hurt is measured and not guessed: the error of the network with these alone in int8.
The errors of layers add up as powers, since they have little to do with each other, so those that hurt most alone hurt
most together. (What a network in int8 gains by layers in float32 says less: beside one that spoils everything, others
seem to mend it.) The piece with the largest error is halved again and again, down to single layers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence

from streamdepth.engine.int8.network import Map, QuantisedNetwork
from streamdepth.values import dataclass

SECONDS = 55.0
"""How long the search for layers may take; quantising comes before it and takes 5 to 17 s on two busy cores."""
_PIECES = 8
"""Layers are tried in so many pieces at first: one by one would take minutes."""
_HALVINGS = 8
"""How often the piece that hurts most is halved."""
_MOST = 0.75
"""Of the layers that may become float; past that there is nothing of int8 left."""
_FEW = 4
"""Every so manyth frame is enough to compare pieces."""


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
    hurried: bool = False
    """Whether there was no time to look for them all: on a quiet machine it may pass."""


@dataclass(frozen=True)
class _Piece:
    """Neighbouring layers, and the error of the network with these alone in int8."""

    layers: Sequence[str]
    error: float

    @property
    def harm(self) -> float:
        """Error for each layer that would become float."""
        return self.error / len(self.layers)


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
    layers, reference = network.layers, network.reference()

    def score(floats: Collection[str]) -> Score:
        return judge(reference, network.maps(floats))

    def error(alone: Sequence[str]) -> float:
        floats = [layer for layer in layers if layer not in alone]
        return judge(reference[::_FEW], network.maps(floats, _FEW)).error

    whole = score(())
    if whole.share >= budget:
        return Restored(frozenset(), whole.share, True)
    if score(layers).share < budget:
        return Restored(frozenset(), whole.share, False)  # not even the rest would pass: no need to search

    def too_late() -> bool:
        return clock() > end - seconds / 3

    groups = _by_harm(layers, error, too_late)
    hurried = too_late()
    found = _fewest(groups, score, budget, lambda: clock() < end)
    return found or Restored(frozenset(), whole.share, False, hurried)


def _fewest(
    groups: Sequence[Sequence[str]],
    score: Callable[[Collection[str]], Score],
    budget: float,
    in_time: Callable[[], bool],
) -> Restored | None:
    """The fewest of the first groups that pass in float32, by halving; None where too many would be needed."""

    def with_floats(count: int) -> Restored:
        floats = frozenset(layer for group in groups[:count] for layer in group)
        share = score(floats).share
        return Restored(floats, share, share >= budget)

    low, high = 1, _count(groups)
    best = with_floats(high)  # whether it can pass: asked even where the time is over, for the answer is kept
    if not best.passed:
        return None
    while low < high and in_time():
        count = (low + high) // 2
        found = with_floats(count)
        if found.passed:
            best, high = found, count
        else:
            low = count + 1
    return best


def _count(groups: Sequence[Sequence[str]]) -> int:
    """How many of the first groups may become float."""
    left = _MOST * sum(map(len, groups))
    for index, group in enumerate(groups):
        left -= len(group)
        if left < 0:
            return max(index, 1)
    return len(groups)


def _by_harm(
    layers: Sequence[str], error: Callable[[Sequence[str]], float], too_late: Callable[[], bool]
) -> list[Sequence[str]]:
    """All layers, in groups of neighbours: first those whose rounding harms most for each layer.

    What there was no time to try comes last. Pieces are tried from both ends inwards: the first and the last layers
    are the usual culprits.
    """
    size = max(1, -(-len(layers) // _PIECES))
    left = [layers[start : start + size] for start in range(0, len(layers), size)]
    pieces: list[_Piece] = []
    while left and not too_late():
        piece = left.pop(0 if len(pieces) % 2 == 0 else -1)
        pieces.append(_Piece(piece, error(piece)))
    for _ in range(_HALVINGS):
        whole = max((piece for piece in pieces if len(piece.layers) > 1), key=_error, default=None)
        if whole is None or too_late():
            break
        pieces.remove(whole)
        middle = len(whole.layers) // 2
        pieces += [_Piece(half, error(half)) for half in (whole.layers[:middle], whole.layers[middle:])]
    ranked = sorted(pieces, key=lambda piece: piece.harm, reverse=True)
    return [*(piece.layers for piece in ranked), *left]


def _error(piece: _Piece) -> float:
    return piece.error
