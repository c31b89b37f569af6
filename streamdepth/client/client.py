"""Asks a depth service for the depth of pictures, over one connection that is kept."""

from __future__ import annotations

import http.client
import io
import json
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from os import PathLike
from pathlib import Path
from tokenize import TokenError
from types import TracebackType
from typing import Any, cast
from urllib.parse import urlencode, urljoin

import numpy as np
from numpy.typing import NDArray

from streamdepth.addresses import redact_address
from streamdepth.connecting import why_no_answer
from streamdepth.errors import SourceError, StreamdepthError, UsageError
from streamdepth.frames import DepthMeaning
from streamdepth.http.health import Place
from streamdepth.values import dataclass

_ENDED = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
"""What writing and reading raise where the other side has ended the connection; of TLS, no `ConnectionError`."""

_ROUTE = "/v1/depth"
_TOKEN = re.compile(r"[\x21-\x7e]+")

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
    wants to be, as long as that is within `patience` seconds. Raises `UsageError` for what is no address, or no token;
    what is asked raises `ServiceError`, and `SourceError` for a file that cannot be read.
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
        if not timeout > 0:
            raise UsageError(f"within {timeout:g} seconds nothing can be answered", "give a timeout above 0")
        place = Place.of(address, "")
        self._shown = str(replace(place, path=""))
        self._base = place.path.partition("?")[0].rstrip("/")
        """Of the paths of a service that a proxy has below one of its own."""
        self._patience, self._sleep = patience, sleep
        self._headers = {"Prefer": f"wait={max(1, round(timeout))}"}
        if token is not None:
            if _TOKEN.fullmatch(token) is None:
                raise UsageError(
                    "the token has characters that are not allowed", "give it without spaces and line ends"
                )
            self._headers["Authorization"] = f"Bearer {token}"
        self._connection = (
            http.client.HTTPSConnection(
                place.host, place.port, timeout=timeout, context=ssl.create_default_context()
            )
            if place.is_secure
            else http.client.HTTPConnection(place.host, place.port, timeout=timeout)
        )

    def depth(self, picture: Given, *, model: str = "", size: str = "network") -> Depth:
        """The depth map of a picture, in the network's size or, with `size="source"`, in the picture's."""
        body, headers = self._post(picture, "application/x-npy", model=model, size=size)
        with self._understood():
            values = np.lib.format.read_array(io.BytesIO(body), allow_pickle=False)
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
        box_text = ";".join(",".join(map(str, box)) for box in boxes)
        body = self._post(picture, "application/json", boxes=box_text, model=model)[0]
        with self._understood():
            return cast(dict[str, Any], json.loads(body))

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
        data = picture if isinstance(picture, bytes) else _read(Path(picture))
        asked = urlencode({name: value for name, value in query.items() if value})
        path = f"{self._base}{_ROUTE}?{asked}" if asked else f"{self._base}{_ROUTE}"
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
            why, cure = why_no_answer(error)
            raise ServiceError(f"{self._shown} does not answer: {why}", cure) from error
        given = {name.lower(): value for name, value in answer.getheaders()}
        if 300 <= answer.status < 400:
            raise self._elsewhere(given.get("location", ""), answer.status)
        if answer.status != 200:
            again = float(given["retry-after"]) if given.get("retry-after", "").isdecimal() else None
            raise ServiceError(_detail(body) or answer.reason, "", answer.status, again)
        if _media_type(given.get("content-type", "")) != headers["Accept"]:
            raise self._no_service()
        return body, given

    def _answer(self, path: str, data: bytes, headers: dict[str, str]) -> http.client.HTTPResponse:
        """The head of an answer; a connection that the service has closed meanwhile is opened once more."""
        is_new = self._connection.sock is None
        try:
            return self._request(path, data, headers)
        except _ENDED:
            self._connection.close()
            if is_new:
                raise
            return self._request(path, data, headers)

    def _request(self, path: str, data: bytes, headers: dict[str, str]) -> http.client.HTTPResponse:
        """Of a service that hung up while the picture was sent, what it said before that."""
        try:
            self._connection.request("POST", path, data, headers)
        except _ENDED as error:
            if self._connection.sock is None:
                raise  # there was no line at all
            try:
                return self._connection.getresponse()
            except (OSError, http.client.HTTPException):
                raise error from None
        return self._connection.getresponse()

    @contextmanager
    def _understood(self) -> Iterator[None]:
        """Whatever is wrong with an answer is that it comes from somebody else."""
        try:
            yield
        except (ValueError, KeyError, TokenError) as error:  # the last is of NumPy, for an odd head
            raise self._no_service() from error

    def _elsewhere(self, location: str, status: int) -> ServiceError:
        """Of a redirect: the address to give, which is without the route, or that it leads to something else."""
        with self._understood():
            there = urljoin(f"{self._shown}{self._base}{_ROUTE}", location).partition("?")[0]
        address = redact_address(there.removesuffix(_ROUTE))
        if not there.endswith(_ROUTE) or address == f"{self._shown}{self._base}":
            return self._no_service()
        return ServiceError(f"{self._shown} says that it is at {address}", "give that address", status)

    def _no_service(self) -> ServiceError:
        return ServiceError(
            f"what answers at {self._shown} is not a depth service",
            "check the address, and any proxy in front of it",
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}", "name a picture file") from error


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _detail(body: bytes) -> str:
    """The sentence of a problem (RFC 9457)."""
    try:
        document = json.loads(body)
    except ValueError:
        return ""
    return str(document.get("detail", "")) if isinstance(document, dict) else ""
