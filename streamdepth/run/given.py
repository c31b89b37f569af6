"""Which fields of a part of a spec were given, and the options that they are typed as."""

from __future__ import annotations

from dataclasses import fields
from typing import Any


def given(part: Any) -> dict[str, Any]:
    """The fields of `part`, a dataclass with a default for each, that are not as usual, with their values."""
    usual = type(part)()
    values = {one.name: getattr(part, one.name) for one in fields(part)}
    return {name: value for name, value in values.items() if value != getattr(usual, name)}


def option_of(field: str) -> str:
    """`--max-fps` of `max_fps`."""
    return f"--{field.replace('_', '-')}"
