"""Which fields of a spec were given."""

from fractions import Fraction
from pathlib import Path

import pytest

from streamdepth.run.given import given, option_of
from streamdepth.run.spec import AmountSpec, InputSpec, RunSpec


def test_nothing_is_given_of_a_spec_as_usual():
    spec = RunSpec()
    assert [given(getattr(spec, part)) for part in ("input", "output", "picture", "promise", "session")] == [
        {}
    ] * 5


def test_what_differs_from_its_default_is_given_with_its_value():
    assert given(InputSpec(input="a.mp4", metres=Path("a.metres"))) == {
        "input": "a.mp4",
        "metres": Path("a.metres"),
    }
    assert given(AmountSpec(max_fps=Fraction(10), frames=None)) == {"max_fps": 10}


@pytest.mark.parametrize(("field", "option"), [("model", "--model"), ("max_fps", "--max-fps")])
def test_an_option_is_written_as_it_is_typed(field, option):
    assert option_of(field) == option
