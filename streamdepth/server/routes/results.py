"""The file that came of a job, whole or in part, as RFC 9110 has it (sections 13 and 14)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import FileResponse, Response

from streamdepth.http.etags import is_unchanged, is_wanted, knows
from streamdepth.http.refusal import Refused

_ONE = r"(?:[0-9]{1,18}-[0-9]{0,18}|-[0-9]{1,18})"
_RANGES = re.compile(rf"\s*bytes\s*=\s*{_ONE}(?:\s*,\s*{_ONE})*\s*", re.IGNORECASE)


async def file_answer(
    request: Request,
    path: Path,
    media_type: str,
    headers: Mapping[str, str],
    in_thread: Callable[..., Awaitable[Any]] = asyncio.to_thread,
) -> Response:
    """The file, 304 for a client that has it, or the parts that are asked for; `in_thread` calls what asks the disk.

    Raises `Refused` with 412 where another one is meant, with 416 where there is no such part, and `FileNotFoundError`.
    """
    there = await in_thread(path.stat)
    answer = FileResponse(path, media_type=media_type, headers=dict(headers), stat_result=there)
    etag, changed = answer.headers["etag"], answer.headers["last-modified"]
    if not _is_meant(request.headers, etag, changed):
        raise Refused(412, "the result is not the one that was asked for (fetch it whole)", ETag=etag)
    if _is_known(request.headers, etag, changed):
        return Response(status_code=304, headers={**headers, "ETag": etag})
    asked = request.headers.get("range")
    is_part = request.method == "GET" and request.headers.get("if-range") in (None, etag, changed)
    _ask_for(request.scope, there_are(asked, there.st_size) if asked and is_part else None)
    return answer


def _is_meant(headers: Mapping[str, str], etag: str, changed: str) -> bool:
    """A tag says it better than a date, which is passed over beside one (RFC 9110, section 13.2.2)."""
    if "if-match" in headers:
        return is_wanted(headers["if-match"], etag)
    return is_unchanged(changed, headers.get("if-unmodified-since")) is not False


def _is_known(headers: Mapping[str, str], etag: str, changed: str) -> bool:
    """Here, too."""
    if "if-none-match" in headers:
        return knows(headers["if-none-match"], etag)
    return is_unchanged(changed, headers.get("if-modified-since")) is True


def there_are(asked: str, size: int) -> str | None:
    """The ranges of a header that a file of `size` bytes has; None where the header is to be passed over.

    Raises `Refused` with 416 where it has none of them.
    """
    if _RANGES.fullmatch(asked) is None:
        return None
    ranges = [one.strip() for one in asked.partition("=")[2].split(",")]
    if any(_is_backwards(one) for one in ranges):
        return None
    found = [one for one in ranges if _begin(one, size) < size]
    if not found:
        sentence = f"the result has {size} bytes, and none of those (ask for bytes=0-)"
        raise Refused(416, sentence, Content_Range=f"bytes */{size}")
    return f"bytes={','.join(found)}"


def _begin(one: str, size: int) -> int:
    first, _, last = one.partition("-")
    return int(first) if first else max(size - int(last), 0)


def _is_backwards(one: str) -> bool:
    first, _, last = one.partition("-")
    return bool(first and last) and int(last) < int(first)


def _ask_for(scope: MutableMapping[str, Any], ranges: str | None) -> None:
    """What the answer reads: Starlette refuses with 400 what RFC 9110 has passed over."""
    others = [header for header in scope["headers"] if header[0] not in (b"range", b"if-range")]
    scope["headers"] = others if ranges is None else [*others, (b"range", ranges.encode("ascii"))]
