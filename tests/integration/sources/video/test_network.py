"""Video from the network: recordings and endless streams over HTTP, RTSP, and all that goes wrong there."""

from __future__ import annotations

import gc
import socket
import time
import traceback
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from fractions import Fraction
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from films import greys, served, write_film

from streamdepth.errors import NoFrameYet, SourceError, SourceMissing, SourceTimeout
from streamdepth.frames import Frame
from streamdepth.pixels import sum_of
from streamdepth.protocols import warnings_of
from streamdepth.sources import open_source
from streamdepth.sources.video.source import VideoOptions, VideoSource

BOUND = 20.0
"""Seconds against hanging; far beyond what is expected."""
QUICK = VideoOptions(open_timeout=5.0, read_timeout=0.5)
"""Of what falls silent."""
HURRIED = VideoOptions(open_timeout=0.5, read_timeout=0.5)
PATIENT = VideoOptions(open_timeout=BOUND, read_timeout=BOUND)
"""Of what does not, however busy this machine is."""


def clip(path: Path, count: int = 50, **container: str) -> Path:
    noise = (np.random.default_rng(index).integers(0, 255, (48, 64, 3)) for index in range(count))
    return write_film(path, noise, container=container, g="10", bf="0", tune="zerolatency")


def all_frames(source: VideoSource) -> list[Frame]:
    with closing(source):
        return list(iter(source.read, None))


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/live.ts":  # of no known length, and over with the file
            self.send_response(200)
            self.end_headers()
            self.wfile.write((Path(self.directory) / "a.ts").read_bytes())
            return
        status = {"/locked.mp4": 401, "/forbidden.mp4": 403, "/broken.mp4": 500}.get(self.path)
        if status is None:
            super().do_GET()
        else:
            self.send_error(status)


class Curt(Quiet):
    """Answers ranges, sends `most` bytes of each, and hangs up without having said so."""

    protocol_version = "HTTP/1.1"
    most = 10**9

    def do_GET(self) -> None:
        data = Path(self.translate_path(self.path)).read_bytes()
        first = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - first))
        self.end_headers()
        with suppress(ConnectionError):  # the reader wanted less
            self.wfile.write(data[first : first + self.most])
        self.close_connection = True


class Brief(Curt):
    most = 40_000


