"""One window of OpenCV, whatever its toolkit."""

import numpy as np
import pytest

from streamdepth.errors import DisplayMissing, SinkError
from streamdepth.sinks.window import highgui as _highgui
from streamdepth.sinks.window.highgui import HighGui


def test_an_opencv_without_windows_is_named(monkeypatch):
    monkeypatch.setattr(_highgui.cv2, "currentUIFramework", lambda: "")
    with pytest.raises(DisplayMissing, match="opencv-python-headless"):
        HighGui("title", {})


def fake_highgui(monkeypatch, **functions):
    monkeypatch.setattr(_highgui, "display_available", lambda environ: True)
    monkeypatch.setattr(_highgui.cv2, "currentUIFramework", lambda: "QT")
    for name, function in functions.items():
        monkeypatch.setattr(_highgui.cv2, name, function)
    return HighGui("title", {})


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (-1, None),
        (ord("c"), "c"),
        (27, "\x1b"),
        (65361, "left"),  # its low byte is Q
        (0xF702, "left"),  # of macOS
        (65505, ""),  # Shift
        (0x100063, "c"),  # with NumLock, by GTK
        (0xFFAB, "+"),  # of the number pad, by GTK
        (0xFFB7, "7"),
        (0xFF8D, "\r"),
        (0xFF0D, "\r"),  # Return by X's name
        (0xFF08, "\b"),
        (0x7F, "\b"),  # of macOS
        (0x250000, "left"),  # of Windows
        (0x2D0000, ""),  # Insert of Windows
    ],
)
def test_key_codes_of_every_toolkit_become_characters(monkeypatch, code, key):
    assert fake_highgui(monkeypatch, waitKeyEx=lambda delay: code).next_key() == key


def test_a_toolkit_that_cannot_tell_visibility_is_asked_whether_the_window_exists(monkeypatch):
    answers = {_highgui.cv2.WND_PROP_VISIBLE: -1.0, _highgui.cv2.WND_PROP_AUTOSIZE: 0.0}
    window = fake_highgui(monkeypatch, getWindowProperty=lambda title, which: answers[which])
    assert window.is_open()
    answers[_highgui.cv2.WND_PROP_AUTOSIZE] = -1.0
    assert not window.is_open()


def test_a_window_that_was_seen_and_is_hidden_was_closed(monkeypatch):
    answers = {_highgui.cv2.WND_PROP_VISIBLE: 1.0, _highgui.cv2.WND_PROP_AUTOSIZE: 0.0}
    window = fake_highgui(monkeypatch, getWindowProperty=lambda title, which: answers[which])
    assert window.is_open()
    answers[_highgui.cv2.WND_PROP_VISIBLE] = 0.0
    assert not window.is_open()


def test_a_toolkit_that_fails_is_our_error(monkeypatch):
    def fail(*arguments):
        raise _highgui.cv2.error("no memory for it")

    with pytest.raises(SinkError, match="window failed"):
        fake_highgui(monkeypatch, namedWindow=fail).open(10, 10)


def test_qt_is_told_to_use_the_one_plugin_that_the_wheel_brings(monkeypatch):
    monkeypatch.setattr(_highgui, "display_available", lambda environ: True)
    monkeypatch.setattr(_highgui.cv2, "currentUIFramework", lambda: "QT")
    for of_wheel, told in ((True, {"QT_QPA_PLATFORM": "xcb"}), (False, {})):
        monkeypatch.setattr(_highgui, "_is_qt_of_wheel", lambda answer=of_wheel: answer)
        environ = {}
        HighGui("title", environ)
        assert environ == told


def test_clicks_are_kept_in_order_and_of_moves_the_last(monkeypatch):
    window = fake_highgui(monkeypatch, imshow=lambda title, image: None)
    window.show(np.zeros((50, 100, 3), np.uint8))
    assert window.next_pointed() is None
    move, click, up = (
        _highgui.cv2.EVENT_MOUSEMOVE,
        _highgui.cv2.EVENT_LBUTTONDOWN,
        _highgui.cv2.EVENT_LBUTTONUP,
    )
    for event, x in ((move, 1), (move, 2), (click, 49), (up, 49), (move, 60), (click, 70), (move, 99)):
        window._note(event, x, 24, 0, None)
    found = [window.next_pointed() for _ in range(4)]
    assert found == [(0.495, 0.49, True), (0.705, 0.49, True), (0.995, 0.49, False), None]
