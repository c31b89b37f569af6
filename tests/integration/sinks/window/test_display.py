import socket
import struct
import sys

import pytest

from streamdepth.errors import DisplayMissing
from streamdepth.sinks.window import highgui as _highgui
from streamdepth.sinks.window.display import (
    COOKIE_KIND,
    greet,
    parse_display,
    read_cookies,
    read_screen,
    wayland_answers,
    x_server_answers,
)
from streamdepth.sinks.window.sink import WindowSink, display_available

SECRET = bytes(range(16))
pytestmark = pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="X11 and Wayland only")


def xauthority_entry(address=b"host", number=b"7", kind=COOKIE_KIND, secret=SECRET):
    fields = b"".join(struct.pack(">H", len(field)) + field for field in (address, number, kind, secret))
    return struct.pack(">H", 256) + fields


@pytest.mark.parametrize(
    ("text", "host", "number"),
    [
        (":0", "", 0),
        (":12.3", "", 12),
        ("unix:1", "", 1),
        ("localhost:10.0", "localhost", 10),
        ("tcp/far.example:2", "far.example", 2),
        ("[::1]:3", "::1", 3),
    ],
)
def test_a_display_name_is_read_as_x_reads_it(text, host, number):
    assert parse_display(text) == (host, number)


@pytest.mark.parametrize("text", ["", "0", ":", "host:", "host:x", ":-1"])
def test_a_display_name_that_is_none_is_no_display(text):
    assert parse_display(text) is None
    assert not x_server_answers({"DISPLAY": text})


def test_without_a_display_there_is_no_window():
    assert not display_available({})


def test_a_display_without_a_server_is_no_display():
    assert not x_server_answers({"DISPLAY": ":4242"})


def test_a_server_that_never_answers_is_asked_once_and_is_no_display(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        number = silent.getsockname()[1] - 6000
        (tmp_path / "cookies").write_bytes(xauthority_entry(number=b"") * 3)
        environ = {"DISPLAY": f"127.0.0.1:{number}", "XAUTHORITY": str(tmp_path / "cookies")}
        assert not x_server_answers(environ, timeout=0.05)
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()


@pytest.mark.parametrize("text", ["x" * 200 + ":0", "127.0.0.1:99999"])
def test_a_host_or_port_that_cannot_be_one_is_no_display(text):
    assert not x_server_answers({"DISPLAY": text})


def test_a_server_that_agrees_is_a_display():
    ours, server = socket.socketpair()
    with ours, server:
        server.sendall(b"\x01")
        assert greet(ours, b"", b"")
        order, major, minor = struct.unpack("=cxHH", server.recv(100)[:6])
    assert (order, major, minor) == (b"l" if sys.byteorder == "little" else b"B", 11, 0)


def test_a_server_that_refuses_is_no_display():
    ours, server = socket.socketpair()
    with ours, server:
        server.sendall(b"\x00")
        assert not greet(ours, b"", b"")


def setup_of(width, height, vendor=b"A vendor of screens", formats=3):
    """What an X server answers, up to the size of its first screen (X Window System Protocol, appendix B)."""
    body = struct.pack("=IIIIHHBB10x", 1, 0, 0, 0, len(vendor), 65535, 1, formats)
    body += vendor + bytes(-len(vendor) % 4) + bytes(8 * formats)
    body += struct.pack("=IIIIIHH", 1, 2, 3, 4, 5, width, height) + bytes(16)
    return struct.pack("=BBHHH", 1, 0, 11, 0, len(body) // 4) + body


def test_the_size_of_the_screen_is_read_from_the_servers_answer():
    ours, server = socket.socketpair()
    with ours, server:
        server.sendall(setup_of(1366, 768))
        assert greet(ours, b"", b"")
        assert read_screen(ours) == (1366, 768)


def test_an_answer_that_breaks_off_tells_no_size():
    ours, server = socket.socketpair()
    with ours, server:
        server.sendall(setup_of(1366, 768)[:50])
        server.shutdown(socket.SHUT_WR)
        assert greet(ours, b"", b"")
        assert read_screen(ours) is None


def test_the_cookie_is_shown_to_the_server_in_words_of_four_bytes():
    ours, server = socket.socketpair()
    with ours, server:
        server.sendall(b"\x01")
        greet(ours, COOKIE_KIND, SECRET)
        message = server.recv(100)
    assert struct.unpack("=HH", message[6:10]) == (18, 16)
    assert message[12:] == COOKIE_KIND + b"\0\0" + SECRET


def test_the_cookies_of_this_display_are_found_among_others():
    data = (
        xauthority_entry(number=b"8", secret=b"other display")
        + xauthority_entry(kind=b"XDM-AUTHORIZATION-1", secret=b"other kind")
        + xauthority_entry()
        + xauthority_entry(number=b"", secret=b"any display")
    )
    assert list(read_cookies(data, 7)) == [(COOKIE_KIND, SECRET), (COOKIE_KIND, b"any display")]


def test_a_cookie_file_that_is_cut_off_is_read_to_its_last_whole_entry():
    data = xauthority_entry() + xauthority_entry()[:9]
    assert list(read_cookies(data, 7)) == [(COOKIE_KIND, SECRET)]


def test_a_wayland_compositor_is_found_by_its_socket(tmp_path, monkeypatch):
    environ = {"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(tmp_path)}
    assert not wayland_answers(environ)
    monkeypatch.chdir(tmp_path)  # a socket's path may have 107 bytes only
    with socket.socket(socket.AF_UNIX) as compositor:
        compositor.bind("wayland-7")
        compositor.listen()
        assert wayland_answers({"WAYLAND_DISPLAY": "wayland-7"})
    assert not wayland_answers({})


def test_wayland_alone_is_no_display_for_the_wheel_that_speaks_x11_only(monkeypatch):
    monkeypatch.setattr(_highgui, "wayland_answers", lambda environ: True)
    monkeypatch.setattr(_highgui, "_is_qt_of_wheel", lambda: True)
    assert not display_available({})
    monkeypatch.setattr(_highgui, "_is_qt_of_wheel", lambda: False)
    assert display_available({})


def test_a_window_without_a_display_is_refused_with_a_cure():
    with pytest.raises(DisplayMissing, match="--output"):
        WindowSink(controls=None, environ={"DISPLAY": ":4242"})
