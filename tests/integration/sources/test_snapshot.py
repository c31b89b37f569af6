"""A camera that gives single pictures over HTTP is asked again and again, with real servers."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext, suppress
from fractions import Fraction
from itertools import chain, count, islice, repeat
from pathlib import Path

import pytest
from certificates import certificate
from made_by_hand import BOUND, frames
from ports import free_port
from snapshot_cameras import SnapshotCamera, jpeg, snapshot_camera

from streamdepth.backoff import Backoff
from streamdepth.errors import NoFrameYet, SourceError, SourceTimeout, Trouble
from streamdepth.frames import Frame, SourceState
from streamdepth.pixel_limit import USUAL, PixelLimit
from streamdepth.pixels import sum_of
from streamdepth.protocols import Source, Watched, warnings_of
from streamdepth.run.inputs import open_input
from streamdepth.run.spec import InputSpec, OutputSpec, RunSpec, SessionSpec, StreamSpec
from streamdepth.sources import SourceOptions, open_source
from streamdepth.sources.live import reconnection as _reconnection
from streamdepth.sources.live.reconnecting import Persistence
from streamdepth.sources.snapshot.source import SnapshotSource

QUICK = Fraction(100)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_reconnection, "BACKOFF", Backoff((), 0.05, 0.0, 0.0))


def opened(camera: SnapshotCamera, address: str = "", **more: object) -> Source:
    options = SourceOptions(rate=QUICK, polls=True, **more)
    return open_source(address or camera.address, options)


def polled(address: str, **more: object) -> SnapshotSource:
    return SnapshotSource(address, QUICK, (BOUND, BOUND), more.pop("limit", USUAL), **more)


def taken(source: Source, number: int) -> list[Frame]:
    return list(islice(frames(source), number))


def sums(pictures: list[Frame]) -> list[int]:
    return [sum_of(frame.picture) for frame in pictures]


def with_login(address: str, login: str) -> str:
    return address.replace("://", f"://{login}@")


def test_its_pictures_are_live_and_each_is_another():
    with snapshot_camera() as camera, closing(opened(camera)) as source:
        pictures = taken(source, 5)
        assert (source.info.live, source.info.kind, source.info.rate) == (True, "snapshot", QUICK)
    assert len(set(sums(pictures))) == 5
    assert [frame.index for frame in pictures] == [0, 1, 2, 3, 4]
    times = [frame.pts for frame in pictures]
    assert times == sorted(set(times))


def test_an_endless_stream_of_photos_stays_a_stream():
    """Raw JPEGs one after the other, without a length: FFmpeg's reader of photos takes them."""
    with socket.create_server(("127.0.0.1", 0)) as listener, closing(Peer(listener, endless)):
        options = SourceOptions(rate=QUICK, polls=True)
        with closing(open_source(f"http://127.0.0.1:{listener.getsockname()[1]}/a", options)) as source:
            assert len(set(sums(taken(source, 4)))) == 4
            assert source.info.kind == "video"


def test_without_live_outputs_it_is_a_photo():
    with snapshot_camera() as camera, closing(open_source(camera.address)) as source:
        assert not source.info.live
        assert source.read() is not None
        assert source.read() is None
        assert any("--live" in said for said in warnings_of(source))
    assert len(camera.requests) == 1


@pytest.mark.parametrize(
    ("output", "live", "kind"),
    [
        (OutputSpec(), False, "snapshot"),
        (OutputSpec(webrtc=True), False, "snapshot"),
        (OutputSpec(events=("-",)), False, "snapshot"),
        (OutputSpec(output=Path("day.mp4")), True, "snapshot"),
        (OutputSpec(output=Path("photo.mp4")), False, "video"),
    ],
)
def test_a_run_that_is_live_asks_again_and_again(output: OutputSpec, live: bool, kind: str):
    with snapshot_camera() as camera:
        spec = RunSpec(InputSpec(input=camera.address), StreamSpec(live=live), output)
        with closing(open_input(spec, lambda _event: None)) as source:
            assert source.info.kind == kind


