"""What is typed for an input or a destination: what is wrong with it, and that no password is ever shown."""

from __future__ import annotations

import io
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from streamdepth.addresses import (
    mistake_in_address,
    mistake_in_path,
    read_address,
    redact,
    redact_address,
    short_name,
)
from streamdepth.errors import SourceError, UsageError
from streamdepth.publishing.destinations import Destination
from streamdepth.reporting.console import ErrorConsole
from streamdepth.reporting.logs import log_info, set_up_logs
from streamdepth.sources import check_source
from streamdepth.sources.live.switching import names_of
from streamdepth.webrtc.ice_server import IceServer


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rtsp://me:pw@cam/1", "rtsp://***@cam/1"),
        ("cannot read rtsp://me:pw@cam/1: timed out", "cannot read rtsp://***@cam/1: timed out"),
        ("rtsp://me:p%40ss@cam and http://a:b@c/d", "rtsp://***@cam and http://***@c/d"),
        ("rtsp://me:p@ss@cam/1", "rtsp://***@cam/1"),
        ("rtsp://me:p/w@cam/1", "rtsp://***@cam/1"),
        ("RTSPS://me:pw@cam", "RTSPS://***@cam"),
        ("rtsp://me@cam/1", "rtsp://***@cam/1"),
        ("http://cam/1?token=abc&size=2", "http://cam/1?token=***&size=2"),
        ("rtsp://USER:PASSWORD@cam/1", "rtsp://***@cam/1"),
        ("rtsp://user:password@HOST/1", "rtsp://***@HOST/1"),
        ("rtsp://TOKEN@HOST@cam/1", "rtsp://***@cam/1"),
        ("mqtt://SECRET@HOST@broker", "mqtt://***@broker"),
        ("bad turn:me:pw@host:3478", "bad turn:***@host:3478"),
        ("lost rtsp://cam/user=me_password=x_channel=1", "lost rtsp://cam/user=me_password=***_channel=1"),
        ("('http://cam/1?a=2&Password=x y')", "('http://cam/1?a=2&Password=*** y')"),
        (
            "lost rtsps://nvr:7441/8yS4aFqzXq?enableSrtp: it hangs",
            "lost rtsps://nvr:7441/***?enableSrtp: it hangs",
        ),
        ("rtmp://live.example/app/front is away", "rtmp://live.example/app/*** is away"),
        ("(srt://host:9000?streamid=read:front&latency=2)", "(srt://host:9000?streamid=***&latency=2)"),
        ("'https://host/hls/x9v2kq3j7d4f/index.m3u8'", "'https://host/hls/***/index.m3u8'"),
        ("http://cam/a?b=8yS4aFqzXq&c=1, as told", "http://cam/a?b=***&c=1, as told"),
    ],
)
def test_secrets_are_blanked_out_wherever_they_stand(text, shown):
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "street.mp4",
        "write to me@example.org",
        "rtsp://cam:554/1",
        "http://cam/pictures@noon",
        "http://[::1]:80/pictures@noon",
        "rtmp://host/live",
        "rtsp://cam/cam/realmonitor?channel=1&subtype=0",
        "rtsp://cam:554/h264Preview_01_main",
        "file:///films/8yS4aFqzXq.mp4",
        "rtsp://cam/1 was sent to me@example.org",
        "12 frames: 30.0 frames/s",
        "write both into the address, as in rtsp://USER:PASSWORD@HOST/PATH",
        "write stun:HOST:3478, or turn:USER:SECRET@HOST:3478",
        "as in whip+https://TOKEN@HOST/PATH",
        "(write NAME https://SECRET@HOST/PATH, one per line)",
        "(write -, NAME.jsonl, https://[SECRET@]HOST/PATH or mqtt://[USER:PASSWORD@]HOST)",
    ],
)
def test_what_is_no_secret_stays(text):
    assert redact(text) == text


def test_where_an_at_sign_may_end_a_login_it_is_taken_for_its_end():
    assert redact("http://cam:80/pictures@noon") == "http://***@noon"


