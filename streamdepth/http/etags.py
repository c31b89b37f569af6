"""Whether a client has an answer already (RFC 9110, section 13.1.2)."""

from __future__ import annotations


def knows(if_none_match: str | None, etag: str) -> bool:
    """Whether `If-None-Match` names `etag`, by weak comparison."""
    given = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return etag in given or "*" in given