@pytest.mark.parametrize("others", [(), ("demo",)])
def test_a_run_that_loads_its_network_for_long_begins_with_a_new_picture(
    others: tuple[str, ...], until: Callable[..., object]
):
    with snapshot_camera() as camera:
        wanted = InputSpec(input=camera.address, camera_fps=QUICK, switch_to=others)
        spec = RunSpec(wanted, output=OutputSpec(webrtc=True))
        with closing(open_input(spec, lambda _event: None)) as source:
            late, asked = time.monotonic(), len(camera.polls())
            until(lambda: len(camera.polls()) > asked + 5)
            assert next(frames(source)).captured_at > late


def test_a_session_begins_with_the_first_picture_on_which_others_may_lean(
    tmp_path: Path, until: Callable[..., object]
):
    with snapshot_camera() as camera:
        wanted = InputSpec(input=camera.address, camera_fps=QUICK)
        spec = RunSpec(wanted, session=SessionSpec(record=tmp_path / "s.mkv"))
        with closing(open_input(spec, lambda _event: None)) as source:
            opened_at = time.monotonic()
            with pytest.raises(AssertionError):  # it waits for its reader
                until(lambda: len(camera.polls()) > 5, 0.5)
            assert next(frames(source)).captured_at < opened_at


def test_a_server_that_does_not_say_how_long_it_is_gives_a_snapshot_too():
    with snapshot_camera() as camera:
        camera.answer = lambda n: (200, {"Connection": "close"}, jpeg(n))
        with closing(opened(camera)) as source:
            assert len(set(sums(taken(source, 3)))) == 3
            assert isinstance(source, Watched)
            assert source.condition.state is SourceState.LIVE
            assert source.outages.reconnects == 0


def test_one_connection_serves_all_requests():
    with snapshot_camera() as camera, closing(opened(camera)) as source:
        taken(source, 6)
    assert len(camera.polls()) >= 6
    assert camera.connections == 2, "FFmpeg's, which finds out what it is, and the one that is kept"


def test_a_connection_that_was_closed_meanwhile_is_made_anew():
    with snapshot_camera() as camera, closing(polled(camera.address)) as source:
        camera.answer = lambda n: (200, {"Connection": "close"}, jpeg(n))
        assert len(set(sums(taken(source, 4)))) == 4

    with socket.create_server(("127.0.0.1", 0)) as listener:  # one that does not announce it
        body = jpeg(0)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()

        def serve() -> None:
            for _ in range(3):
                connection, _ = listener.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(head + body)

        thread = threading.Thread(target=serve)
        thread.start()
        with closing(polled(f"http://127.0.0.1:{listener.getsockname()[1]}/a.jpg")) as source:
            assert len(taken(source, 3)) == 3
        thread.join()


def test_a_camera_with_a_certificate_of_its_own_is_taken(tmp_path: Path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(tmp_path))
    with snapshot_camera(context=context) as camera, closing(opened(camera)) as source:
        assert len(set(sums(taken(source, 4)))) == 4
    assert camera.address.startswith("https://")
    assert camera.connections <= 3, "one is kept"


def test_it_is_asked_no_more_often_than_its_rate_says():
    now = [0.0]

    def wait(seconds: float) -> None:
        now[0] += seconds

    with snapshot_camera() as camera:
        source = SnapshotSource(
            camera.address, Fraction(1, 2), (BOUND, BOUND), USUAL, clock=lambda: now[0], wait=wait
        )
        with closing(source):
            pictures = taken(source, 4)
    assert [float(frame.captured_at) for frame in pictures] == pytest.approx([0.0, 2.0, 4.0, 6.0])
    assert len(camera.polls()) == 4


