from __future__ import annotations

from fractions import Fraction

import pytest

from streamdepth.promise.target import Target


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target(0.05), "50 ms"),
        (Target(fps=Fraction(30)), "30 pictures a second"),
        (Target(0.0125, Fraction(30000, 1001)), "12.5 ms and 29.97 pictures a second"),
    ],
)
def test_a_target_is_said_in_the_words_of_its_options(target: Target, words: str) -> None:
    assert str(target) == words
