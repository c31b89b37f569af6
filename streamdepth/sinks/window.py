"""The live preview: a window whose keys change the picture."""

from __future__ import annotations

import time
from collections.abc import Callable, MutableMapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from streamdepth.errors import SinkError, ViewerLeft
from streamdepth.files import write_whole
from streamdepth.frames import Rendered
from streamdepth.pixels import BGRImage
from streamdepth.sinks._captions import letterbox, with_caption
from streamdepth.sinks._highgui import HighGui, display_available
from streamdepth.sinks._pictures import encode

__all__ = ["HELP", "Controls", "WindowBackend", "WindowSink", "display_available", "first_size"]

FIRST_SIZE = (1280, 800)
"""The window opens no larger than this, in pixels."""
MESSAGE_SECONDS = 1.5
ALPHA_STEP = 0.05
MOST_KEYS = 16
"""Keys taken between two pictures: a key held down must not stop the video."""
FROZEN = "frozen (space goes on)"
HELP = (
    "c: next colormap",
    "l: next layout",
    "+ and -: more and less depth",
    "i: invert",
    "r: hold the range, let it go",
    "space: freeze, go on",
    "s: snapshot",
    "h: this help",
    "q: quit",
)


class Controls(Protocol):
    """What the keys change; each method returns the new state."""

    def next_colormap(self) -> str:
        """Change to the next colormap; returns its name."""

    def next_layout(self) -> str:
        """Change to the next layout; returns its name."""

    def change_alpha(self, delta: float) -> float:
        """Add to the share of depth in an overlay, kept within 0..1; returns the share."""

    def toggle_invert(self) -> bool:
        """Turn the colours around; returns whether they now are inverted."""

    def toggle_range_lock(self) -> bool:
        """Hold the present depth range, or let it follow the scene again; returns whether it is held."""


class WindowBackend(Protocol):
    """One window of a toolkit; all calls come from one thread."""

    def open(self, width: int, height: int) -> None:
        """Open it with a content of this size in pixels."""

    def show(self, image: BGRImage) -> None:
        """Show an (H, W, 3) uint8 picture, scaled to the window in proportion."""

    def next_key(self) -> str | None:
        """Look after events without waiting; the character of a key pressed, or None."""

    def is_open(self) -> bool:
        """Whether the viewer has not closed it."""

    def close(self) -> None:
        """Take it off the screen; does nothing where it is gone."""


class WindowSink:
    """Shows rendered frames in a window.

    Keys: c colormap, l layout, + and - alpha, i invert, r hold the range, space freeze, s snapshot, h help, q or
    Escape quit. What a key did is told on the picture for a moment. A snapshot is the picture as rendered, in the
    working folder, as `streamdepth-20250131-235959-123.png`; `notify` gets one line about it. Quitting or closing the
    window raises `ViewerLeft` from `write` or `poll`. The window opens with the first frame, on the thread that
    writes, and keeps that frame's shape: a later one of another shape (a new layout) gets black bars.

    `environ` is the process's environment (`os.environ`): see `HighGui`. Raises DisplayMissing at once where no
    window could be opened; SinkError where the toolkit fails.
    """

    def __init__(
        self,
        title: str = "streamdepth",
        *,
        controls: Controls,
        environ: MutableMapping[str, str],
        notify: Callable[[str], None] | None = None,
        backend: WindowBackend | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._backend: WindowBackend = backend or HighGui(title, environ)
        self._controls = controls
        self._notify = notify
        self._clock = clock
        self._picture: BGRImage | None = None
        self._size = (0, 0)
        self._caption: tuple[str, ...] = ()
        self._message = ""
        self._message_until = 0.0
        self._frozen = False
        self._helping = False
        self._actions: dict[str, Callable[[], None]] = {
            "c": lambda: self._say(f"colormap: {controls.next_colormap()}"),
            "l": lambda: self._say(f"layout: {controls.next_layout()}"),
            "+": lambda: self._change_alpha(ALPHA_STEP),
            "=": lambda: self._change_alpha(ALPHA_STEP),  # the same key without Shift
            "-": lambda: self._change_alpha(-ALPHA_STEP),
            "i": lambda: self._say(f"inverted: {'on' if controls.toggle_invert() else 'off'}"),
            "r": lambda: self._say(
                f"range: {'held' if controls.toggle_range_lock() else 'follows the scene'}"
            ),
            " ": self._toggle_freeze,
            "s": self._snapshot,
            "h": self._toggle_help,
            "q": _leave,
            "\x1b": _leave,
        }

    def write(self, rendered: Rendered) -> None:
        """Show one frame, unless frozen, and do what the keys say; may raise `ViewerLeft`."""
        if self._picture is None:
            self._size = (rendered.picture.width, rendered.picture.height)
            self._backend.open(*first_size(*self._size))
        elif not self._backend.is_open():
            _leave()
        if not self._frozen:
            self._picture = rendered.picture.bgr
            self._draw()
        self._attend()

    def poll(self) -> None:
        """Do what the keys say while no frame comes; may raise `ViewerLeft`."""
        if self._picture is not None:
            self._attend()

    def close(self, *, complete: bool = True) -> None:
        """Close the window."""
        if self._picture is not None:
            self._backend.close()

    def _attend(self) -> None:
        for _ in range(MOST_KEYS):
            key = self._backend.next_key()
            if key is None:
                break
            self._press(key)
        if not self._backend.is_open():
            _leave()
        if self._wanted_caption() != self._caption:
            self._draw()

    def _press(self, key: str) -> None:
        action = self._actions.get(key.lower())
        if action is not None:
            action()

    def _draw(self) -> None:
        assert self._picture is not None
        self._caption = self._wanted_caption()
        image = letterbox(self._picture, *self._size)
        if self._caption:
            image = with_caption(image, self._caption, centred=self._helping)
        self._backend.show(image)

    def _wanted_caption(self) -> tuple[str, ...]:
        passing = (self._message,) if self._clock() < self._message_until else ()
        frozen = (FROZEN,) if self._frozen else ()
        return (HELP if self._helping else ()) + frozen + passing

    def _say(self, message: str) -> None:
        self._message = message
        self._message_until = self._clock() + MESSAGE_SECONDS

    def _change_alpha(self, delta: float) -> None:
        self._say(f"alpha: {self._controls.change_alpha(delta):.2f}")

    def _toggle_freeze(self) -> None:
        self._frozen = not self._frozen

    def _toggle_help(self) -> None:
        self._helping = not self._helping

    def _snapshot(self) -> None:
        assert self._picture is not None
        path = Path(snapshot_name(datetime.now()))
        try:
            write_whole(path, encode(self._picture, path.suffix))
        except SinkError as error:  # told, and the view goes on: it is not worth the run
            self._tell(f"no snapshot: {error}")
        else:
            self._tell(f"snapshot: {path}")

    def _tell(self, line: str) -> None:
        self._say(line)
        if self._notify is not None:
            self._notify(line)


def first_size(width: int, height: int) -> tuple[int, int]:
    """The size in which a window for such pictures opens: their own, or the largest that fits `FIRST_SIZE`."""
    scale = min(1.0, FIRST_SIZE[0] / width, FIRST_SIZE[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def snapshot_name(at: datetime) -> str:
    """`streamdepth-20250131-235959-123.png`: local time to the millisecond."""
    return f"streamdepth-{at:%Y%m%d-%H%M%S}-{at.microsecond // 1000:03d}.png"


def _leave() -> None:
    raise ViewerLeft
