"""One window of OpenCV's highgui, with the differences of its toolkits (Qt, GTK, Win32, Cocoa) evened out."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path

import cv2

from streamdepth.errors import DisplayMissing, SinkError
from streamdepth.pixels import BGRImage
from streamdepth.sinks.window.display import (
    needs_no_check,
    wayland_answers,
    x_screen,
    x_server_answers,
)
from streamdepth.sinks.window.protocols import Pointed

FLAGS = cv2.WINDOW_NORMAL | cv2.WINDOW_FREERATIO | cv2.WINDOW_GUI_NORMAL
MAPPED_WITHIN = 0.2
"""Seconds in which a desktop puts a new window on the screen. Shown or resized earlier, by chance a window of Qt on X11
is never painted (4 % of 520 on a busy machine; none of 360 after this wait)."""
MOST_POINTED = 16
"""Clicks that wait to be taken."""
MODIFIERS = 0xFFFF
"""Above these bits GTK and Qt report Shift, NumLock and the like."""
NAMED = {
    0xFFAB: "+",
    0xFFAD: "-",
    0xFF8D: "\r",
    0xFF51: "left",
    0xFF52: "up",
    0xFF53: "right",
    0xFF54: "down",
    0xFFC8: "F11",
    0xFF0D: "\r",
    0xFF08: "\b",
    0x7F: "\b",
    0xFFAE: ".",
    0xFFAC: ",",
    **{0xFFB0 + digit: str(digit) for digit in range(10)},
    0xF700: "up",
    0xF701: "down",
    0xF702: "left",
    0xF703: "right",
}
"""X's keysyms of the number pad, the arrows, Enter, Backspace and F11, by Qt and GTK, and keys of macOS."""
WINDOWS_KEYS = {0x250000: "left", 0x260000: "up", 0x270000: "right", 0x280000: "down", 0x7A0000: "F11"}
"""Virtual keys of Windows, in the upper half of the code."""


def display_available(environ: Mapping[str, str]) -> bool:
    """Whether a window could be opened: a display server is named in `environ` and answers within seconds.

    Nothing is opened. On Windows and macOS always True; elsewhere an X server, or a Wayland compositor where this
    OpenCV has more than the one X11 plug-in that its wheels bring.
    """
    if needs_no_check() or x_server_answers(environ):
        return True
    return not _is_qt_of_wheel() and wayland_answers(environ)


class HighGui:
    """A window named `title`; every method is called by one and the same thread.

    `environ` is the process's own environment: the display is looked up in it, and Qt is set there to use the one
    plug-in that OpenCV's wheels bring; on Wayland desktops it would look for another, complain and even abort.
    Raises DisplayMissing where there is no display, or OpenCV was built without windows.
    """

    def __init__(self, title: str, environ: MutableMapping[str, str]) -> None:
        if not cv2.currentUIFramework():
            raise DisplayMissing(
                "this OpenCV cannot open windows", "install opencv-python rather than opencv-python-headless"
            )
        if not display_available(environ):
            raise DisplayMissing(
                "there is no display to open a window on", "write a file with --output, or run with a display"
            )
        if _is_qt_of_wheel():
            environ["QT_QPA_PLATFORM"] = "xcb"
        self._title = title
        self._environ = environ
        self._was_visible = False
        self._content = (1, 1)
        self._pointed: deque[Pointed] = deque(maxlen=MOST_POINTED)

    def screen(self) -> tuple[int, int] | None:
        """(width, height) in pixels of all monitors together; None if this system does not report it."""
        return None if needs_no_check() else x_screen(self._environ)

    def open(self, width: int, height: int) -> None:
        """Open the window, resizable, its content `width` x `height` pixels."""
        with _translated():
            cv2.namedWindow(self._title, FLAGS)
            if _is_qt_of_wheel():
                time.sleep(MAPPED_WITHIN)
            cv2.resizeWindow(self._title, width, height)
            cv2.setMouseCallback(self._title, self._note)

    def resize(self, width: int, height: int) -> None:
        """Give the content another size."""
        with _translated():
            cv2.resizeWindow(self._title, width, height)

    def size(self) -> tuple[int, int]:
        """(width, height) of the content in pixels, as the viewer has it; not positive where it is not known."""
        with _translated():
            _x, _y, width, height = cv2.getWindowImageRect(self._title)
        return int(width), int(height)

    def fill_screen(self, wanted: bool) -> None:
        """Take the whole screen, or become a window again."""
        with _translated():
            mode = cv2.WINDOW_FULLSCREEN if wanted else cv2.WINDOW_NORMAL
            cv2.setWindowProperty(self._title, cv2.WND_PROP_FULLSCREEN, mode)

    def show(self, image: BGRImage) -> None:
        """Show an (H, W, 3) uint8 picture over the whole content; it is on the screen once events were looked after."""
        self._content = image.shape[1], image.shape[0]
        with _translated():
            cv2.imshow(self._title, image)

    def next_key(self) -> str | None:
        """Look after events for a millisecond; a key pressed, as `WindowBackend.next_key` says, or None."""
        # Not waitKey: it cuts codes to 8 bits, and the left arrow becomes a Q.
        with _translated():
            code = cv2.waitKeyEx(1)
        if code < 0:
            return None
        if code in WINDOWS_KEYS:
            return WINDOWS_KEYS[code]
        code &= MODIFIERS
        return NAMED.get(code) or (chr(code) if 0 < code < 0x7F else "")

    def next_pointed(self) -> Pointed | None:
        """Where the pointer went or was clicked, as `WindowBackend.next_pointed` says, or None."""
        return self._pointed.popleft() if self._pointed else None

    def _note(self, event: int, x: int, y: int, _flags: int, _data: object) -> None:
        """Called by the toolkit while events are looked after, in pixels of the picture that it was given last."""
        if event not in (cv2.EVENT_MOUSEMOVE, cv2.EVENT_LBUTTONDOWN):
            return
        width, height = self._content
        is_click = event == cv2.EVENT_LBUTTONDOWN
        if self._pointed and not self._pointed[-1].is_click:
            self._pointed.pop()  # a later place says more
        self._pointed.append(Pointed((x + 0.5) / width, (y + 0.5) / height, is_click))

    def is_open(self) -> bool:
        """Whether the viewer has not closed the window."""
        try:
            visible = cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) >= 1
            # GTK does not know whether a window is visible, only whether there is one.
            exists = cv2.getWindowProperty(self._title, cv2.WND_PROP_AUTOSIZE) >= 0
        except cv2.error:  # Qt, once its last window is gone
            return False
        self._was_visible |= visible
        return visible or (exists and not self._was_visible)

    def close(self) -> None:
        """Take the window off the screen, where it still is."""
        if self.is_open():
            with _translated():
                cv2.destroyWindow(self._title)
                cv2.waitKeyEx(1)


def _is_qt_of_wheel() -> bool:
    return bool(cv2.currentUIFramework() == "QT") and (Path(cv2.__file__).parent / "qt" / "plugins").is_dir()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except cv2.error as error:
        raise SinkError(f"the window failed: {error.err}", "write a file with --output instead") from error
