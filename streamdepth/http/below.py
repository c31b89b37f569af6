"""A service that a proxy asks by the whole path of its host, because it cannot take its part of that away."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.responses import Response

from streamdepth.errors import UsageError
from streamdepth.http.auth import Receive, Scope, Send

Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")


def read_root_path(text: str) -> str:
    """The path below which a service is, as `/depth`; empty for none. Raises `UsageError`."""
    path = text.rstrip("/")
    if path and not (_PATH.fullmatch(path) and {".", ".."}.isdisjoint(path.split("/"))):
        raise UsageError(f"{text} is not a path of a host", "say it as /depth")
    return path


def below(path: str, application: Application) -> Application:
    """`application`, with `path` taken away from what is asked; what is asked without it, as by probes, stays as it is.

    Nothing else has to know the path: what a service says of addresses is relative to what was asked. That is why the
    path alone is answered with its address with a slash: from without one, a page would find nothing that it names.
    """
    if not path:
        return application

    async def without_path(scope: Scope, receive: Receive, send: Send) -> None:
        asked: str = scope.get("path", "")
        if asked == path:
            query: bytes = scope.get("query_string", b"")
            place = path.rpartition("/")[2].encode() + b"/" + (b"?" + query if query else b"")
            await Response(status_code=307, headers={"Location": place.decode("latin-1")})(
                scope, receive, send
            )
            return
        if asked.startswith(f"{path}/"):
            shorter = asked.removeprefix(path)
            scope = {**scope, "path": shorter, "raw_path": quote(shorter).encode()}
        await application(scope, receive, send)

    return without_path
