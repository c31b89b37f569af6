"""Where the command begins, before anything of it is there."""

from __future__ import annotations

import signal
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the console script: `app.main`, and Ctrl-C while that is imported, which takes its moment."""
    try:
        from streamdepth.cli import app
    except KeyboardInterrupt:
        raise SystemExit(128 + signal.SIGINT) from None
    app.main(arguments)
