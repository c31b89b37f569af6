"""Publishing to a media server by WHIP (RFC 9725), on an event loop and a thread of its own that come back for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import SessionDescription

from streamdepth.errors import Trouble
from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.live.encoder import LiveEncoder, Subscription
from streamdepth.publishing.destinations import Destination
from streamdepth.publishing.sink import NotPublished, Standing
from streamdepth.publishing.whip.http import CodecRefused, Session, delete, post_offer
from streamdepth.threads.pool import Pool
from streamdepth.threads.worker import Flag, Worker
from streamdepth.webrtc import reports as hooks
from streamdepth.webrtc.connection import (
    AddressesHidden,
    describe,
    expect_closed_connections,
    new_connection,
)
from streamdepth.webrtc.ice_server import IceServer
from streamdepth.webrtc.liveness import Liveness
from streamdepth.webrtc.prompt_reading import read_promptly
from streamdepth.webrtc.sdp import patient, preferences
from streamdepth.webrtc.track import LiveTrack

GATHER_PATIENCE = 15.0
"""Seconds until all candidates are found; a TURN server that does not answer is the longest wait in it."""
CONNECT_PATIENCE = 10.0
"""Seconds from the answer to the first way between both sides."""
LOOK_EVERY = 0.25
CONNECT_LOOK_EVERY = 0.02
HANG_UP_PATIENCE = 0.8
"""Seconds to delete the session and to close the connection, both at once."""
KEYFRAMES_WITHOUT_HOOKS = 1.0
"""Seconds between keyframes where the server's requests for one cannot be received."""

T = TypeVar("T")


class _Stopped(Exception):
    """The end was asked for. Heard at chosen points alone: half a gathering of candidates would leave sockets open."""


