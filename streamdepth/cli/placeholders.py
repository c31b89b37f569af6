"""What stands in --help for the value of an option: a word of everybody's where cyclopts has a type of Python's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cyclopts.help import HelpPanel
    from rich.console import Console, ConsoleOptions

WORDS = {"STR": "VALUE", "STR...": "VALUE...", "INT": "N", "FLOAT": "NUMBER"}


class Placeholders:
    """Help as cyclopts prints it, with `WORDS`; its own formatter brings rich, which only help needs."""

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        """Print one panel."""
        from attrs import evolve
        from cyclopts.help import DefaultFormatter

        entries = [
            evolve(entry, metavar=WORDS.get(word, word)) if (word := entry.metavar) else entry
            for entry in panel.entries
        ]
        DefaultFormatter()(console, options, panel.copy(entries=entries))

    def render_usage(self, console: Console, options: ConsoleOptions, usage: Any) -> None:
        """Print the first line."""
        from cyclopts.help import DefaultFormatter

        DefaultFormatter().render_usage(console, options, usage)
