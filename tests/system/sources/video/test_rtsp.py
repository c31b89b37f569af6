"""A real RTSP server: killed, started again, changed in size, frozen, locked, and put behind UDP."""

import os
import socket
import time
import traceback
from contextlib import closing
from itertools import islice, pairwise

import pytest
from processor_waits import Promise

from streamdepth.errors import NoFrameYet, SourceError, SourceTimeout, Trouble
from streamdepth.frames import SourceState
from streamdepth.sources import SourceOptions, open_source
from streamdepth.sources.live.reconnecting import Persistence
from streamdepth.sources.video.source import VideoOptions, VideoSource

BOUND = 20.0
"""Seconds against hanging; far beyond what is expected."""
BACK_WITHIN = 3.0
"""Seconds from the server's return to the first picture that are promised after a short outage."""


def frames(source):
    give_up_at = time.monotonic() + BOUND
    while time.monotonic() < give_up_at:
        try:
            yield source.read()
        except NoFrameYet:
            continue
    raise AssertionError("no picture came in time")


def take(source, count):
    return list(islice(frames(source), count))


def read_until(source, condition):
    give_up_at = time.monotonic() + BOUND
    while not condition():
        assert time.monotonic() < give_up_at, source.condition
        try:
            source.read()
        except NoFrameYet:
            continue


def opened(server, persistence=None, **video):
    return open_source(server.url(), SourceOptions(video=VideoOptions(**video), persistence=persistence))


def failure(url):
    with pytest.raises(SourceError) as caught:
        open_source(url).close()
    return caught.value


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("codec", ["h264", "jpeg"])
def test_a_camera_sends_pictures_over_either_transport(rtsp_server, codec, transport):
    rtsp_server.start("--codec", codec)
    with closing(opened(rtsp_server, rtsp_transport=transport)) as source:
        assert (source.info.width, source.info.height, source.info.rate) == (320, 240, 25)
        assert source.info.live is True
        found = take(source, 20)
    assert all(first.pts < second.pts for first, second in pairwise(found))


def test_of_two_videos_at_one_address_the_first_is_shown(rtsp_server):
    rtsp_server.start("--rate", "1", "--second", "640x480")
    with closing(opened(rtsp_server)) as source:
        assert (source.info.width, source.info.height) == (320, 240)


@pytest.mark.parametrize(("wanted", "only"), [("tcp", "UDP"), ("udp", "TCP")])
def test_a_camera_that_refuses_one_transport_sends_over_the_other(rtsp_server, wanted, only):
    rtsp_server.start("--only", only)
    with closing(opened(rtsp_server, rtsp_transport=wanted)) as source:
        assert len(take(source, 5)) == 5


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_after_a_kill_the_picture_is_back_soon_after_the_server(rtsp_server, transport):
    rtsp_server.start()
    with closing(opened(rtsp_server, rtsp_transport=transport)) as source:
        take(source, 10)
        killed = time.monotonic()
        rtsp_server.kill()
        read_until(source, lambda: source.condition.state is SourceState.AWAY)
        noticed = time.monotonic()
        read_until(source, lambda: time.monotonic() > noticed + 2.0)
        assert source.condition.state is SourceState.AWAY
        assert source.condition.reason
        rtsp_server.start()
        promise = Promise(BACK_WITHIN, os.getpid(), rtsp_server.process.pid)
        read_until(source, lambda: source.condition.state is SourceState.LIVE)
        assert promise.is_kept()
        assert source.outages.reconnects == 1
        assert 2.0 < source.outages.seconds < time.monotonic() - killed


def test_a_camera_that_comes_back_in_another_size_and_rate_fits_into_the_first(rtsp_server):
    rtsp_server.start()
    with closing(opened(rtsp_server)) as source:
        before = take(source, 5)
        rtsp_server.kill()
        rtsp_server.start("--size", "640x240", "--rate", "12")
        after = next(frame for frame in frames(source) if frame.connection == 1)
    assert (after.picture.width, after.picture.height) == (320, 240)
    # Half as high as it is wide: it fills 120 of the 240 lines.
    assert after.i420.y[:55].max() == 16
    assert after.i420.y[70:170].std() > 5
    assert after.pts > before[-1].pts


def test_a_camera_that_hangs_is_told_as_frozen_until_it_goes_on(rtsp_server):
    rtsp_server.start("--codec", "jpeg")
    with closing(opened(rtsp_server, Persistence(frozen_after=0.5))) as source:
        take(source, 25)
        assert source.condition.state is SourceState.LIVE
        rtsp_server.say("freeze")
        read_until(source, lambda: source.condition.state is SourceState.FROZEN)
        rtsp_server.say("go")
        read_until(source, lambda: source.condition.state is SourceState.LIVE)
        assert source.outages.reconnects == 0


@pytest.mark.parametrize("method", ["basic", "digest"])
def test_a_password_is_needed_and_a_wrong_one_is_told_and_never_shown(rtsp_server, capfd, method):
    rtsp_server.start("--login", "me:hunter/2 3", "--auth", method)
    with closing(VideoSource(rtsp_server.url("me:hunter%2F2%203"))) as source:
        assert source.read() is not None
    for login in ("me:wr0ng", "wr0ng:hunter%2F2%203", "me:wr0ng%2F%40"):
        error = failure(rtsp_server.url(login))
        assert error.trouble is Trouble.AUTHENTICATION
        printed = "".join(traceback.format_exception(error)) + "".join(capfd.readouterr())
        assert "wr0ng" not in printed
        assert "hunter" not in printed
        assert f"rtsp://***@127.0.0.1:{rtsp_server.port}/camera" in str(error)
    assert failure(rtsp_server.url()).trouble is Trouble.AUTHENTICATION


def test_a_path_that_is_not_there(rtsp_server):
    rtsp_server.start()
    assert failure(rtsp_server.url() + "2").trouble is Trouble.NOT_FOUND


def test_a_port_where_nothing_listens_and_a_host_that_is_not_known(rtsp_server):
    rtsp_server.start().kill()
    assert failure(rtsp_server.url()).trouble is Trouble.REFUSED
    assert failure("rtsp://no-such-host.invalid/1").trouble is Trouble.UNKNOWN_HOST


def test_a_server_without_tls_is_told_as_such(rtsp_server):
    rtsp_server.start()
    error = failure(rtsp_server.url().replace("rtsp:", "rtsps:"))
    assert error.trouble is Trouble.TLS
    assert "rtsp://" in error.cure


def test_a_server_that_accepts_and_says_nothing_is_no_answer():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"rtsp://127.0.0.1:{silent.getsockname()[1]}/1"
        with pytest.raises(SourceTimeout) as caught:
            open_source(url, SourceOptions(video=VideoOptions(open_timeout=0.5)))
    assert caught.value.trouble is Trouble.TIMEOUT


def test_a_camera_is_waited_for_until_it_is_there(rtsp_server):
    told = []

    def start_after_the_first_try(line):
        told.append(line)
        if len(told) == 1:
            rtsp_server.start()

    rtsp_server.start().kill()
    waiting = SourceOptions(persistence=Persistence(wait_for_source=True), notify=start_after_the_first_try)
    with closing(open_source(rtsp_server.url("me:hunter2"), waiting)) as source:
        assert len(take(source, 3)) == 3
    assert "connection was refused; it is tried again until it is there" in told[0]
    assert not any("hunter2" in line for line in told)