class WhipPublisher:
    """Sends the packets of `encoder` to a WHIP server, with a keyframe whenever it asks for one.

    H.264 is offered first, as most viewers get it; a server that does not take it is offered VP8. Nothing is encoded
    for it while it is not connected.
    """

    def __init__(
        self,
        destination: Destination,
        encoder: LiveEncoder,
        standing: Standing,
        ice_servers: Sequence[IceServer] = (),
    ) -> None:
        self.standing = standing
        self._destination = destination
        self._encoder = encoder
        self._ice_servers = ice_servers
        self._kind = VideoCodec.H264
        self._hears = True
        self._stopping = Flag()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._track: _Track | None = None
        encoder.listen(self._wake_track)
        self._worker = Worker(
            "publish-whip", lambda: asyncio.run(self._run()), on_error=lambda _: None
        ).start()

    @property
    def failure(self) -> BaseException | None:
        """What ended the thread although it was not asked to."""
        return self._worker.error

    def stop(self) -> None:
        """Ask it to say goodbye; from any thread."""
        self._stopping.set()
        if self._stop is not None:
            self._on_loop(self._stop.set)

    def is_running(self, patience: float) -> bool:
        """Whether the thread still runs after `patience` seconds."""
        return self._worker.is_running(patience)

    def abort(self) -> None:
        """Nothing is left to cut off: saying goodbye has a bound of its own."""

    def _on_loop(self, call: Callable[[], None]) -> None:
        """The one bridge from other threads."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(call)

    def _wake_track(self) -> None:
        self._on_loop(self._wake)

    def _wake(self) -> None:
        if self._track is not None:
            self._track.wake()

    async def _run(self) -> None:
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        if self._stopping.is_set():
            return
        self._loop.set_default_executor(Pool("whip-aside", 1))
        expect_closed_connections(self._loop)
        self._hears = await hooks.reports_work()
        with suppress(_Stopped):
            await self._try_for_ever(self._stop)
        self.standing.ended()

    async def _try_for_ever(self, stop: asyncio.Event) -> None:
        while True:
            try:
                await self._publish(stop)
            except NotPublished as why:
                if isinstance(why, CodecRefused):
                    self._kind = _other(self._kind)
                await _pause(stop, self.standing.lost(why))

    async def _publish(self, stop: asyncio.Event) -> None:
        """One session, from the first picture to its end; raises `NotPublished` and `_Stopped`."""
        while self._encoder.newest is None:  # a server would not wait as long as a camera may
            await _pause(stop, LOOK_EVERY)
        every = None if self._hears else KEYFRAMES_WITHOUT_HOOKS
        subscription = self._encoder.subscribe(self._kind, keyframe_seconds=every)
        self._track = track = _Track(subscription, self.standing)
        connection = new_connection(self._ice_servers)
        session: Session | None = None
        try:
            offer = await self._offer(connection, track)
            session = await _unless(stop, _aside("whip-post", lambda: post_offer(self._destination, offer)))
            await self._accept(connection, session)
            await _connected(connection, stop)
            self.standing.connected(left_out=subscription.queue.dropped)
            await self._until_lost(connection, track, stop)
        finally:
            self._track = None
            subscription.close()
            track.stop()
            await self._hang_up(connection, session)

    async def _offer(self, connection: RTCPeerConnection, track: _Track) -> str:
        """An offer of the track, with every candidate in it."""
        try:
            async with asyncio.timeout(GATHER_PATIENCE):
                transceiver = connection.addTransceiver(track, direction="sendonly")
                transceiver.setCodecPreferences(preferences(self._kind))
                if self._hears:
                    hooks.install(
                        transceiver.sender,
                        on_loss=track.subscription.request_keyframe,
                        on_capacity=track.subscription.report_capacity,
                        on_report=track.note_report,
                    )
                await describe(connection, await connection.createOffer())
                read_promptly(transceiver.sender.transport)
        except AddressesHidden as error:
            raise NotPublished(error.what, error.cure) from error
        except Exception as error:  # whatever sockets and servers for ICE make of another library
            reason = f"WebRTC cannot be prepared ({type(error).__name__})"
            raise NotPublished(reason, "check the network, and --ice-server if one is named") from error
        return str(connection.localDescription.sdp)

    async def _accept(self, connection: RTCPeerConnection, session: Session) -> None:
        check_answer(session.answer, self._kind)
        try:
            await connection.setRemoteDescription(RTCSessionDescription(patient(session.answer), "answer"))
        except Exception as error:  # whatever an odd answer makes of another library
            raise NotPublished("the server's answer cannot be used", "look into its log") from error

    async def _until_lost(self, connection: RTCPeerConnection, track: _Track, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        while connection.connectionState == "connected":
            due = loop.time() + LOOK_EVERY
            await _pause(stop, LOOK_EVERY)
            track.excuse(max(0.0, loop.time() - due))
            if self._hears and track.is_lost():
                raise NotPublished("the server has fallen silent")
        raise NotPublished(Trouble.ENDED.value)

    async def _hang_up(self, connection: RTCPeerConnection, session: Session | None) -> None:
        goodbyes: list[Any] = [connection.close()]
        address = session.address if session is not None else None
        if address is not None:
            goodbyes.append(_aside("whip-delete", lambda: delete(self._destination, address)))
        with suppress(TimeoutError):  # its sockets close with the last reference to it
            async with asyncio.timeout(HANG_UP_PATIENCE):
                await asyncio.gather(*goodbyes, return_exceptions=True)


class _Track(LiveTrack):
    """The packets of one session, counted, and whether the server still listens."""

    def __init__(self, subscription: Subscription, standing: Standing) -> None:
        super().__init__(subscription)
        self.subscription = subscription
        self._standing = standing
        self._attention = Liveness()
        self._now = asyncio.get_running_loop().time

    async def recv(self) -> Any:
        """The next packet; `MediaStreamError` at the end."""
        packet = await super().recv()
        self._attention.sent(self._now())
        self._standing.sent()
        self._standing.left_out(self.subscription.queue.dropped)
        return packet

    def note_report(self) -> None:
        """The server reported something."""
        self._attention.note_report(self._now())

    def excuse(self, seconds: float) -> None:
        """So long this process stood still."""
        self._attention.excuse(seconds)

    def is_lost(self) -> bool:
        """Whether it has long not."""
        return self._attention.is_lost(self._now())


def check_answer(sdp: str, kind: VideoCodec) -> None:
    """Raise `CodecRefused` where the server takes no such video, `NotPublished` where it is no answer."""
    try:
        (video,) = SessionDescription.parse(sdp).media
    except Exception:  # the parser of another library, given anything at all
        raise NotPublished("the server's answer cannot be understood", "look into its log") from None
    names = {codec.mimeType.lower() for codec in video.rtp.codecs}
    if video.port == 0 or video.direction == "inactive" or f"video/{kind.value}".lower() not in names:
        raise CodecRefused


async def _connected(connection: RTCPeerConnection, stop: asyncio.Event) -> None:
    """Wait until there is a way between both sides."""
    give_up_at = asyncio.get_running_loop().time() + CONNECT_PATIENCE
    while connection.connectionState != "connected":
        if (
            connection.connectionState in ("failed", "closed")
            or asyncio.get_running_loop().time() > give_up_at
        ):
            raise NotPublished(
                "no way for the pictures", "let UDP through, or name a TURN server with --ice-server"
            )
        await _pause(stop, CONNECT_LOOK_EVERY)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait; raises `_Stopped` as soon as the end is asked for."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
        raise _Stopped


async def _unless(stop: asyncio.Event, call: Coroutine[Any, Any, T]) -> T:
    """The result of `call`; raises `_Stopped` as soon as the end is asked for, and waits no longer."""
    calling, stopping = asyncio.create_task(call), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({calling, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if calling.done():
            return calling.result()
        raise _Stopped
    finally:
        calling.cancel()
        stopping.cancel()


async def _aside(name: str, call: Callable[[], T]) -> T:
    """The result of a blocking call, made in a thread that is left behind where its result is no longer awaited."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def settle(settled: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(lambda: None if result.done() else settled())

    def run() -> None:
        value = call()
        settle(lambda: result.set_result(value))

    Worker(name, run, on_error=lambda error: settle(lambda: result.set_exception(error))).start()
    return await result


def _other(kind: VideoCodec) -> VideoCodec:
    return VideoCodec.VP8 if kind is VideoCodec.H264 else VideoCodec.H264
