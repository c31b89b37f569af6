"""What is wrong with the words of a command line, and what is right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import reduce

from cyclopts import App, CoercionError, CycloptsError, MissingArgumentError, UnusedCliTokensError

from streamdepth.addresses import looks_like_input

_NUMBERS: dict[object, str] = {int: "a whole number", float: "a number"}


def misread(error: CycloptsError, app: App) -> str:
    """A sentence for words that `app` could not read, and which help says more."""
    command = " ".join((*app.name, *(error.command_chain or ())))
    if not isinstance(error, UnusedCliTokensError) or not error.unused_tokens:
        said = _left_out(error, command) or _no_number(error) or one_line(str(error))
        return f"{said} ({command} --help lists the options)"
    words = error.unused_tokens
    word = next((each for each in words if not looks_like_input(each)), words[0])
    if error.command_chain:
        is_input = looks_like_input(word) and _takes_input(app, error.command_chain)
        meant = f"did you mean --input {word}?" if is_input else f"{command} --help says what it takes"
        return f"{command} has no use for '{word}' ({meant})"
    meant = _meant(word, app, command, has_input=any(map(looks_like_input, words)))
    return f"there is no command '{word}' ({meant}; {command} --help lists all)"


def _takes_input(app: App, names: Iterable[str]) -> bool:
    command = reduce(App.__getitem__, names, app)
    return any("--input" in argument.names for argument in command.assemble_argument_collection())


def one_line(text: str) -> str:
    """What others say in several lines."""
    return " ".join(text.split())


def _meant(word: str, app: App, command: str, *, has_input: bool) -> str:
    names = {name.lstrip("-"): name for name in app}
    near = difflib.get_close_matches(word, names, 1)
    if near:
        return f"did you mean {command} {names[near[0]]}?"
    if word.isdecimal():
        return f"did you mean --camera {word}?"
    if has_input:
        return f"nor is there such a file; --output {word} writes to it"
    return "--camera 0 is a camera, and street.mp4 or --input NAME a file"


def _left_out(error: CycloptsError, command: str) -> str:
    """What is missing, as users type it, where something is; else empty."""
    if not isinstance(error, MissingArgumentError) or (argument := error.argument) is None:
        return ""
    if error.keyword is not None:
        return f"{error.keyword} needs a value"
    near = difflib.get_close_matches(argument.name, error.unused_tokens or (), 1)
    if argument.index is not None:  # it stands by its place, as help shows it; its option is another way
        return f"{command} needs {argument.name.removeprefix('--').upper()}"
    instead = f" instead of {near[0]}" if near else ""
    return f"{command} needs {argument.name}{instead}"


def _no_number(error: CycloptsError) -> str:
    """In words of people where a number was wanted; else empty."""
    if not isinstance(error, CoercionError) or error.msg is not None or error.token is None:
        return ""
    kind, option = _NUMBERS.get(error.target_type), error.token.keyword
    return f"{option} takes {kind}, and '{error.token.value}' is none" if kind and option else ""
