"""The words of the command line for sessions."""

from __future__ import annotations

from streamdepth.cli.option_groups import INPUT, OUTPUT, one

SESSION_WORDS = {
    "record": one(
        OUTPUT,
        metavar="FILE",
        help="Keep the session of a live input in an .mkv that any player shows: what came and when, its depth, what "
        "was dropped, events and settings (no passwords): for a bug report, and for --replay.",
    ),
    "replay": one(
        INPUT,
        help="Play a session of --record as it came, with the same pictures dropped: with the depth of then, or with "
        "that of a network that is named (--model).",
    ),
}
