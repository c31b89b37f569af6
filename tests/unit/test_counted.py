"""One thing is not some things."""

import pytest

from streamdepth.counted import counted


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 pictures"), (1, "1 picture"), (2, "2 pictures"), (21, "21 pictures")]
)
def test_one_thing_is_not_some_things(count, said):
    assert counted(count, "picture") == said
