"""Asks a depth service for the depth of pictures, over one connection that is kept."""

from __future__ import annotations

import http.client
import io
import json
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import StreamdepthError, UsageError
from streamdepth.frames import DepthMeaning

_ENDED = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
"""What writing and reading raise where the other side has ended the connection; of TLS, no `ConnectionError`."""

Given = bytes | str | PathLike[str]
"""The bytes of a picture file, or its path."""


class ServiceError(StreamdepthError, OSError):
    """The service refused, or could not be reached; `status` is that of HTTP, 0 where there was no answer."""

    def __init__(self, what: str, cure: str = "", status: int = 0, retry_after: float | None = None) -> None:
        super().__init__(what, cure)
        self.status = status
        self.retry_after = retry_after
        """Seconds after which the service wants to be asked again."""


@dataclass(frozen=True, eq=False)
class Depth:
    """The depth of a picture."""

    values: NDArray[np.float32]
    """(h, w), finite."""
    meaning: DepthMeaning
    model: str


class Client:
    """One service, over one connection: for one thread at a time.

    `token` is one that it lets in, `timeout` the seconds that an answer may take. A full service is asked again when it
    wants to be, as long as that is within `patience` seconds. Raises `UsageError` for what is no address.
    """

    def __init__(
        self,
        address: str = "http://127.0.0.1:8000",
        token: str | None = None,
        *,
        timeout: float = 30.0,
        patience: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"{address} is no address of a service", "give it as http://HOST:PORT")
        self._shown = f"{parts.scheme}://{parts.hostname}"
        self._patience, self._sleep = patience, sleep
        self._headers = {"Prefer": f"wait={max(1, round(timeout))}"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        self._connection = (
            http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
            if parts.scheme == "http"
            else http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=timeout, context=ssl.create_default_context()
            )
        )

    def depth(self, picture: Given, *, model: str = "", size: str = "network") -> Depth:
        """The depth map of a picture, in the network's size or, with `size="source"`, in the picture's."""
        body, headers = self._post(picture, "application/x-npy", model=model, size=size)
        values = np.load(io.BytesIO(body), allow_pickle=False)
        return Depth(values, DepthMeaning[headers["depth-meaning"].upper()], headers["depth-model"])

    def heat_map(
        self, picture: Given, *, colormap: str = "inferno", layout: str = "depth", model: str = ""
    ) -> bytes:
        """A PNG of the picture's size."""
        return self._post(picture, "image/png", colormap=colormap, layout=layout, model=model)[0]

    def statistics(
        self, picture: Given, boxes: Sequence[tuple[int, int, int, int]] = (), *, model: str = ""
    ) -> dict[str, Any]:
        """What the service says of a picture in JSON, and of each box (x, y, width, height)."""
        told = ";".join(",".join(map(str, box)) for box in boxes)
        return cast(
            dict[str, Any], json.loads(self._post(picture, "application/json", boxes=told, model=model)[0])
        )

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def __enter__(self) -> Client:
        """The client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        self.close()

    def _post(self, picture: Given, accept: str, **query: str) -> tuple[bytes, Mapping[str, str]]:
        data = picture if isinstance(picture, bytes) else Path(picture).read_bytes()
        asked = urlencode({name: value for name, value in query.items() if value})
        path = f"/v1/depth?{asked}" if asked else "/v1/depth"
        headers = {**self._headers, "Accept": accept, "Content-Type": "application/octet-stream"}
        left = self._patience
        while True:
            try:
                return self._once(path, data, headers)
            except ServiceError as error:
                if error.retry_after is None or error.retry_after > left:
                    raise
                left -= error.retry_after
                self._sleep(error.retry_after)

    def _once(self, path: str, data: bytes, headers: dict[str, str]) -> tuple[bytes, Mapping[str, str]]:
        try:
            answer = self._answer(path, data, headers)
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            why = str(error) or type(error).__name__
            raise ServiceError(f"{self._shown} does not answer: {why}", "check that it runs") from error
        given = {name.lower(): value for name, value in answer.getheaders()}
        if answer.status != 200:
            again = float(given["retry-after"]) if given.get("retry-after", "").isdecimal() else None
            raise ServiceError(_detail(body) or answer.reason, "", answer.status, again)
        return body, given

    def _answer(self, path: str, data: bytes, headers: dict[str, str]) -> http.client.HTTPResponse:
        """The head of an answer; a connection that the service has closed meanwhile is opened once more."""
        is_new = self._connection.sock is None
        try:
            self._connection.request("POST", path, data, headers)
            return self._connection.getresponse()
        except _ENDED:
            self._connection.close()
            if is_new:
                raise
            self._connection.request("POST", path, data, headers)
            return self._connection.getresponse()


def _detail(body: bytes) -> str:
    """The sentence of a problem (RFC 9457)."""
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    return str(told.get("detail", "")) if isinstance(told, dict) else ""
