"""Numbers of FFmpeg that are two whole ones: units of time, rates, the shape of pixels."""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol


class Ratio(Protocol):
    """What PyAV hands out: up to 18 a `Fraction`, since 19 a type of its own that rounds where two of it meet."""

    @property
    def numerator(self) -> int:
        """Of the value in its lowest terms."""
        ...

    @property
    def denominator(self) -> int:
        """Of the value in its lowest terms."""
        ...

    def __bool__(self) -> bool: ...


def fraction_of(ratio: Ratio | None) -> Fraction | None:
    """The same, exact in all that is reckoned with it; None where nothing is stated, which PyAV 19 gives as 0."""
    return Fraction(ratio.numerator, ratio.denominator) if ratio else None
