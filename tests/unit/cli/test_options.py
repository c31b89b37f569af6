"""The words of the command line and the spec that they build."""

from __future__ import annotations

from dataclasses import fields

import pytest

from streamdepth.batch.spec import BatchSpec
from streamdepth.cli import options
from streamdepth.cli.app import app
from streamdepth.run.outputs.web_spec import WebSpec
from streamdepth.run.promise.spec import PromiseSpec
from streamdepth.run.sessions.spec import SessionSpec
from streamdepth.run.spec import (
    AmountSpec,
    DepthFileSpec,
    EncodingSpec,
    InputSpec,
    NetworkSpec,
    OutputSpec,
    PictureSpec,
    RunSpec,
    StreamSpec,
)

PARTS = (
    InputSpec,
    StreamSpec,
    OutputSpec,
    DepthFileSpec,
    PictureSpec,
    NetworkSpec,
    AmountSpec,
    WebSpec,
    EncodingSpec,
    PromiseSpec,
    SessionSpec,
)


@pytest.mark.parametrize("part", [*PARTS, BatchSpec])
def test_every_field_of_a_spec_has_words_and_no_words_are_left_over(part: type) -> None:
    words = getattr(options, f"_{part.__name__.removesuffix('Spec').upper()}_WORDS")
    assert list(words) == [one.name for one in fields(part)]


def test_every_part_of_a_spec_has_options() -> None:
    assert [one.type for one in fields(RunSpec)] == list(PARTS)


def test_what_the_command_line_builds_is_a_plain_spec() -> None:
    words = "--input a.mp4 --switch-to b --switch-to c --size 128 --no-reconnect --segment 1h --range -1,2"
    _, bound, _ = app.parse_args(words.split())
    built = {name: options.plain(part) for name, part in bound.arguments.items()}
    assert built == {
        "batch": BatchSpec(inputs=("a.mp4",)),
        "input": InputSpec(switch_to=("b", "c")),
        "network": NetworkSpec(size=128),
        "stream": StreamSpec(reconnect=False),
        "output": OutputSpec(segment=3600.0),
        "picture": PictureSpec(range=(-1.0, 2.0)),
    }
    assert options.plain(options.WebOptions()) == WebSpec()


def test_words_are_read_where_pydantic_is_loaded() -> None:
    """Then cyclopts asks it whether what was built is what was annotated; torch and others load it."""
    pytest.importorskip("pydantic")
    _, bound, _ = app.parse_args(["--input", "a.mp4"])
    assert isinstance(bound.arguments["batch"], BatchSpec)
