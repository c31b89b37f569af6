"""The live preview: a window whose keys change the picture."""

from __future__ import annotations

import time
from collections.abc import Callable, MutableMapping
from datetime import datetime
from fractions import Fraction
from typing import Literal

from streamdepth.errors import SinkError, ViewerLeft
from streamdepth.frames import PlayState, Rendered
from streamdepth.imaging.letterbox import letterboxed_image, place_in
from streamdepth.protocols import Inputs, Playback
from streamdepth.sinks.picture_files import encode
from streamdepth.sinks.window.captions import with_caption
from streamdepth.sinks.window.hand import Hand, Marks, draw
from streamdepth.sinks.window.highgui import HighGui, display_available
from streamdepth.sinks.window.kept import keep
from streamdepth.sinks.window.protocols import Controls, Distances, Pointed, WindowBackend, Words
from streamdepth.sinks.window.shape import WindowShape

__all__ = ["HELP", "Controls", "WindowBackend", "WindowSink", "Words", "display_available"]

MESSAGE_SECONDS = 1.5
RESULT_SECONDS = 6.0
"""What became of distances takes longer to read."""
ALPHA_STEP = 0.05
MOST_KEYS = 16
"""Keys taken between two pictures: a key held down must not stop the video."""
FROZEN = "frozen (space goes on)"
STANDING = {PlayState.PAUSED: "space goes on", PlayState.ENDED: "space plays it again, q quits"}
HELP = (
    "c: next colormap",
    "l: next layout",
    "+ and -: more and less depth",
    "i: invert",
    "r: hold the range, let it go",
    "t: steady depth, or not",
    "e: snap edges of depth, or not",
    "n: next input, where there are several",
    "d: figures and legend",
    "m: take distances, by clicks and numbers",
    "k: keep them for --metres",
    "f: full screen",
    "space: freeze or pause, go on",
    "arrows: move within a file",
    "s: snapshot",
    "h or ?: this help",
    "q: quit",
)


