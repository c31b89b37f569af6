"""What any test may ask for: pictures that tell their number, and to wait for something."""

from collections.abc import Iterator

import pytest
from hypothesis import settings
from stamped_feed import stamp_of, stamped, until

from streamdepth.heap import loading

# On a busy machine any example may take longer than the fifth of a second that Hypothesis allows.
settings.register_profile("at any speed", settings(deadline=None))
settings.load_profile("at any speed")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Seven thousand tests and all that they import: looking through them for circles was a quarter of the time."""
    with loading():
        return (yield)


@pytest.fixture(name="until")
def until_():
    return until


@pytest.fixture(name="stamp_of")
def stamp_of_():
    return stamp_of


@pytest.fixture(name="stamped")
def stamped_():
    return stamped