def test_what_is_not_modified_is_neither_sent_nor_decoded_again():
    picture = [0]

    def answer(_number: int) -> tuple[int, dict[str, str], bytes]:
        tag = f'"{picture[0]}"'
        if camera.requests[-1][1].get("If-None-Match") == tag:
            return 304, {"ETag": tag}, b""
        return 200, {"ETag": tag, "Last-Modified": "Mon, 30 Nov 2026 11:00:00 GMT"}, jpeg(picture[0])

    with snapshot_camera() as camera:
        camera.answer = answer
        with closing(polled(camera.address)) as source:
            old = taken(source, 3)
            assert old[0].picture is old[2].picture
            picture[0] = 1
            assert sum_of(taken(source, 1)[0].picture) != sum_of(old[0].picture)
    assert camera.polls()[1]["If-Modified-Since"] == "Mon, 30 Nov 2026 11:00:00 GMT"


def test_a_server_that_is_wrong_about_what_is_new_is_not_believed_for_ever():
    date = "Thu, 01 Jan 1970 00:00:00 GMT"

    def answer(number: int) -> tuple[int, dict[str, str], bytes]:
        is_asked = "If-Modified-Since" in camera.requests[-1][1]
        return (304, {}, b"") if is_asked else (200, {"Last-Modified": date}, jpeg(number))

    with snapshot_camera() as camera:
        camera.answer = answer
        with closing(polled(camera.address)) as source:
            assert len(set(sums(taken(source, 25)))) == 3


def test_the_same_bytes_are_not_decoded_again_and_count_as_frozen():
    with snapshot_camera() as camera:
        camera.answer = lambda _n: (200, {}, jpeg(7))
        with closing(opened(camera, persistence=Persistence(frozen_after=0.05))) as source:
            assert isinstance(source, Watched)
            for _ in frames(source):
                if source.condition.state is SourceState.FROZEN:
                    break


def test_a_camera_that_asks_who_it_is_gets_a_digest_once_it_was_asked():
    with snapshot_camera() as camera:
        camera.login = ("me", "p@ss")
        with closing(opened(camera, with_login(camera.address, "me:p%40ss"))) as source:
            taken(source, 3)
            camera.nonce = "n1"  # it grows old
            taken(source, 4)
            assert isinstance(source, Watched)
            assert source.outages.reconnects == 0
    shown = ["Authorization" in headers for headers in camera.polls()]
    assert shown[0] is False
    assert all(shown[1:])


def test_a_wrong_password_is_shown_once_and_is_the_reason():
    with snapshot_camera() as camera:
        camera.login = ("me", "right")
        with pytest.raises(SourceError, match="refuses the user name or password") as error:
            polled(with_login(camera.address, "me:wrong"))
    assert error.value.trouble is Trouble.AUTHENTICATION
    assert "wrong" not in str(error.value)
    assert len(camera.polls()) == 2


def test_a_user_may_have_a_name_in_any_letters():
    with snapshot_camera() as camera:
        camera.login = ("Łukasz", "word")
        polled(with_login(camera.address, "%C5%81ukasz:word")).close()
    assert "Łukasz" in camera.polls()[-1]["Authorization"].encode("latin-1").decode()


def test_a_login_by_a_hash_that_ffmpeg_does_not_know_is_given():
    with snapshot_camera() as camera:
        camera.login, camera.hashed = ("me", "word"), "SHA-256"
        with closing(opened(camera, with_login(camera.address, "me:word"))) as source:
            assert len(set(sums(taken(source, 3)))) == 3


def test_a_login_that_a_photo_cannot_have_is_not_said_to_be_wrong():
    with snapshot_camera() as camera:
        camera.login, camera.hashed = ("me", "word"), "SHA-256"
        with pytest.raises(
            SourceError, match="by Digest with SHA-256 alone, which is not supported"
        ) as caught:
            open_source(with_login(camera.address, "me:word"))
        assert caught.value.trouble is Trouble.AUTHENTICATION
        with pytest.raises(SourceError, match="refuses the user name or password"):
            open_source(camera.address)


