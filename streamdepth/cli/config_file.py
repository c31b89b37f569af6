"""The file that `--config` names: its options, and which secrets in it others on this machine can read."""

from __future__ import annotations

import stat
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamdepth.addresses import redact_address
from streamdepth.errors import UsageError
from streamdepth.files.listed import decoded
from streamdepth.reporting.logs import warn

if TYPE_CHECKING:
    from streamdepth.reporting.console import ErrorConsole

SECRET = ("token",)
"""Options that are secrets as a whole; of addresses it is their login."""


def read_options(path: Path) -> dict[str, Any]:
    """What the file says; raises `UsageError` where it cannot be read."""
    import tomllib

    try:
        return tomllib.loads(decoded(path.expanduser().read_bytes()))
    except (OSError, ValueError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        cure = "--config takes a .toml file, in which names with \\ are in single quotes"
        raise UsageError(f"cannot read {path}: {why}", cure) from error


def options_for(
    table: Mapping[str, Any], commands: Collection[str], chain: Collection[str]
) -> dict[str, Any]:
    """Those of a file for the command that `chain` names: what stands outside the tables of `commands`, and its own.

    A command's table lies beside options, which may have the same name as a command. Raises `UsageError` where another
    file is named: it would not be read.
    """
    tables = {name: value for name, value in table.items() if name in commands and isinstance(value, dict)}
    options = _as_typed({name: value for name, value in table.items() if name not in tables})
    for name in chain:
        options |= _as_typed(tables.get(name, {}))
    if "config" in options:
        raise UsageError(
            "a file of --config cannot name another one", "put the options of both into one file"
        )
    return options


def _as_typed(table: Mapping[str, Any]) -> dict[str, Any]:
    """With dashes for underscores: a command's own replace those for all, however they are written."""
    options = {name.replace("_", "-"): value for name, value in table.items()}
    if len(options) < len(table):
        twice = next(name for name in table if "_" in name and name.replace("_", "-") in table)
        raise UsageError(f"{twice} is written in two ways in a file of --config", "leave one of them out")
    return options


def warn_of_secrets(path: Path | None, console: ErrorConsole) -> None:
    """Log a warning where others can read secrets in the file."""
    if path is not None and (exposed := exposed_secrets(path)) is not None:
        warn(console, exposed)


def exposed_secrets(path: Path) -> str | None:
    """A warning about a file with secrets that everybody on this machine can read; None of any other file."""
    try:
        if not path.expanduser().stat().st_mode & stat.S_IROTH:
            return None
        names = tuple(dict.fromkeys(_secrets(read_options(path))))
    except (OSError, UsageError, RuntimeError):  # reading its options says what is wrong with it
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