SECRET = "SeCrEt"
"""No other text holds it; the sign that matters stands in, before or behind it."""
signs = st.text(string.punctuation + " 0aZ", max_size=4)
passwords = st.builds(lambda before, inside, behind: f"{before}Se{inside}CrEt{behind}", signs, signs, signs)
users = st.text(string.ascii_lowercase + "._-%", min_size=1, max_size=6)
schemes = st.sampled_from(["rtsp", "RTSPS", "http", "https", "rtmp", "srt", "whip+https", "rstp"])
hosts = st.sampled_from(["cam", "192.168.1.20", "cam.example:8554", "[::1]:554", "[fe80::1]"])
rests = st.sampled_from(["", "/", "/stream", "/a?x=1&y=2", "/user=me", "/a@b/c", "?x=1", "/a#b"])


def addresses(scheme, user, password, host, rest):
    return f"{scheme}://{user}:{password}@{host}{rest}"


some_address = st.builds(addresses, schemes, users, passwords, hosts, rests)


def shows_password(text):
    return "CrEt" in text


def refusal(check, text):
    """Why `check` does not take a text; None where it does."""
    try:
        check(text)
    except (SourceError, UsageError) as error:
        return error
    return None


@given(some_address)
@example("rtsp://admin:12/SeCrEt@cam/1")
@example("rtsp://admin:SeCrEt#1@cam/1")
@example("rtsp://admin:1@/SeCrEt@cam/1")
@example("rtsp://_:Se@CrEt#@cam")
def test_no_name_holds_a_password(address):
    assert not shows_password(redact_address(address))
    assert not shows_password(short_name(address))
    assert not shows_password(" ".join(names_of([address, address])))
    parts = read_address(address)
    assert parts is None or not shows_password(repr(parts))


@given(some_address, st.sampled_from(["lost {}", "'{}' and \"{}\"", "({})", "{}: timed out", "x={},y"]))
@example("rtsp://admin:12/SeCrEt@cam/1", "lost {}")
def test_no_log_line_holds_a_password(address, sentence):
    address = address.replace(" ", "%20")  # what is raw and not in quotes ends at a space
    said = io.StringIO()
    for form in ("text", "json"):
        set_up_logs(form)
        log_info(
            ErrorConsole(Console(file=said, width=400)), sentence.format(address, address), input=address
        )
    set_up_logs()
    assert not shows_password(said.getvalue())


@given(some_address)
def test_what_is_wrong_with_an_address_is_said_without_its_password(address):
    for check in (check_source, Destination.parse, lambda text: check_source(text.replace("://", ":/"))):
        error = refusal(check, address)
        assert error is None or (error.cure and not shows_password(str(error)))


@given(users, passwords)
def test_no_relay_s_secret_is_shown(user, password):
    address = f"turn:{user}:{password}@relay.example:3478".replace(" ", "%20")
    assert not shows_password(redact(f"bad {address}"))
    assert not shows_password(str(refusal(IceServer.parse, address)))


@given(some_address)
def test_what_is_blanked_out_stays_so(address):
    assert (
        redact(redact_address(address)) == redact_address(redact_address(address)) == redact_address(address)
    )


