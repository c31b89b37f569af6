from __future__ import annotations

import pytest

from streamdepth.errors import UsageError
from streamdepth.rendering import Look, Renderer


def test_unknown_names_say_which_there_are():
    with pytest.raises(UsageError, match="inferno, magma"):
        Renderer(colormap="rainbowish")
    with pytest.raises(UsageError, match="overlay, depth, side-by-side"):
        Renderer(layout="upside-down")
    with pytest.raises(UsageError, match="0 to 1"):
        Renderer(alpha=1.5)


@pytest.mark.parametrize("value", [0.0, -1.0, 1.5])
def test_a_cut_out_of_range_says_what_the_range_is(value):
    with pytest.raises(UsageError, match=r"nearest.*farthest"):
        Look(cut_beyond=value)
