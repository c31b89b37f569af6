"""A live stream for programs: colour and depth of each picture, with the time of its capture, over WebRTC (WHEP)."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from aiortc import RTCPeerConnection, RTCSessionDescription

from streamdepth.client.client import ServiceError
from streamdepth.client.depth_pictures import Reader, Received
from streamdepth.client.stream_recording import Recording
from streamdepth.connecting import why_no_answer
from streamdepth.errors import SinkError, UsageError
from streamdepth.ffmpeg.picture_from_frame import PictureMaker
from streamdepth.http.health import Place
from streamdepth.http.tokens import token_in
from streamdepth.sources.browser.sent_video import SentDecoder, SentPicture
from streamdepth.threads.handoff import Ended, Handoff
from streamdepth.threads.worker import Worker
from streamdepth.webrtc import receiver
from streamdepth.webrtc.connection import describe, expect_closed_connections, new_connection
from streamdepth.webrtc.jitter_buffer import JitterBuffer

PING_EVERY = 0.5
STOP_PATIENCE = 5.0
LONGEST_ANSWER = 256 * 1024
_PAGE = re.compile(r"(?:/|/cameras|/(?:cameras|live)/([\w-]+))?$")
"""What the path of a page has behind that of its service, with the name of a camera."""


def receive(
    address: str,
    token: str | None = None,
    *,
    camera: str = "",
    timeout: float = 10.0,
    record: str | PathLike[str] | None = None,
) -> Iterator[Received]:
    """Pictures of a live stream with their depth, the newest each time, until its run ends.

    `address` is that of the page (`http://HOST:8080`), below a path, too; a token may stand in it as the page has it.
    `camera` names one of several, as the address of its page does. Who takes longer than a picture lasts gets the next
    newest; while the source is away it waits. All of them are kept in the .mkv that `record` names, as they came:
    `open_depth` reads it. Raises `ServiceError` where the server refuses, where it says nothing for `timeout` seconds,
    and where the connection breaks; `UsageError` for what is no address; `SinkError` where nothing can be recorded.
    """
    path = None if record is None else Path(record)
    if path is not None and path.suffix.lower() != ".mkv":
        raise UsageError(f"a recording is an .mkv file, and {path} is not", "name it so: record='street.mkv'")
    watching = _Watching(address, token, camera, timeout, path)
    try:
        yield from watching.pictures()
    finally:
        watching.close()


class _Watching:
    """One viewer, whose connection lives in a thread of its own."""

    def __init__(
        self, address: str, token: str | None, camera: str, timeout: float, record: Path | None = None
    ) -> None:
        self._shown = str(replace(Place.of(address, ""), path=""))
        self._place = whep_address(address, camera)
        self._token = token or token_in(urlsplit(address).fragment) or None
        self._timeout = timeout
        self._reader = Reader()
        self._pictures = JitterBuffer()
        self._decoder = SentDecoder(self._pictures.want_keyframe)
        self._recording = None if record is None else Recording(record)
        self._maker: PictureMaker | None = None
        self._newest: Handoff[Received] = Handoff(1, when_full="drop-oldest")
        self._heard_at = time.monotonic()
        self._ends = False
        self._failure: BaseException | None = None
        self._worker = Worker("receive", lambda: asyncio.run(self._watch()), on_error=self._fail).start()

    def pictures(self) -> Iterator[Received]:
        """See `receive`."""
        while True:
            try:
                found = self._newest.get(self._timeout)
            except TimeoutError:
                continue  # the source is away: where the server is, the worker ends
            except Ended:
                break
            yield found
        self._worker.join(STOP_PATIENCE)
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """Hang up, within some seconds."""
        self._ends = True
        self._worker.join(STOP_PATIENCE + self._timeout)

    def _fail(self, error: BaseException) -> None:
        self._failure = error
        self._newest.close()

    async def _watch(self) -> None:
        expect_closed_connections(asyncio.get_running_loop())
        connection = new_connection()
        session = None
        try:
            session = await self._join(connection)
            while not self._ends:
                self._check(connection)
                await asyncio.sleep(PING_EVERY)
                self._ping()
        finally:
            self._newest.close()
            if session is not None:
                with suppress(ServiceError):
                    self._ask(session, "DELETE")
            await connection.close()
            if self._recording is not None:
                self._recording.close()

    async def _join(self, connection: RTCPeerConnection) -> str:
        """The address of the session."""
        video = connection.addTransceiver("video", direction="recvonly")
        receiver.install(video.receiver, self._pictures, self._take)
        self._channel = connection.createDataChannel("stats", ordered=False, maxRetransmits=0)
        self._channel.on("message", self._hear)
        self._channel.on("open", self._ping)
        await describe(connection, await connection.createOffer())
        # This blocks the loop, on which nothing else happens yet.
        answer, location = self._ask(self._place, "POST", connection.localDescription.sdp)
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        self._heard_at = time.monotonic()
        return urljoin(self._place, location)

    def _check(self, connection: RTCPeerConnection) -> None:
        if time.monotonic() - self._heard_at > self._timeout or connection.connectionState == "failed":
            raise ServiceError(
                f"nothing arrives from {self._shown} any more",
                "check that it is running, and that UDP gets through",
            )

    def _ping(self) -> None:
        if self._channel.readyState == "open":
            self._channel.send(json.dumps({"ping": time.monotonic() * 1000}))

    def _hear(self, message: str) -> None:
        self._heard_at = now = time.monotonic()
        document = json.loads(message)
        if "depth" in document and "depth at" not in document:
            self._learn(document["depth"])
        elif "pong" in document:
            self._reader.answered(document["pong"] / 1000, document["clock_ms"] / 1000, now)
        elif "ended" in document:
            self._ends = True

    def _learn(self, description: Mapping[str, Any]) -> None:
        try:
            self._reader.learn(description)
        except (ValueError, KeyError, TypeError) as error:
            what = f"{self._shown} describes depth in a way that this release does not know"
            failure = ServiceError(what, "use the same release on both sides")
            failure.__cause__ = error
            self._give_up(failure)

    def _give_up(self, failure: BaseException) -> None:
        """End with an error that came about in a call of aiortc's, which would keep it to itself."""
        self._failure, self._ends = self._failure or failure, True

    def _take(self, sent: SentPicture) -> None:
        """A picture came: decoded at once, since the next builds on it, and kept until a newer one is there."""
        self._heard_at = time.monotonic()
        video = self._decoder.decode(sent)
        if video is None:
            return
        if self._maker is None or self._maker.stored_size != (video.width, video.height):
            self._maker = PictureMaker(video)
        found = self._reader.read(self._maker.make(video), sent.timestamp)
        self._record(sent, is_read=found is not None)
        if found is not None:
            self._newest.put(found)

    def _record(self, sent: SentPicture, *, is_read: bool) -> None:
        if self._recording is None or self._ends:
            return
        description = self._reader.description_of(sent.timestamp) if is_read else None
        try:
            self._recording.add(sent, float(self._reader.seconds(sent.timestamp)), description)
        except SinkError as error:
            self._give_up(error)

    def _ask(self, address: str, method: str, body: str = "") -> tuple[str, str]:
        """The answer and its `Location`; raises `ServiceError`."""
        request = urllib.request.Request(address, body.encode() or None, method=method)
        request.add_header("Content-Type", "application/sdp")
        if self._token is not None:
            request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as answer:
                return answer.read(LONGEST_ANSWER).decode(), answer.headers.get("Location", "")
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise _refused(self._shown, refusal) from refusal
        except (OSError, http.client.HTTPException, UnicodeDecodeError) as error:
            why, cure = why_no_answer(getattr(error, "reason", error))  # urllib wraps the socket's
            raise ServiceError(f"{self._shown} does not answer: {why}", cure) from error


def whep_address(address: str, camera: str) -> str:
    """Where pictures with depth are asked for, by the address of a page."""
    place = Place.of(address, "")
    below, named, _ = _PAGE.split(place.path.partition("?")[0], 1)
    name = quote(camera or named or "", safe="")
    return f"{replace(place, path=below)}/whep{name and '/'}{name}?content=depth"


def _refused(shown: str, refusal: urllib.error.HTTPError) -> ServiceError:
    document: Any = {}
    with suppress(ValueError, OSError):
        document = json.loads(refusal.read(LONGEST_ANSWER))
    why = document.get("error") if isinstance(document, dict) else None
    again = refusal.headers.get("Retry-After", "")
    return ServiceError(
        f"{shown} refused: {why or refusal.reason}",
        status=refusal.code,
        retry_after=float(again) if again.isdecimal() else None,
    )
