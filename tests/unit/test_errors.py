from __future__ import annotations

import pytest

from streamdepth import errors


def all_errors(base=errors.StreamdepthError):
    yield base
    public = (kind for kind in base.__subclasses__() if kind.__module__ == errors.__name__)
    for child in public:
        yield from all_errors(child)


@pytest.mark.parametrize("kind", list(all_errors()), ids=lambda kind: kind.__name__)
def test_every_error_is_one_sentence_with_its_cure(kind):
    assert str(kind("it broke", "mend it")) == "it broke (mend it)"
    assert str(kind("it broke")) == "it broke"


@pytest.mark.parametrize("kind", list(all_errors()), ids=lambda kind: kind.__name__)
def test_every_error_is_drawn_in_the_tree(kind):
    assert kind.__name__ in errors.__doc__


def test_errors_can_be_caught_as_the_builtins_they_resemble():
    assert issubclass(errors.SourceMissing, FileNotFoundError)
    assert issubclass(errors.SourceTimeout, TimeoutError)
    assert issubclass(errors.UsageError, ValueError)
    assert issubclass(errors.SinkError, OSError)
    assert issubclass(errors.StageStuck, TimeoutError)
