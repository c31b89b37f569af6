"""What was typed for options, on the command line or in a file, looked at before it is converted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

from cyclopts import CoercionError, Token

from streamdepth.errors import UsageError

PATHS_AMONG_NAMES = ("--model",)
"""Options that take a path or a name, and are therefore text."""


def put_right(_app: Any, _commands: Any, arguments: Iterable[Any]) -> None:
    """Expand `~`, which no shell does in a file nor behind `--option=`; raise `CoercionError` for parts of a whole."""
    for argument in arguments:
        kinds = _kinds(argument.hint)
        if Path in kinds or argument.name in PATHS_AMONG_NAMES:
            argument.tokens[:] = [_at_home(token) for token in argument.tokens]
        if int in kinds and float not in kinds and argument.parameter.converter is None:
            for token in argument.tokens:
                _check_whole(token)


def check_switches(options: Mapping[str, Any], arguments: Iterable[Any], place: object) -> None:
    """Raise `UsageError` where a file says true or false for what is a path, a word or a number."""
    switches = {name: value for name, value in options.items() if isinstance(value, bool)}
    for argument in arguments:
        for name, value in switches.items():
            if f"--{name.replace('_', '-')}" in argument.names and bool not in _kinds(argument.hint):
                said = str(value).lower()
                raise UsageError(
                    f"{name} in {place} is {said}, and is no switch", "say its value, or leave it out"
                )


def _kinds(hint: Any) -> set[Any]:
    """The types of which a hint is made."""
    return {hint}.union(*map(_kinds, get_args(hint)))


def _at_home(token: Token) -> Token:
    if not token.value.startswith("~"):
        return token
    try:
        return token.evolve(value=str(Path(token.value).expanduser()))
    except RuntimeError:  # nobody is called like that: it may be the name of a file
        return token


def _check_whole(token: Token) -> None:
    """Cyclopts rounds: `--frames 2.5` would be two, and a port in a file 80.5 another one."""
    try:
        is_part = "." in token.value and not float(token.value).is_integer()
    except ValueError:
        return  # which it refuses itself
    if is_part:
        raise CoercionError(token=token, target_type=int)
