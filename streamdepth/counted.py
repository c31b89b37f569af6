"""Counts and sizes, in words."""

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
