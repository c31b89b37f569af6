from typing import get_args

import pytest

from streamdepth.errors import UsageError
from streamdepth.frames import DepthMeaning
from streamdepth.models.meaning import MEANINGS, read_meaning
from streamdepth.run.spec import NetworkGives


def test_every_meaning_has_a_word_and_the_spec_has_all_of_them():
    assert set(MEANINGS.values()) == set(DepthMeaning)
    assert tuple(MEANINGS) == get_args(NetworkGives)
    assert read_meaning("metres") is DepthMeaning.METRES


def test_another_word_is_refused_with_those_that_there_are():
    with pytest.raises(UsageError, match="relative, inverse, distance, metres"):
        read_meaning("miles")
