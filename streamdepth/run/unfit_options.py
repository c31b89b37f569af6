"""Which options do not suit which kind of run: a table for each kind, and the one check of all of them.

What a value must be stands beside its field (`run.rules`); what two options of one run mean for each other, and what
only the opened input shows, is in `run.checks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from streamdepth.errors import UsageError
from streamdepth.run.given import option_of
from streamdepth.run.spec import RunSpec
from streamdepth.values import dataclass


@dataclass(frozen=True)
class Unfit:
    """Options that a kind of run does not take, all for one reason."""

    options: tuple[str, ...]
    """As they are typed."""
    why: str
    """Follows the option in the sentence."""
    cure: str = "leave it out"


_ONE_OF_TWO = "leave one of the two out"

SEVERAL_FILES = (
    Unfit(
        (
            "--switch-to",
            "--window",
            "--webrtc",
            "--publish",
            "--events",
            "--segment",
            "--record",
            "--open",
            "--scenes",
        ),
        "is for one input, and several are named",
        _ONE_OF_TWO,
    ),
    Unfit(("--interpolate",), "is for live pictures, and several inputs are files"),
)
SEVERAL_CAMERAS = (
    Unfit(
        ("--window", "--switch-to", "--resume", "--replay", "--control-video"),
        "is for one input, and several cameras are named",
        _ONE_OF_TWO,
    ),
    Unfit(("--metres", "--zones"), "is of one camera", "name it in that camera's table of a --cameras file"),
)
REPLAY = (
    Unfit(("--max-fps",), "does not go with --replay: what was dropped then is dropped again"),
    Unfit(
        ("--target-latency", "--target-fps"),
        "does not go with --replay: it works on what was worked on then",
    ),
    Unfit(("--interpolate",), "does not go with --replay: it shows what was worked on then"),
    Unfit(("--switch-to",), "does not go with --replay: it plays one session"),
    Unfit(("--cluster", "--resume"), "does not go with --replay: a session is read from its beginning"),
)
DIVIDED_FILM = (
    Unfit(
        ("--max-fps", "--control-video", "--hud", "--metres", "--live", "--switch-to", "--segment"),
        "cannot be divided among the workers of --cluster",
        _ONE_OF_TWO,
    ),
)


def check_fit(spec: RunSpec, table: Sequence[Unfit]) -> None:
    """Raise `UsageError` for the first option of `table` that `spec` has."""
    for row in table:
        for option in row.options:
            if is_given(spec, option):
                raise UsageError(f"{option} {row.why}", row.cure)


def options_in(table: Sequence[Unfit]) -> list[str]:
    """All options of `table`, as they are typed."""
    return [option for row in table for option in row.options]


def is_given(spec: RunSpec, option: str) -> bool:
    """Whether `spec` has an option; one that was switched off (`--no-resume`) is not."""
    for part in (getattr(spec, one.name) for one in fields(spec)):
        for one in fields(part):
            if option_of(one.name) == option:
                return getattr(part, one.name) not in (getattr(type(part)(), one.name), None, False, ())
    raise KeyError(option)