def test_a_login_is_not_shown_to_another_host():
    with snapshot_camera() as other, snapshot_camera() as camera:
        other.login = ("me", "word")
        elsewhere = f"http://localhost:{other.server_port}/a.jpg"
        camera.answer = lambda _n: (302, {"Location": elsewhere}, b"")
        with pytest.raises(SourceError, match="refuses the user name"):
            polled(with_login(camera.address, "me:word"))
    assert not any("Authorization" in headers for headers in other.polls())


def test_a_server_that_sends_us_to_the_newest_picture_is_asked_each_time():
    def answer(number: int) -> tuple[int, dict[str, str], bytes]:
        if camera.requests[-1][0].startswith("/snapshot"):
            return 302, {"Location": f"/pictures/{number}.jpg"}, b""
        return 200, {}, jpeg(number)

    with snapshot_camera() as camera:
        camera.answer = answer
        with closing(polled(camera.address)) as source:
            assert len(set(sums(taken(source, 3)))) == 3
    assert camera.connections == 1


def test_a_server_that_sends_us_in_circles_is_left():
    with snapshot_camera() as camera:
        camera.answer = lambda _n: (302, {"Location": "/again"}, b"")
        with pytest.raises(SourceError, match="does not accept the request"):
            polled(camera.address)
    assert len(camera.requests) < 10


@pytest.mark.parametrize("location", ["http://[house/", "http://a..b/", "http://cam:no/", "ftp://cam/"])
def test_a_server_that_sends_us_to_what_is_no_address_is_left(location: str):
    with snapshot_camera() as camera:
        camera.answer = lambda _n: (302, {"Location": location}, b"")
        with pytest.raises(SourceError, match="does not accept the request"):
            polled(camera.address)


def test_a_server_that_has_nothing_new_before_it_gave_anything_is_left():
    with snapshot_camera() as camera:
        camera.answer = lambda _n: (304, {}, b"")
        with pytest.raises(SourceError, match="does not accept the request"):
            polled(camera.address)


@pytest.mark.parametrize(
    ("status", "body", "what"),
    [
        (404, b"", "has nothing at"),
        (403, b"", "refuses access"),
        (503, b"", "failed"),
        (400, b"", "does not accept"),
        (200, b"<html>please log in</html>", "answers, but not with a video or picture"),
        (200, b"", "answers, but not with a video or picture"),
        (204, b"", "does not accept"),
        (200, jpeg(1)[:-500], "is damaged"),
    ],
)
def test_what_is_no_picture_is_said_and_it_is_asked_on(status: int, body: bytes, what: str):
    with snapshot_camera() as camera:
        told: list[str] = []
        with closing(opened(camera, notify=told.append)) as source:
            assert isinstance(source, Watched)
            taken(source, 2)
            camera.answer = lambda _n: (status, {}, body)
            while source.condition.state is not SourceState.AWAY:
                with_no_frame(source)
            camera.answer = lambda n: (200, {}, jpeg(n))
            assert taken(source, 1)[0].connection == 1
        assert any(what in line for line in told), told
        assert "is back" in told[-1]


@pytest.mark.parametrize(("failed", "is_lost"), [({2, 4, 6}, False), ({2, 3}, True)])
@pytest.mark.parametrize("answer", [(503, b""), (200, jpeg(1)[:-500])], ids=["refused", "broken"])
def test_one_request_that_fails_is_no_loss(failed: set[int], is_lost: bool, answer: tuple[int, bytes]):
    with snapshot_camera() as camera:
        status, body = answer
        camera.answer = lambda n: (status, {}, body) if n in failed else (200, {}, jpeg(n))
        with closing(polled(camera.address)) as source:
            assert len(set(sums(taken(source, 2)))) == 2
            with pytest.raises(SourceError) if is_lost else nullcontext():
                assert len(set(sums(taken(source, 4)))) == 4


def test_a_password_that_is_refused_is_not_tried_once_more():
    with snapshot_camera() as camera, closing(polled(camera.address)) as source:
        taken(source, 1)
        camera.answer = lambda _n: (401, {}, b"")
        with pytest.raises(SourceError, match="refuses the user name"):
            taken(source, 1)
    assert len(camera.polls()) == 2