@contextmanager
def http_server(folder: Path, handler: type[Quiet] = Quiet) -> Iterator[str]:
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder))) as server,
        ThreadPoolExecutor(1) as pool,
    ):
        pool.submit(server.serve_forever, 0.01)
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@contextmanager
def peer(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server for one connection: `behave` has it until the end of the block, or until it returns."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        listener.settimeout(BOUND)
        connections = []

        def serve() -> None:
            connection, _ = listener.accept()
            connection.settimeout(BOUND)
            connections.append(connection)
            behave(connection)

        served = pool.submit(serve)
        try:
            yield listener.getsockname()[1]
        finally:
            served.result(BOUND)
            for connection in connections:
                connection.close()


def send(data: bytes, head: str = "", *, close: bool = False) -> Callable[[socket.socket], None]:
    """Answer the request with `head` and `data`, then stall, or hang up."""

    def behave(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(head.replace("\n", "\r\n").encode() + data)
        if close:
            connection.shutdown(socket.SHUT_WR)

    return behave


ENDLESS = "HTTP/1.1 200 OK\nContent-Type: video/mp2t\nConnection: close\n\n"


def failure(url: str, options: VideoOptions = PATIENT) -> SourceError:
    started = time.monotonic()
    with pytest.raises(SourceError) as caught:
        all_frames(VideoSource(url, options))
    assert time.monotonic() - started < BOUND
    assert caught.value.cure
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_a_recording_over_http_is_read_like_a_file(tmp_path: Path, name: str) -> None:
    clip(tmp_path / name, movflags="faststart")
    with http_server(tmp_path) as address:
        source = VideoSource(f"{address}/{name}", PATIENT)
        assert source.info.live is False
        assert source.info.origin is None
        assert [frame.pts for frame in all_frames(source)] == [Fraction(index, 25) for index in range(50)]


def test_an_endless_stream_over_http_is_live_and_has_the_time_of_the_clock(tmp_path: Path) -> None:
    data = clip(tmp_path / "a.ts").read_bytes()
    now = iter(range(100_000))
    with peer(send(data, ENDLESS, close=True)) as port:
        source = VideoSource(f"http://127.0.0.1:{port}/live.ts", PATIENT, clock=lambda: next(now) / 1000)
        assert source.info.live is True
        assert source.info.frame_count is None
        frames = all_frames(source)
        assert any("ended by the other side" in warning for warning in source.warnings)
    assert len(frames) == 50
    assert frames[0].pts == 0
    for frame in frames:
        assert frame.pts == Fraction(round((frame.captured_at - frames[0].captured_at) * 90_000), 90_000)


def test_a_live_stream_with_reordered_frames_loses_none(tmp_path: Path) -> None:
    path = write_film(tmp_path / "b.ts", greys(range(40, 200, 4)), x264opts="b-adapt=0:bframes=3")
    with peer(send(path.read_bytes(), ENDLESS, close=True)) as port:
        frames = all_frames(VideoSource(f"http://127.0.0.1:{port}/live.ts", PATIENT))
    light = [float(frame.i420.y.mean()) for frame in frames]
    assert len(light) == 40
    assert light == sorted(light)


def joined_late(path: Path, *, first: int, last: int) -> bytes:
    """Pictures of a stream whose keyframes are those of index 0 and 400, each a little lighter."""
    with av.open(str(path), "w", format="mpegts") as container:
        options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "x264opts": "keyint=400:min-keyint=400:scenecut=0",
        }
        stream = container.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(last):
            image = np.full((48, 64, 3), index // 2, np.uint8)
            packets = stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24"))
            container.mux(packets if index >= first else [])
    return path.read_bytes()


def test_a_live_stream_that_is_joined_long_before_its_next_keyframe_begins_with_that(tmp_path: Path) -> None:
    with peer(send(joined_late(tmp_path / "a.ts", first=5, last=410), ENDLESS, close=True)) as port:
        source = VideoSource(f"http://127.0.0.1:{port}/live.ts", PATIENT)
        frames = all_frames(source)
    assert len(frames) == 10
    assert not any("damaged" in line for line in source.warnings), (
        "what leans on pictures before is not damaged"
    )


def test_a_live_stream_without_a_keyframe_is_waited_for_and_has_a_cure(tmp_path: Path) -> None:
    told: list[str] = []
    now = iter(range(100_000))  # a second each time that somebody looks
    options = VideoOptions(notify=told.append)
    with peer(send(joined_late(tmp_path / "a.ts", first=5, last=300), ENDLESS)) as port:
        address = f"http://127.0.0.1:{port}/live.ts"
        with pytest.raises(SourceTimeout, match="sends no keyframe") as caught:
            VideoSource(address, options, clock=lambda: float(next(now)))
    assert "GOP" in caught.value.cure
    assert told == [f"{address} is sending, but has not sent a keyframe yet"]


def test_a_live_stream_over_http_comes_back_after_its_end(tmp_path: Path) -> None:
    clip(tmp_path / "a.ts", 20)
    give_up_at = time.monotonic() + BOUND
    connections = set()
    with http_server(tmp_path) as address, closing(open_source(f"{address}/live.ts")) as source:
        while connections != {0, 1}:
            assert time.monotonic() < give_up_at
            with suppress(NoFrameYet):
                frame = source.read()
                assert frame is not None
                connections.add(frame.connection)


def test_a_recording_over_http_ends_with_its_end(tmp_path: Path) -> None:
    clip(tmp_path / "a.mp4", movflags="faststart")
    with http_server(tmp_path) as address:
        source = open_source(f"{address}/a.mp4")
        assert isinstance(source, VideoSource)
        assert len(all_frames(source)) == 50


def test_a_stream_that_stops_sending_is_a_timeout(tmp_path: Path) -> None:
    data = clip(tmp_path / "a.mkv", live="1").read_bytes()
    with peer(send(data, ENDLESS)) as port:
        error = failure(f"http://127.0.0.1:{port}/live.mkv", QUICK)
    assert isinstance(error, SourceTimeout)
    assert "sends no more pictures" in error.what


def test_a_recording_whose_server_falls_silent_is_no_camera(tmp_path: Path) -> None:
    data = clip(tmp_path / "a.mkv").read_bytes()
    head = f"HTTP/1.1 200 OK\nContent-Type: video/x-matroska\nContent-Length: {len(data)}\n\n"
    with peer(send(data[: len(data) // 2], head)) as port:
        error = failure(f"http://127.0.0.1:{port}/film.mkv", QUICK)
    assert isinstance(error, SourceTimeout)
    assert "sends no more pictures" in error.what
    assert error.cure == "check the network and the server that it is on"


def test_a_live_picture_is_not_held_back_until_the_next_ones_come(tmp_path: Path) -> None:
    data = clip(tmp_path / "a.mkv", 10, live="1").read_bytes()
    with peer(send(data, ENDLESS)) as port:
        options = VideoOptions(open_timeout=BOUND, read_timeout=3.0)  # also for each of the ten
        source = VideoSource(f"http://127.0.0.1:{port}/live.mkv", options)
        assert all(source.read() is not None for _ in range(10))
        with closing(source), pytest.raises(SourceTimeout):
            source.read()


def silent_film(path: Path, *, seconds: int, pictures_at: tuple[int, ...]) -> Path:
    """Ten packets of silence a second, and a picture before each of some seconds."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("mjpeg", rate=25, options={"strict": "unofficial"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        for index in range(10 * seconds):
            if index % 10 == 0 and index // 10 in pictures_at:
                frame = av.VideoFrame(64, 48, "yuv420p")
                frame.pts, frame.time_base = 25 * index // 10, Fraction(1, 25)
                out.mux(video.encode(frame))
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
            silence.sample_rate, silence.pts = 8000, 800 * index
            out.mux(audio.encode(silence))
    return path


def test_a_process_that_was_stopped_goes_on_with_its_film(tmp_path: Path) -> None:
    path = silent_film(tmp_path / "a.mkv", seconds=10, pictures_at=(0, 9))
    looks = count()

    def clock() -> float:
        look = next(looks)
        return look / 10 + (90.0 if look > 60 else 0.0)  # Ctrl-Z and fg, between two pictures

    assert len(all_frames(VideoSource(path, clock=clock))) == 2
    assert next(looks) > 90


def test_a_stream_of_sound_alone_does_not_keep_read_waiting(tmp_path: Path) -> None:
    path = silent_film(tmp_path / "a.mkv", seconds=60, pictures_at=(0,))
    now = iter(range(100_000))
    source = VideoSource(path, clock=lambda: next(now) / 10)
    assert source.read() is not None
    with closing(source), pytest.raises(SourceTimeout):
        source.read()


@pytest.mark.parametrize("scheme", ["http", "https", "rtsp", "rtmp", "tcp"])
def test_a_server_that_accepts_and_never_answers_is_a_timeout(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        error = failure(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/a", HURRIED)
    assert isinstance(error, SourceTimeout)
    assert "within 0.5 s" in error.what


@pytest.mark.parametrize("scheme", ["http", "rtsp", "tcp"])
def test_a_port_where_nothing_listens(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = failure(f"{scheme}://127.0.0.1:{port}/a")
    assert "refused" in error.what
    assert "port" in error.cure


def test_a_host_that_is_not_known() -> None:
    error = failure("http://no-such-host.invalid/a.mp4", VideoOptions())
    assert isinstance(error, SourceMissing)
    assert "not known" in error.what


def test_a_kind_of_address_that_is_not_known() -> None:
    assert "cannot be read here" in failure("gopher-video://host/a").what


@pytest.mark.parametrize(
    ("page", "what"),
    [
        ("none.mp4", "has nothing at"),
        ("locked.mp4", "refuses the user name or password"),
        ("forbidden.mp4", "refuses access"),
        ("broken.mp4", "failed"),
        ("words.html", "answers, but not with a video"),
        ("words.jpg", "answers, but not with a video"),
        ("words.gif", "answers, but not with a video"),
        ("begun.ts", "holds no picture that can be decoded"),
    ],
)
def test_a_server_that_refuses(tmp_path: Path, page: str, what: str) -> None:
    for suffix in ("html", "jpg", "gif"):
        (tmp_path / f"words.{suffix}").write_text("<html>only words</html>" * 100)
    (tmp_path / "begun.ts").write_bytes(clip(tmp_path / "whole.ts", 3).read_bytes()[: 3 * 188])
    with http_server(tmp_path) as address:
        error = failure(f"{address}/{page}")
    assert what in error.what
    assert isinstance(error, SourceMissing) == (page == "none.mp4")
    assert ("http://USER:PASSWORD@HOST" in error.cure) == (page == "locked.mp4")


def test_a_download_that_breaks_off_is_an_error(tmp_path: Path) -> None:
    data = clip(tmp_path / "a.ts").read_bytes()
    head = ENDLESS.replace("\n\n", f"\nContent-Length: {len(data)}\n\n")
    with peer(send(data[: len(data) // 2], head, close=True)) as port:
        error = failure(f"http://127.0.0.1:{port}/a.ts")
    assert "broke off" in error.what


def test_nothing_is_left_of_a_connection_that_broke_off(tmp_path: Path) -> None:
    data = clip(tmp_path / "a.ts").read_bytes()
    head = ENDLESS.replace("\n\n", f"\nContent-Length: {len(data)}\n\n")
    gc.disable()
    try:
        with peer(send(data[: len(data) // 2], head, close=True)) as port:
            source = VideoSource(f"http://127.0.0.1:{port}/a.ts", PATIENT)
            reader = weakref.ref(source._reader)
            told = ""
            try:
                all_frames(source)
            except SourceError as error:
                told = error.what
            source.close()
        assert "broke off" in told
        del source
        assert reader() is None
    finally:
        gc.enable()


def test_an_mp4_with_its_index_at_the_end_needs_a_server_that_can_seek(tmp_path: Path) -> None:
    clip(tmp_path / "a.mp4")
    with http_server(tmp_path) as address:
        error = failure(f"{address}/a.mp4")
    assert "download it first" in error.cure


@pytest.mark.parametrize("handler", [Curt, Brief])
def test_a_recording_is_asked_for_again_where_the_server_hung_up(
    tmp_path: Path, handler: type[Quiet]
) -> None:
    file = clip(tmp_path / "a.mp4")
    assert file.stat().st_size > 2 * Brief.most
    with http_server(tmp_path, handler) as address:
        frames = all_frames(VideoSource(f"{address}/a.mp4", PATIENT))
    assert [sum_of(frame.picture) for frame in frames] == [
        sum_of(f.picture) for f in all_frames(VideoSource(file))
    ]


def test_a_password_is_in_no_message_and_no_traceback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = failure(f"rtsp://me:hunter2@127.0.0.1:{port}/a?token=hunter2")
    printed = "".join(traceback.format_exception(error))
    assert "hunter2" not in printed
    assert f"127.0.0.1:{port}" in str(error)


def rtsp_answers(nals: list[bytes], status: str, *, hang_up: bool) -> Callable[[socket.socket], None]:
    """A camera over RTSP (RFC 7826, RFC 6184): answers each request, then sends H.264 in the same connection."""
    sdp = (
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\n"
        "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:track\r\n"
    )

    def behave(connection: socket.socket) -> None:
        reader = connection.makefile("rb")
        method = ""
        while method != "PLAY":
            lines = list(iter(lambda: reader.readline().decode().strip(), ""))
            if not lines:
                return
            method = lines[0].split()[0]
            sequence = next(line for line in lines if line.startswith("CSeq"))
            body = sdp if method == "DESCRIBE" else ""
            extra = {
                "DESCRIBE": f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n",
                "SETUP": "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n",
                "PLAY": "Session: 1\r\n",
            }.get(method, "Public: DESCRIBE, SETUP, PLAY\r\n")
            answer = status if method == "DESCRIBE" else "200 OK"
            connection.sendall(f"RTSP/1.0 {answer}\r\n{sequence}\r\n{extra}\r\n{body}".encode())
            if answer != "200 OK":
                return
        with suppress(ConnectionError):  # who has seen enough hangs up
            for count, (stamp, nal) in enumerate(nals):
                header = (
                    bytes([0x80, 96 | 0x80]) + count.to_bytes(2, "big") + stamp.to_bytes(4, "big") + b"CAMR"
                )
                connection.sendall(b"$\0" + (12 + len(nal)).to_bytes(2, "big") + header + nal)
            if hang_up:
                connection.shutdown(socket.SHUT_WR)

    return behave


def camera_nals(folder: Path) -> list[tuple[int, bytes]]:
    stream = clip(folder / "a.h264", 30).read_bytes()
    nals = [nal for part in stream.split(b"\0\0\1") if (nal := part.rstrip(b"\0"))]
    pictures = 0
    timed = []
    for nal in nals:
        timed.append((3600 * pictures, nal))
        pictures += nal[0] & 31 in (1, 5)
    return timed


def test_a_camera_over_rtsp_is_live(tmp_path: Path) -> None:
    with peer(rtsp_answers(camera_nals(tmp_path), "200 OK", hang_up=True)) as port:
        source = VideoSource(f"rtsp://me:pw@127.0.0.1:{port}/1", PATIENT)
        assert source.info.live is True
        assert (source.info.width, source.info.height) == (64, 48)
        first = source.read()
        assert first is not None
        assert first.pts == 0
        assert source.read() is not None
        source.close()


def test_a_camera_that_freezes_is_a_timeout(tmp_path: Path) -> None:
    with peer(rtsp_answers(camera_nals(tmp_path), "200 OK", hang_up=False)) as port:
        assert isinstance(failure(f"rtsp://127.0.0.1:{port}/1", QUICK), SourceTimeout)


@pytest.mark.parametrize(
    ("status", "what"),
    [
        ("401 Unauthorized", "refuses the user name or password"),
        ("404 Not Found", "has nothing at"),
        ("453 Not Enough Bandwidth", "allows one more viewer"),
        ("503 Service Unavailable", "allows one more viewer"),
    ],
)
def test_a_camera_that_refuses(status: str, what: str) -> None:
    with peer(rtsp_answers([], status, hang_up=True)) as port:
        assert what in str(failure(f"rtsp://127.0.0.1:{port}/1"))


@pytest.mark.parametrize(
    ("hang_up", "what"), [(False, "sends no pictures"), (True, "ended the stream before its first picture")]
)
def test_a_camera_without_a_picture(tmp_path: Path, hang_up: bool, what: str) -> None:
    parameters = [(stamp, nal) for stamp, nal in camera_nals(tmp_path) if nal[0] & 31 in (7, 8)]
    with peer(rtsp_answers(parameters[:2], "200 OK", hang_up=hang_up)) as port:
        assert what in failure(f"rtsp://127.0.0.1:{port}/1", QUICK).what


def test_a_server_that_speaks_something_else_may_want_a_secure_connection() -> None:
    with peer(send(b"\x15\x03\x03\x00\x02\x02\x0a", close=True)) as port:
        assert "rtsps://" in failure(f"rtsp://127.0.0.1:{port}/1").cure


def test_of_animations_at_an_address_it_is_said_what_is_not_looked_at(tmp_path: Path) -> None:
    film = cv2.Animation()
    film.frames = [np.dstack([image, np.full(image.shape[:2], 255, np.uint8)]) for image in greys(range(5))]
    film.durations = np.full(5, 100)
    for kind in ("gif", "png", "webp"):
        (tmp_path / f"a.{kind}").write_bytes(bytes(cv2.imencodeanimation(f".{kind}", film)[1]))
    noise = np.random.default_rng(0).integers(0, 256, (5, 40, 56, 3), np.uint8)
    film.frames = [np.dstack([image, np.full(image.shape[:2], 255, np.uint8)]) for image in noise]
    data = cv2.imencodeanimation(".webp", film, (cv2.IMWRITE_WEBP_QUALITY, 101))[1]
    (tmp_path / "noise.webp").write_bytes(bytes(data))
    says = {
        "gif": (5, "seen in a file alone"),
        "png": (5, "seen in a file alone"),
        "webp": (1, "first picture alone"),
    }
    with served(tmp_path) as address:
        for kind, (count, line) in says.items():
            source = open_source(f"{address}/a.{kind}")
            assert len(list(iter(source.read, None))) == count
            assert [line in said for said in warnings_of(source)] == [True]
            source.close()
        if "webp_anim" in av.formats_available:  # FFmpeg 9
            source = open_source(f"{address}/noise.webp")
            assert [frame.pts for frame in iter(source.read, None)] == [Fraction(n, 10) for n in range(5)]
            assert ["seen in a file alone" in said for said in warnings_of(source)] == [True]
            source.close()
        else:
            with pytest.raises(
                SourceError, match=r"an animation in WebP, which is read from a file alone \(keep"
            ):
                open_source(f"{address}/noise.webp")
