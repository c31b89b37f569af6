"""The groups of options in --help, and what all words of an option have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cyclopts import Group, Parameter

from streamdepth.run.rules import Rule

INPUT = Group("Input (a camera, or any other)", sort_key=1)
OUTPUT = Group("Output (any number; a window when none is named)", sort_key=2)
SEVERAL = Group("Several inputs or cameras", sort_key=3)
PICTURE = Group("Picture", sort_key=4)
NETWORK = Group("Network", sort_key=5)
AMOUNT = Group("How much", sort_key=6)
WEB = Group("Web (with --webrtc)", sort_key=7)
RUN = Group("Run", sort_key=8)
CACHE_DIR = "Where downloaded weights and converted networks are kept (default: the user's cache folder)."
ROOT_PATH = "Path below which a proxy asks for this, such as /depth (not needed if it removes the path)."


def one(group: Group, *names: str, help: str, **more: Any) -> Parameter:
    """An option that has no negative form."""
    return Parameter(names or None, group=group, help=help, negative=(), show_default=False, **more)


def switch(group: Group, help: str) -> Parameter:
    """An option that has a negative form."""
    return Parameter(group=group, help=help, show_default=False)


def obeying(rule: Rule) -> Callable[[Any, Any], None]:
    """What makes cyclopts refuse a value that breaks `rule`; an option that is left out breaks none."""

    def validate(_type: Any, value: Any) -> None:
        if value is not None and not rule.holds(value):
            raise ValueError(f"It must be {rule.words}.")

    return validate