def with_no_frame(source: Source) -> None:
    try:
        source.read()
    except NoFrameYet:
        return


def test_a_camera_that_is_switched_off_and_on_again_comes_back():
    place = ("127.0.0.1", free_port())
    with snapshot_camera(place) as camera:
        source = opened(camera)
        taken(source, 2)
    with closing(source):
        assert isinstance(source, Watched)
        while source.condition.state is not SourceState.AWAY:
            with_no_frame(source)
        assert source.condition.reason in ("connection refused", "connection broke off", "no answer")
        with snapshot_camera(place):
            assert taken(source, 1)[0].connection == 1


def test_a_camera_that_does_not_answer_in_time_sends_no_more_pictures():
    hang = threading.Event()
    with snapshot_camera() as camera:
        with closing(SnapshotSource(camera.address, QUICK, (BOUND, 0.1), USUAL)) as source:
            taken(source, 1)

            def answer(_number: int) -> tuple[int, dict[str, str], bytes]:
                hang.wait(BOUND)
                return 200, {}, jpeg(0)

            camera.answer = answer
            with pytest.raises(SourceTimeout, match="sends no more pictures") as error:
                taken(source, 2)
        hang.set()
    assert error.value.trouble is Trouble.SILENT


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"]
)
def test_an_answer_that_trickles_has_its_time_as_a_whole(head: bytes):
    pieces = chain([head], repeat(b"x"))
    with socket.create_server(("127.0.0.1", 0)) as listener, closing(Peer(listener, lambda: pieces)):
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/a.jpg"
        with pytest.raises(SourceTimeout, match=r"did not answer within 0\.3 s"):
            SnapshotSource(address, QUICK, (0.3, 0.3), USUAL)


def endless() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    for number in count():
        yield jpeg(number)


class Peer:
    """Answers one request with pieces, one each hundredth of a second, until it is closed."""

    def __init__(self, listener: socket.socket, pieces: Callable[[], Iterator[bytes]]) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(listener, pieces))
        self._thread.start()

    def _serve(self, listener: socket.socket, pieces: Callable[[], Iterator[bytes]]) -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):  # the reader has left
            connection.recv(4096)
            for piece in pieces():
                connection.sendall(piece)
                if self._stop.wait(0.01):
                    return

    def close(self) -> None:
        self._stop.set()
        self._thread.join()


def test_a_picture_that_is_too_large_is_refused_before_it_is_decoded():
    with snapshot_camera() as camera:
        camera.answer = lambda n: (200, {}, jpeg(n, (640, 480)))
        with pytest.raises(SourceError, match="640x480") as error:
            polled(camera.address, limit=PixelLimit(100_000, 100_000))
    assert error.value.trouble is Trouble.TOO_LARGE


def test_an_answer_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("streamdepth.sources.snapshot.polled.MOST_BYTES", 10_000)
    with snapshot_camera() as camera:
        camera.answer = lambda _n: (200, {}, bytes(20_000))
        with pytest.raises(SourceError, match=r"more than 10 kB for one picture"):
            polled(camera.address)


def test_a_picture_of_another_size_is_fitted_into_the_first_one():
    with snapshot_camera() as camera:
        camera.answer = lambda n: (200, {}, jpeg(n, (64, 48) if n < 2 else (96, 48)))
        with closing(opened(camera)) as source:
            assert {(f.picture.width, f.picture.height) for f in taken(source, 5)} == {(64, 48)}


def test_it_ends_at_once_while_it_waits():
    before = set(threading.enumerate())
    with snapshot_camera() as camera:
        source = open_source(camera.address, SourceOptions(rate=Fraction(1, 300), polls=True))
        taken(source, 1)
        (reader,) = (one for one in set(threading.enumerate()) - before if one.name.endswith("connection"))
        source.close()
        reader.join(BOUND)
        assert not reader.is_alive()
