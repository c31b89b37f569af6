"""Text files that people write: in which encoding, and one item a line between empty lines and comments."""

from __future__ import annotations

import io
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path

from streamdepth.errors import SinkError, UsageError


def read_list(
    path: Path, failed: str, cure: str, kind: type[SinkError | UsageError]
) -> list[tuple[int, str]]:
    """The items of a file in UTF-8 with their line numbers, from 1; without spaces around them, empty ones and #.

    UTF-16, which Windows writes, is known by its first bytes. Raises an error of this `kind`, which says `failed` and
    why, where the file cannot be read.
    """
    try:
        return listed_in(path.read_bytes())
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise kind(f"{failed}: {why}", cure) from error


def listed_in(data: bytes) -> list[tuple[int, str]]:
    """The items of a file that holds `data`, as `read_list` gives them; raises `UnicodeDecodeError`."""
    # A name may hold what splitlines() splits at.
    lines = io.StringIO(decoded(data), newline=None)
    items = [(number, line.strip()) for number, line in enumerate(lines, 1)]
    return [(number, item) for number, item in items if item and not item.startswith("#")]


def decoded(data: bytes, errors: str = "strict") -> str:
    """The text in UTF-8, or in UTF-16 with its mark, both of which Windows writes.

    Raises `UnicodeDecodeError`, unless `errors` says otherwise, as for `bytes.decode`.
    """
    is_wide = data.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    return data.decode("utf-16" if is_wide else "utf-8-sig", errors)
