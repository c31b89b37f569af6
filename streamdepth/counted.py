"""Counts and sizes, in words."""

from __future__ import annotations

from collections.abc import Sequence

_SIZES_NAMED = 3
_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def counted(count: int, noun: str) -> str:
    """`1 picture`, `2 pictures`; of a noun whose plural ends in s."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def per_second(rate: float) -> float:
    """`rate` as it is shown, 29.5, 0.54 or 0.017: of a camera with a picture a minute tenths would be none at all."""
    return round(float(rate), 1 if rate >= 1 else 2 if rate >= 0.1 else 3)


def byte_size(count: float) -> str:
    """`15 bytes`, `2.5 kB`, `64 MB`, `1.3 GB`: two digits of what is below 10."""
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:.0f} {name}" if count >= 10 * unit else f"{count / unit:.1f} {name}"
    return counted(round(count), "byte")


def fitted_sizes(first: tuple[int, int], others: Sequence[tuple[int, int]]) -> str:
    """What becomes of pictures that have not the size (width, height) of the first."""
    names = [f"{width}x{height}" for width, height in others]
    if len(names) > _SIZES_NAMED:
        names[_SIZES_NAMED - 1 :] = [f"{len(names) - _SIZES_NAMED + 1} other sizes"]
    *listed, last = names
    named = f"{', '.join(listed)} and {last}" if listed else last
    return f"pictures of {named} are fitted into {first[0]}x{first[1]}, the size of the first"
