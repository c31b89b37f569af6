"""What in an address looks like a key: made by a machine, and secret.

Stream keys, webhooks and shared cameras have such words in their paths. Whoever chose a name wrote words, with a number
here and there; a key changes between letters and digits, or between large and small letters, all the time, or is long.
"""

import re

LONG = 24
"""Letters and digits in a row that nobody chose."""
_RUN = re.compile(r"[A-Za-z0-9]+")
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_LEAST = 10
"""A short hash behind a name (`small-70d6b9c8.pt`) is no key."""
_LONG_NUMBER = 9
_PIECES = 5
"""So many changes have no words: `ipcam1stream2` has 4 pieces, a random word of ten letters and digits 6."""
_WORD = 3
"""Letters that words have at least on average: `TheLordOfTheRings`; of random letters there are two in a piece."""
_WORDS = re.compile(r"[A-Z]?[a-z]+(?:[A-Z][a-z]+)*")
_GROUP, _GROUPS = 4, 3
_MOMENT = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d(?:\d{3})?)?"
)
"""As cameras name what they take: `IMG20261128101500`."""


def looks_like_key(word: str) -> bool:
    """Whether a part of a path, or the value of a field, is to be kept from people and logs."""
    runs = _RUN.findall(word)
    mixed = sum(len(run) >= _GROUP and len(set(map(str.isdigit, run))) == 2 for run in runs)
    in_groups = mixed >= 2 and len(runs) >= _GROUPS and len(set(map(len, runs))) == 1
    return in_groups or any(map(_is_made, runs))


def _is_made(run: str) -> bool:
    if len(run) < _LEAST:
        return False
    pieces = _PIECE.findall(run)
    has_long_number = any(
        piece.isdigit() and len(piece) >= _LONG_NUMBER and not _MOMENT.fullmatch(piece) for piece in pieces
    )
    are_words = _WORDS.fullmatch(run) is not None and len(run) >= _WORD * len(pieces)
    return len(run) >= LONG or (len(pieces) >= _PIECES and not are_words) or has_long_number
