"""Properties that Hypothesis tries with many examples."""

from __future__ import annotations

from hypothesis import settings


def test_an_example_may_take_as_long_as_the_machine_needs():
    assert settings().deadline is None
