"""What the window needs of others: what its keys turn, its words, metres, and a window of a toolkit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from streamdepth.frames import Rendered
from streamdepth.pixels import BGRImage
from streamdepth.sinks.window.shape import Resizable


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

    def toggle_stabilise(self) -> bool:
        """Steady depth over time, or not; returns whether it is steadied."""

    def toggle_refine(self) -> bool:
        """Snap the edges of depth to those of the picture, or not; returns whether they are snapped."""


class Words(Protocol):
    """Head-up display and legend, drawn where they are seen."""

    def draw(self, image: BGRImage, size: int) -> None:
        """Write onto an (H, W, 3) uint8 image, in letters at most `size` pixels high."""

    def toggle(self) -> bool:
        """Show them, or leave them out; returns whether they are shown."""


class Distances(Protocol):
    """Metres of what is shown; x and y are shares of the width and height of the shown picture."""

    def read(self, rendered: Rendered, x: float, y: float) -> str:
        """A few words on the depth at a point; empty where there is none."""

    def source_point(self, rendered: Rendered, x: float, y: float) -> tuple[float, float] | None:
        """Where a point is in the source's picture, in shares of it; None where no depth of it is shown."""

    def check(self, rendered: Rendered) -> None:
        """Raise `UsageError` where metres could not be learnt of this depth."""

    def learn(self, rendered: Rendered, points: Sequence[tuple[float, float, float]]) -> str:
        """Make metres of points of the source's picture with their distances; returns how far to trust them.

        Raises `UsageError` where they cannot be; then all is as it was.
        """

    def forget(self) -> None:
        """Go back to the distances that the run began with."""

    def archive(self) -> bytes | None:
        """What a file for `--metres` holds; None where no distances are known."""


class Pointed(NamedTuple):
    """A place in the content of a window, in shares of its width and height."""

    x: float
    y: float
    is_click: bool


class WindowBackend(Resizable, Protocol):
    """One window of a toolkit; all calls come from one thread."""

    def show(self, image: BGRImage) -> None:
        """Show an (H, W, 3) uint8 picture over the whole content."""

    def next_key(self) -> str | None:
        """Look after events without waiting; a key pressed, or None.

        That is its character; `left`, `right`, `up`, `down` or `F11`; or nothing for other keys.
        """

    def next_pointed(self) -> Pointed | None:
        """Where the pointer went, or was clicked, since it was asked last; of several moves the last one, or None."""

    def is_open(self) -> bool:
        """Whether the viewer has not closed it."""

    def close(self) -> None:
        """Take it off the screen; does nothing where it is gone."""
