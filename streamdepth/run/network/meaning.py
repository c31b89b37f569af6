"""A word about depth that looks inside out: what a network of others gives is only known by what somebody says."""

from __future__ import annotations

from streamdepth.frames import Rendered, SourceInfo
from streamdepth.imaging.rows import RowsAgainst
from streamdepth.models.registry import model_names
from streamdepth.protocols import Notify


def is_to_be_watched(model: str, info: SourceInfo) -> bool:
    """Whether depth comes from a network whose meaning only its user knows."""
    return info.depth is None and model not in ("auto", *model_names())


class MeaningWatch:
    """A sink that looks at the first maps of a run and warns once where their rows contradict their meaning."""

    def __init__(self, warn: Notify) -> None:
        self._warn = warn
        self._rows: RowsAgainst | None = None
        self._is_done = False

    def write(self, rendered: Rendered) -> None:
        """Look at one map."""
        if self._is_done or rendered.is_stand_in:
            return
        depth = rendered.estimate.depth
        self._rows = self._rows or RowsAgainst(depth.meaning.larger_is_nearer)
        self._rows.add(depth.values)
        if self._rows.is_known:
            self._finish()

    def close(self, *, complete: bool = True) -> None:
        """Decide by the pictures so far, if there were few."""
        if not self._is_done:
            self._finish()

    def _finish(self) -> None:
        self._is_done = True
        if self._rows is not None and self._rows.contradict:
            other = "distance or metres" if self._rows.larger_is_nearer else "relative or inverse"
            self._warn(
                "the bottom of these pictures comes out farther than the top, which is rare; if near looks far, "
                f"the network gives the opposite (--depth-kind {other})"
            )