@given(users, st.text(string.ascii_letters + string.digits + "$&()!*'+,;=._~^[]%", max_size=8), hosts, rests)
def test_a_login_without_the_signs_that_end_a_host_has_no_mistake(user, password, host, rest):
    address = f"rtsp://{user}:{password}@{host}{rest}"
    assert mistake_in_address(address) is None
    parts = read_address(address)
    assert parts is not None
    assert parts.place == host
    assert parts.rest == rest


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("rtsp://me:pa#ss@cam/1", "write # as %23"),
        ("rtsp://me:pa?ss@cam/1", "write ? as %3F"),
        ("rtsp://me:pa/ss@cam/1", "write / as %2F"),
        ("rtsp://me:pa#/@ss@cam/1", "write # as %23, / as %2F, @ as %40"),
        ("rtsp://me:12#4@cam/1", "write # as %23"),
        ("rtsp://me:99999/4@cam/1", "write / as %2F"),
        ("rstp://cam/1", "use rtsp://"),
        ("htps://cam/1", "use https://"),
        ("gemini://cam/1", "use rtsp://, http:// or https://, or name a file"),
        ("whip+https://h/x", "is of a kind that cannot be read here"),
        ("rtsp:///1", "write it as rtsp://HOST/PATH"),
        ("rtsp://me:pw@/1", "write it as rtsp://HOST/PATH"),
        ("rtsp://rtsp://cam/1", "says twice of what kind it is (write rtsp:// once)"),
        ("rtsp://cam:99999/1", "port up to 65535"),
        ("rtsp://cam:abc/1", "port up to 65535"),
        ("rtsp://fe80::1/1", "write IPv6 in brackets"),
        ("rtsp://cam/1\n", "take it out"),
    ],
)
def test_a_typing_mistake_in_an_address_gets_its_cure(address, says):
    with pytest.raises(SourceError) as caught:
        check_source(address)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (
            "rtsp:/me:SeCrEt@cam/1",
            "rtsp:/***@cam/1 is neither a file nor an address (write it as rtsp://HOST/PATH",
        ),
        ("rtsp//me:SeCrEt@cam/1", "write it as rtsp://HOST/PATH"),
        ("rtsp:\\\\cam\\1", "write it as rtsp://HOST/PATH"),
        (
            "me:SeCrEt@cam/1",
            "***@cam/1 is neither a file nor an address (as the address of a camera, write rtsp://***",
        ),
        ("192.168.1.20:554/stream", "write rtsp://192.168.1.20:554/stream"),
        ("192.168.1.20", "write rtsp://192.168.1.20"),
        ("'rtsp://me:SeCrEt@cam/1'", "stands in quotes or spaces (take them out"),
        (" rtsp://cam/1", "stands in quotes or spaces"),
    ],
)
def test_what_was_meant_as_an_address_and_is_none_gets_its_cure(typed, says):
    with pytest.raises(SourceError) as caught:
        check_source(typed)
    assert says in str(caught.value)
    assert not shows_password(str(caught.value))


@pytest.mark.parametrize(
    "typed",
    ["street.mp4", "C:\\films\\a.mp4", "c:/films/a.mp4", "photos/*.jpg", "a/me:x@y.mp4", "1.2.3", "demo"],
)
def test_a_path_is_no_mistyped_address(typed):
    assert mistake_in_path(typed) is None


@pytest.mark.parametrize(
    "address",
    [
        "udp://@:1234",
        "srt://:9000?mode=listener",
        "rtsp://[::1]:554/a",
        "http://cam:8080/@name/a.mp4",
        "rtp://:5004",
    ],
)
def test_an_address_that_ffmpeg_reads_is_let_through(address):
    assert mistake_in_address(address) is None


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://me:secret@cam/1", "rtsp://***@cam/1"),
        ("rtsp://me:p@ss@cam:554/1", "rtsp://***@cam:554/1"),
        ("rtsp://me:a/secret@cam/1", "rtsp://***@cam/1"),
        ("http://cam/a.m3u8?id=4&token=secret&x=1", "http://cam/a.m3u8?id=4&token=***&x=1"),
        ("srt://cam:9000?passphrase=secret", "srt://cam:9000?passphrase=***"),
        ("http://cam/@name/a.mp4", "http://cam/@name/a.mp4"),
        ("rtsp://[::1]:554/a", "rtsp://[::1]:554/a"),
        ("rtsp://me:p%40ss%2Fword@cam/1", "rtsp://***@cam/1"),
        ("rtsp://cam/user=me_password=secret_channel=1.sdp", "rtsp://cam/user=me_password=***_channel=1.sdp"),
        ("rtsp://cam/user=me&password=secret&channel=1", "rtsp://cam/user=me&password=***&channel=1"),
        ("folder/me:secret@x.mp4", "folder/me:secret@x.mp4"),
        ("", ""),
    ],
)
def test_what_is_secret_in_an_address_is_blanked_out(address: str, shown: str) -> None:
    assert redact_address(address) == shown


@given(st.text("abc:@/.?=&[]%0189", max_size=30), st.text("xyz0!:@", min_size=1, max_size=8))
def test_a_password_never_survives(path: str, password: str) -> None:
    assert f"SECRET{password}" not in redact_address(f"rtsp://me:SECRET{password}@cam/{path}")
