"""The headers of a request, as ASGI has them: a dozen are looked up for a picture, and most are not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def field(scope: Mapping[str, Any], name: bytes) -> str | None:
    """The first of that name, which is in small letters; None where there is none."""
    return next((value.decode("latin-1") for other, value in scope["headers"] if other == name), None)