class WindowSink:
    """Shows rendered frames in a window.

    Keys: `HELP`; Escape leaves the full screen, else it quits. What a key did is written on the picture for a moment. A
    snapshot is the picture as rendered, in the working folder, as `streamdepth-20250131-235959-123.png`; `notify` gets
    one line about it. Quitting or closing the window raises `ViewerLeft` from `write` or `poll`.

    The window opens with the first frame, on the thread that writes, no larger than its screen. It takes the shape of
    another layout unless the viewer chose its size; what does not fill it stands between black bars. `words` are drawn
    in it, in letters of one size whatever the picture.
    Space and the arrows pause and move `playback`; without one, space freezes the window alone. `n` takes the next of
    `inputs`; why one cannot be shown is written on the picture. What is under the pointer is read by `distances`, which
    `m` gives points and metres; `k` writes them beside the snapshots.

    `environ` is the process's environment (`os.environ`): see `HighGui`. Raises DisplayMissing at once where no
    window could be opened; SinkError where the toolkit fails.
    """

    is_for_viewers: Literal[True] = True

    def __init__(
        self,
        title: str = "streamdepth",
        *,
        controls: Controls,
        environ: MutableMapping[str, str],
        words: Words | None = None,
        playback: Playback | None = None,
        inputs: Inputs | None = None,
        distances: Distances | None = None,
        notify: Callable[[str], None] | None = None,
        backend: WindowBackend | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._backend: WindowBackend = backend or HighGui(title, environ)
        self._shape = WindowShape(self._backend)
        self._controls = controls
        self._words = words
        self._playback = playback
        self._inputs = inputs
        self._trouble = ""
        self._place_until = 0.0
        self._notify = notify
        self._clock = clock
        self._hand = None if distances is None else Hand(distances, clock)
        self._shown: Rendered | None = None
        self._pixel_aspect = Fraction(1)
        self._layout = (Fraction(1), Fraction(1))
        self._drawn: object = None
        self._message = ""
        self._message_until = 0.0
        self._frozen = False
        self._helping = False
        self._actions = self._actions_of(controls)

    def write(self, rendered: Rendered) -> None:
        """Show one frame, unless frozen, and do what the keys say; may raise `ViewerLeft`."""
        if self._shown is not None and not self._backend.is_open():
            _leave()
        if not self._frozen:
            self._fit(rendered)
            self._shown = rendered
            self._draw()
        self._attend()

    def poll(self) -> None:
        """Do what the keys say while no frame comes; may raise `ViewerLeft`."""
        if self._shown is not None:
            self._attend()

    def close(self, *, complete: bool = True) -> None:
        """Close the window."""
        if self._shown is not None:
            self._backend.close()

    def _fit(self, rendered: Rendered) -> None:
        """Open the window, or fit it to a layout that takes more or fewer pixels for each picture."""
        picture, frame = rendered.picture, rendered.estimate.frame
        self._pixel_aspect = frame.pixel_aspect
        layout = Fraction(picture.width, frame.picture.width), Fraction(picture.height, frame.picture.height)
        shape = float(picture.width * self._pixel_aspect), float(picture.height)
        if self._shown is None:
            self._shape.open(*shape)
        elif layout != self._layout:
            self._shape.follow(*shape)
        self._layout = layout

    def _attend(self) -> None:
        for _ in range(MOST_KEYS):
            pointed = self._backend.next_pointed()
            if pointed is None:
                break
            self._point(pointed)
        for _ in range(MOST_KEYS):
            key = self._backend.next_key()
            if key is None:
                break
            self._press(key)
        if not self._backend.is_open():
            _leave()
        self._show_trouble()
        if self._wanted() != self._drawn:
            self._draw()

    def _point(self, pointed: Pointed) -> None:
        if self._hand is None or self._shown is None:
            return
        (width, height), picture = self._shape.size(), self._shown.picture
        place = place_in(picture, (width, height), self._pixel_aspect)
        at = (pointed.x * width - place.left) / place.width, (pointed.y * height - place.top) / place.height
        self._hand.point(self._shown, at, is_click=pointed.is_click)

    def _press(self, key: str) -> None:
        said = (
            self._hand.press(key, self._shown) if self._hand is not None and self._shown is not None else None
        )
        if said is not None:
            self._say(said, RESULT_SECONDS)
            return
        action = self._actions.get(key.lower())
        if action is not None:
            action()

    def _actions_of(self, controls: Controls) -> dict[str, Callable[[], None]]:
        def switched(what: str, toggle: Callable[[], bool], states: tuple[str, str] = ("on", "off")) -> None:
            self._say(f"{what}: {states[0] if toggle() else states[1]}")

        return {
            "c": lambda: self._say(f"colormap: {controls.next_colormap()}"),
            "l": lambda: self._say(f"layout: {controls.next_layout()}"),
            "+": lambda: self._change_alpha(ALPHA_STEP),
            "=": lambda: self._change_alpha(ALPHA_STEP),  # the same key without Shift
            "-": lambda: self._change_alpha(-ALPHA_STEP),
            "i": lambda: switched("inverted", controls.toggle_invert),
            "r": lambda: switched("range", controls.toggle_range_lock, ("held", "follows the scene")),
            "t": lambda: switched("steady depth", controls.toggle_stabilise),
            "e": lambda: switched("edges snapped", controls.toggle_refine),
            "n": self._next_input,
            "d": self._toggle_words,
            "f": self._toggle_full_screen,
            "f11": self._toggle_full_screen,
            " ": self._toggle_freeze,
            "left": lambda: self._skip(-1),
            "right": lambda: self._skip(1),
            "down": lambda: self._skip(-1, far=True),
            "up": lambda: self._skip(1, far=True),
            "s": self._snapshot,
            "m": self._take_distances,
            "k": self._keep_distances,
            "h": self._toggle_help,
            "?": self._toggle_help,
            "q": _leave,
            "\x1b": self._escape,
        }

    def _draw(self) -> None:
        assert self._shown is not None
        self._drawn = size, caption, marks = self._wanted()
        picture, letter = self._shown.picture, self._shape.letter
        image = letterboxed_image(picture, size, self._pixel_aspect)
        if self._words is not None and not self._helping:
            self._words.draw(image, letter)
        if caption:
            image = with_caption(image, caption, letter, centred=self._helping)
        draw(image, place_in(picture, size, self._pixel_aspect), marks, letter)
        self._backend.show(image)

    def _wanted(self) -> tuple[tuple[int, int], tuple[str, ...], Marks]:
        """All that decides what is drawn, beside the picture."""
        hand = None if self._helping else self._hand
        marks = hand.marks(self._shown) if hand is not None and self._shown is not None else ()
        return self._shape.size(), self._wanted_caption(), marks

    def _wanted_caption(self) -> tuple[str, ...]:
        passing = (self._message,) if self._clock() < self._message_until else ()
        frozen = (FROZEN,) if self._frozen else ()
        taking = self._hand.lines if self._hand is not None else ()
        return (HELP if self._helping else taking) + frozen + self._place() + passing

    def _place(self) -> tuple[str, ...]:
        """Where the viewer is in a recording: for a moment after a move, and while it stands."""
        if self._playback is None:
            return ()
        head = self._playback.playhead
        asked = self._clock() < self._place_until
        trouble = (head.trouble,) if head.trouble and asked else ()
        if head.state is PlayState.PLAYING:
            return (*trouble, head.place) if asked else ()
        return (*trouble, f"{head.state.value}, {head.place} ({STANDING[head.state]})")

    def _say(self, message: str, seconds: float = MESSAGE_SECONDS) -> None:
        self._message = message
        self._message_until = self._clock() + seconds if message else 0.0

    def _change_alpha(self, delta: float) -> None:
        self._say(f"alpha: {self._controls.change_alpha(delta):.2f}")

    def _toggle_freeze(self) -> None:
        if self._playback is None:
            self._frozen = not self._frozen
        else:
            self._playback.toggle_pause()

    def _skip(self, direction: int, *, far: bool = False) -> None:
        if self._playback is not None:
            self._playback.skip(direction, far=far)
            self._place_until = self._clock() + MESSAGE_SECONDS

    def _next_input(self) -> None:
        if self._inputs is None or len(self._inputs.names) < 2:
            return
        choice, names = self._inputs.choice, self._inputs.names
        number = ((choice.shown if choice.coming is None else choice.coming) + 1) % len(names)
        self._inputs.choose(number)
        self._say(f"input: {names[number]}")

    def _show_trouble(self) -> None:
        """Show once why an input that was chosen is not shown."""
        trouble = self._inputs.choice.trouble if self._inputs is not None else ""
        if trouble and trouble != self._trouble:
            self._say(trouble)
        self._trouble = trouble

    def _toggle_help(self) -> None:
        self._helping = not self._helping

    def _toggle_words(self) -> None:
        if self._words is not None:
            self._say(f"figures and legend: {'on' if self._words.toggle() else 'off'}")

    def _toggle_full_screen(self) -> None:
        self._say(f"full screen: {'on' if self._shape.toggle_full_screen() else 'off'}")

    def _escape(self) -> None:
        if self._shape.fills_screen:
            self._toggle_full_screen()
        else:
            _leave()

    def _take_distances(self) -> None:
        if self._hand is not None and self._shown is not None:
            self._say(self._hand.toggle(self._shown), RESULT_SECONDS)

    def _keep_distances(self) -> None:
        archive = self._hand.archive() if self._hand is not None else None
        if archive is None:
            self._say("no distances are known (m takes them)")
        else:
            self._keep("distances for --metres", archive, ".metres")

    def _snapshot(self) -> None:
        assert self._shown is not None
        self._keep("snapshot", encode(self._shown.picture.bgr, ".png"), ".png")

    def _keep(self, what: str, data: bytes, suffix: str) -> None:
        try:
            path = keep(data, suffix, datetime.now())
        except SinkError as error:  # reported, and the view goes on: it is not worth the run
            self._say_and_notify(f"no {what}: {error}")
        else:
            self._say_and_notify(f"{what}: {path}")

    def _say_and_notify(self, line: str) -> None:
        self._say(line)
        if self._notify is not None:
            self._notify(line)


def _leave() -> None:
    raise ViewerLeft
