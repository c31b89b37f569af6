"""One table a kind of run says which options it does not take."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from streamdepth.cli.app import app
from streamdepth.errors import UsageError
from streamdepth.run.sessions.spec import SessionSpec
from streamdepth.run.spec import InputSpec, OutputSpec, RunSpec, StreamSpec
from streamdepth.run.unfit_options import (
    DIVIDED_FILM,
    REPLAY,
    SEVERAL_CAMERAS,
    SEVERAL_FILES,
    check_fit,
    is_given,
    options_in,
)

TABLES = {"files": SEVERAL_FILES, "cameras": SEVERAL_CAMERAS, "replay": REPLAY, "cluster": DIVIDED_FILM}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_each_option_is_in_a_table_once_and_is_one_of_the_command(table) -> None:
    names = options_in(table)
    assert len(names) == len(set(names))
    known = {name for argument in app.assemble_argument_collection() for name in argument.names}
    assert set(names) <= known


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_run_without_options_suits_every_kind(table) -> None:
    check_fit(RunSpec(), table)
    assert not any(is_given(RunSpec(), option) for option in options_in(table))


@pytest.mark.parametrize(
    ("option", "spec"),
    [
        ("--switch-to", RunSpec(InputSpec(switch_to=("demo",)))),
        ("--record", RunSpec(session=SessionSpec(record=Path("s.mkv")))),
        ("--live", RunSpec(stream=StreamSpec(live=True))),
        ("--resume", RunSpec(output=OutputSpec(resume="any"))),
    ],
)
def test_an_option_is_found_whatever_part_of_the_spec_has_it(option: str, spec: RunSpec) -> None:
    assert is_given(spec, option)


def test_an_option_that_is_switched_off_is_not_given() -> None:
    check_fit(RunSpec(output=OutputSpec(resume=False)), SEVERAL_CAMERAS)


def test_the_first_option_that_does_not_suit_is_named_with_its_cure() -> None:
    wrong = RunSpec(InputSpec(metres=Path("a.metres")), output=OutputSpec(resume=True))
    with pytest.raises(UsageError) as refused:
        check_fit(wrong, SEVERAL_CAMERAS)
    assert refused.value.what == "--resume is for one input, and several cameras are named"
    with pytest.raises(UsageError, match="--metres is of one camera"):
        check_fit(replace(wrong, output=OutputSpec()), SEVERAL_CAMERAS)


def test_an_option_that_there_is_not_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        is_given(RunSpec(), "--no-such-option")
