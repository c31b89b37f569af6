"""The words for what a network's values say: `--depth-kind`."""

from __future__ import annotations

from collections.abc import Mapping

from streamdepth.errors import UsageError
from streamdepth.frames import DepthMeaning

MEANINGS: Mapping[str, DepthMeaning] = {
    "relative": DepthMeaning.INVERSE_RELATIVE,
    "inverse": DepthMeaning.INVERSE,
    "distance": DepthMeaning.DISTANCE_RELATIVE,
    "metres": DepthMeaning.METRES,
}


def read_meaning(word: str) -> DepthMeaning:
    """The meaning of a word; raises `UsageError` for any other."""
    try:
        return MEANINGS[word]
    except KeyError as error:
        raise UsageError(f"there is no depth kind '{word}'", f"choose from {', '.join(MEANINGS)}") from error
