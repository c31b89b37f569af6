"""How uvicorn is set up here, whatever it serves."""

from __future__ import annotations

from pathlib import Path

import uvicorn

from streamdepth.http.connections import Waiting, bounded


def uvicorn_config(
    app: object,
    waiting: Waiting,
    *,
    most_connections: int,
    backlog: int,
    graceful: int,
    keep_alive: int = 5,
    certificate: Path | None = None,
    key: Path | None = None,
) -> uvicorn.Config:
    """For one application; `graceful` is the seconds that requests have to end, `backlog` as of `listen(2)`.

    `keep_alive` is how many a connection without a request stays."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # an ASGI application, whose type uvicorn spells out
        log_config=None,
        access_log=False,
        log_level="error",  # a line for each malformed request would let a client fill the disk
        server_header=False,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=graceful,
        timeout_keep_alive=keep_alive,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        http=bounded(waiting),  # type: ignore[arg-type]  # called as the class that uvicorn expects
        limit_concurrency=most_connections,
        backlog=backlog,
    )
