"""Where the command begins, before anything of it is there."""

from __future__ import annotations

from collections.abc import Sequence

_INTERRUPTED = 130
"""128 + SIGINT, without the module `signal`, while whose import Ctrl-C may come as well."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the console script: `app.main`, and Ctrl-C while that is imported, which takes its moment."""
    try:
        _carry_out(arguments)
    finally:
        # A Ctrl-C that came out of exec(), by which dataclasses are made, is remembered until the next one: a
        # `python -m` would end by the signal although it was caught, and not with its status (3.11 to 3.13).
        exec("")


def _carry_out(arguments: Sequence[str] | None) -> None:
    try:
        from streamdepth.cli.interrupts import remember_interrupts
        from streamdepth.heap import loading

        if arguments is None:
            remember_interrupts()
        with loading():
            from streamdepth.cli import app
    except KeyboardInterrupt:
        raise SystemExit(_INTERRUPTED) from None
    app.main(arguments)
