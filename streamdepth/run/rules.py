"""What a value of a spec must be beyond its type."""

from collections.abc import Callable
from math import inf
from typing import Any, get_args

from streamdepth.values import dataclass

RULE = "rule"
"""Where the metadata of a field holds its `Rule`."""


@dataclass(frozen=True)
class Rule:
    """What a value that is given must be."""

    words: str
    """They follow "it must be"."""
    holds: Callable[[Any], bool]


def one_of(words: Any) -> Rule:
    """One of the words of a `Literal`."""
    *most, last = get_args(words)
    return Rule(f"{', '.join(most)} or {last}", lambda word: word in get_args(words))


ABOVE_ZERO = Rule("above 0", lambda value: value > 0)
SECONDS = Rule("above 0 and at most 1000000000", lambda value: 0 < value <= 1e9)
"""Of a time that something is waited for, or kept: the system counts no more."""
ZERO_OR_ABOVE = Rule("0 or above", lambda value: 0 <= value < inf)
DEGREES = Rule("above 0 and below 180", lambda value: 0 < value < 180)


def _is_grid(value: Any) -> bool:
    return isinstance(value, bool) or value in range(2, 129, 2)


GRID = Rule("an even number from 2 to 128", _is_grid)
