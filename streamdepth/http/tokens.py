"""The tokens that give access."""

from __future__ import annotations

import hmac
import re
from pathlib import Path
from urllib.parse import parse_qs

from streamdepth.errors import SinkError, UsageError
from streamdepth.files.listed import read_list
from streamdepth.values import dataclass, field

_TOKEN = re.compile(r"[\x21-\x7e]{8,256}")


def check_token(token: str, which: str = "the token") -> None:
    """Raise `UsageError` for one that is easily guessed, or that no header holds; `which` is how it is called there."""
    if _TOKEN.fullmatch(token) is None:
        raise UsageError(f"{which} is too short or has odd characters", "give 8 or more letters and digits")


def token_in(words: str) -> str:
    """The token in the part of an address behind `?` or `#`; empty where there is none.

    None has a space: what is read as one was a plus that nobody wrote as %2B, as in a token in Base64.
    """
    return parse_qs(words).get("token", [""])[0].replace(" ", "+")


@dataclass(frozen=True)
class Tokens:
    """Any of them lets a client in; none at all asks for no token. Raises `UsageError` as `check_token`."""

    secrets: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        for secret in self.secrets:
            check_token(secret)

    @classmethod
    def of(cls, token: str | None) -> Tokens:
        """One, or none."""
        return cls() if token is None else cls((token,))

    @classmethod
    def read(cls, path: Path) -> Tokens:
        """One a line; empty lines and those that begin with # say nothing. Raises `SinkError` and `UsageError`."""
        items = read_list(
            path, f"cannot read the tokens in {path}", "name a file with one per line", SinkError
        )
        if not items:
            raise UsageError(f"there is no token in {path}", "write one a line, each of 8 or more characters")
        for number, secret in items:
            check_token(secret, f"the token in line {number} of {path}")
        return cls(tuple(secret for _, secret in items))

    def __bool__(self) -> bool:
        """Whether one is asked for."""
        return bool(self.secrets)

    def allow(self, given: str) -> bool:
        """Whether `given` is one of them; how long that takes says nothing of which, nor of how near it is."""
        guess = given.encode()
        return sum(hmac.compare_digest(guess, secret.encode()) for secret in self.secrets) > 0  # no short cut
