"""From what is typed for an option to its value; `ValueError` says what would do."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, Literal

from cyclopts import Token

from streamdepth.times import seconds_of

_OF_TELEVISION = tuple(Fraction(whole * 1000, 1001) for whole in (24, 30, 48, 60, 120))


def _value(tokens: tuple[Token, ...]) -> str:
    return tokens[0].value


def to_size(_type: Any, tokens: tuple[Token, ...]) -> tuple[int, int]:
    """`WxH` to (width, height)."""
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", _value(tokens))
    if match is None or "0" in match.groups():
        raise ValueError(f"'{_value(tokens)}' is not a size such as 1280x720")
    return int(match[1]), int(match[2])


def to_rate(_type: Any, tokens: tuple[Token, ...]) -> Fraction:
    """`30`, `29.97` or `30000/1001` to a positive fraction."""
    try:
        rate = Fraction(_value(tokens))
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if rate <= 0:
        raise ValueError(f"'{_value(tokens)}' is not a positive number such as 30, 29.97 or 30000/1001")
    return rate


def to_frame_rate(kind: Any, tokens: tuple[Token, ...]) -> Fraction:
    """As `to_rate`, but the decimals that are usual for a rate of television (23.976, 23.98, 29.97) are that rate."""
    rate = to_rate(kind, tokens)
    if "." not in _value(tokens):
        return rate
    return next((exact for exact in _OF_TELEVISION if abs(rate - exact) < Fraction(1, 200)), rate)


def to_pixels(_type: Any, tokens: tuple[Token, ...]) -> int:
    """`50M`, `50000000` or `7680x4320` to a count of pixels."""
    match = re.fullmatch(r"(\d{1,12})(?:x(\d{1,6})|(M))?", _value(tokens), re.IGNORECASE)
    count = int(match[1]) * int(match[2] or (1_000_000 if match[3] else 1)) if match else 0
    if count <= 0:
        raise ValueError(f"'{_value(tokens)}' is not a count of pixels such as 50M or 7680x4320")
    return count


def to_seconds(_type: Any, tokens: tuple[Token, ...]) -> float:
    """`90`, `90s`, `30m`, `1h` or `7d` to seconds."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([smhd]?)", _value(tokens))
    seconds = float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]] if match else 0.0
    if seconds <= 0:
        raise ValueError(f"'{_value(tokens)}' is not a time such as 90s, 30m, 1h or 7d")
    return seconds


def to_latency(_type: Any, tokens: tuple[Token, ...]) -> float:
    """`50ms`, `50` (milliseconds as well) or `0.05s` to seconds."""
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)(ms|s|)", _value(tokens))
    seconds = float(match[1]) * (1.0 if match[2] == "s" else 0.001) if match else 0.0
    if seconds <= 0:
        raise ValueError(f"'{_value(tokens)}' is not a time such as 50ms or 0.2s")
    return seconds


def to_time(_type: Any, tokens: tuple[Token, ...]) -> Fraction:
    """`90`, `12.5`, `1:30` or `1:02:03.5` to seconds, exactly."""
    seconds = seconds_of(_value(tokens))
    if seconds is None:
        raise ValueError(f"'{_value(tokens)}' is not a time such as 90, 1:30 or 1:02:03.5")
    return seconds


def to_range(_type: Any, tokens: tuple[Token, ...]) -> tuple[float, float] | Literal["global"] | None:
    """`auto` to None, `LO,HI` to two numbers in rising order; `global` stays."""
    if _value(tokens) == "auto":
        return None
    if _value(tokens) == "global":
        return "global"
    try:
        low, high = (float(part) for part in _value(tokens).split(","))
    except ValueError:
        low, high = 0.0, 0.0
    if not low < high:
        raise ValueError(f"'{_value(tokens)}' is neither auto, global nor two rising numbers such as 0.5,12")
    return low, high
