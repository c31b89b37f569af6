"""The words of the command line for sessions."""

from __future__ import annotations

from streamdepth.cli.option_groups import INPUT, OUTPUT, one

SESSION_WORDS = {
    "record": one(
        OUTPUT,
        metavar="FILE",
        help="Keep the session of a live input in an .mkv that any player can show: what arrived and when, its"
        " depth, what was dropped, events and settings (no passwords). For bug reports and --replay.",
    ),
    "replay": one(
        INPUT,
        help="Play a session of --record as it happened, with the same pictures dropped: with its recorded "
        "depth, or with that of another network (--model).",
    ),
}
