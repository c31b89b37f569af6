"""Whether a client has an answer already, or wants another (RFC 9110, section 13.1): by its tag, or by its date."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def is_wanted(if_match: str | None, etag: str) -> bool:
    """Whether `If-Match` allows the answer that has `etag`, by strong comparison (section 13.1.1)."""
    given = None if if_match is None else [tag.strip() for tag in if_match.split(",")]
    return given is None or etag in given or "*" in given


def knows(if_none_match: str | None, etag: str) -> bool:
    """Whether `If-None-Match` names `etag`, by weak comparison."""
    given = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return etag in given or "*" in given


def is_unchanged(changed: str, since: str | None) -> bool | None:
    """Whether what last changed at one HTTP date has not changed after another (sections 13.1.3 and 13.1.4).

    None where there is no other, or what stands there is no date: it is to be passed over.
    """
    try:
        return None if since is None else _moment(changed) <= _moment(since)
    except ValueError:
        return None


def _moment(date: str) -> datetime:
    """All three forms are in UTC (section 5.6.7), and one of them does not say so."""
    return parsedate_to_datetime(date).replace(tzinfo=UTC)
