"""Where words for a person go: standard error, so that standard output holds results only."""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


class ErrorConsole:
    """Lines on standard error. What draws bars there is loaded once there is one, which lines then must not tear."""

    def __init__(self, drawing: Console | None = None) -> None:
        """`drawing` stands for that of standard error."""
        if drawing is not None:
            self.drawing = drawing

    @property
    def is_terminal(self) -> bool:
        """Whether a person looks at it."""
        return self.drawing.is_terminal if self._draws else sys.stderr is not None and sys.stderr.isatty()

    def print(self, line: str) -> None:
        """One line, as it is, however long."""
        if self._draws:
            self.drawing.print(line, highlight=False, markup=False, emoji=False, soft_wrap=True)
        else:
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    @cached_property
    def drawing(self) -> Console:
        """For bars."""
        from rich.console import Console

        return Console(stderr=True, soft_wrap=True)

    @property
    def _draws(self) -> bool:
        return "drawing" in vars(self)
