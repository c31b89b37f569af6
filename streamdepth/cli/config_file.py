"""The file that `--config` names: which secrets in it others on this machine can read."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streamdepth.addresses import redact_address

SECRET = ("token",)
"""Options that are secrets as a whole; of addresses it is their login."""


def exposed_secrets(path: Path) -> str | None:
    """A warning about a file with secrets that everybody on this machine can read; None of any other file."""
    try:
        if not path.stat().st_mode & stat.S_IROTH:
            return None
        names = tuple(dict.fromkeys(_secrets(tomllib.loads(path.read_text("utf-8")))))
    except (OSError, ValueError):  # reading its options says what is wrong with it
        return None
    if not names:
        return None
    return f"everybody on this machine can read {' and '.join(names)} in {path} (chmod 600 {path})"


def _secrets(table: dict[str, Any]) -> Iterator[str]:
    """The names of the options that hold secrets."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _secrets(value)
        elif name in SECRET or any(
            _has_login(one) for one in (value if isinstance(value, list) else [value])
        ):
            yield name


def _has_login(value: object) -> bool:
    return isinstance(value, str) and redact_address(value) != value
