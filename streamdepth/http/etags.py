"""Whether a client has an answer already, or wants another (RFC 9110, section 13.1)."""

from __future__ import annotations


def is_wanted(if_match: str | None, etag: str) -> bool:
    """Whether `If-Match` allows the answer that has `etag`, by strong comparison (section 13.1.1)."""
    given = None if if_match is None else [tag.strip() for tag in if_match.split(",")]
    return given is None or etag in given or "*" in given


def knows(if_none_match: str | None, etag: str) -> bool:
    """Whether `If-None-Match` names `etag`, by weak comparison."""
    given = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return etag in given or "*" in given
