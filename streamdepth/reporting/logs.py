"""What a run says of itself: the one place where logging is set up, and the one filter that every line passes.

Everything goes to standard error, as lines for a person or as JSON; standard output holds results only.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from streamdepth.addresses import redact
from streamdepth.visible import visible

if TYPE_CHECKING:
    from streamdepth.reporting.console import ErrorConsole

LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]

_LOGGER = logging.getLogger("streamdepth")
_WORDS = {logging.DEBUG: "debug: ", logging.WARNING: "warning: "}


def set_up_logs(form: LogFormat = "text", level: LogLevel = "info") -> None:
    """Send all logging of this process to standard error; calling it again replaces what was set up before.

    `level` holds for streamdepth's own lines; of libraries only warnings and errors are taken.
    """
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _Lines)]:
        root.removeHandler(handler)
    handler = _Lines()
    handler.setFormatter(_Json() if form == "json" else _Text())
    root.addHandler(handler)
    _LOGGER.setLevel(level.upper())
    # No line has these, and to look them up takes a third of what it takes to make a record.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.captureWarnings(form == "json")


def log(
    level: int,
    line: str,
    console: ErrorConsole,
    *,
    plain: bool = False,
    fields: Mapping[str, Any] | None = None,
) -> None:
    """Log one line of ours; it is printed by `console`, which may have a bar that must not be torn.

    `plain` leaves out the name of the program; `fields` are in the JSON form only.
    """
    _LOGGER.log(level, "%s", line, extra={"console": console, "plain": plain, "fields": fields or {}})


def log_info(console: ErrorConsole, line: str, *, plain: bool = False, **fields: Any) -> None:
    """Log a line at the level INFO."""
    log(logging.INFO, line, console, plain=plain, fields=fields)


def warn(console: ErrorConsole, line: str, **fields: Any) -> None:
    """Log a warning."""
    log(logging.WARNING, line, console, fields=fields)


def complain(sentence: str, *, with_traceback: bool = False) -> None:
    """Log the error that ends the process."""
    _LOGGER.error(sentence, exc_info=with_traceback)


class _Lines(logging.Handler):
    """Writes each record as one line, without secrets."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = redact(self.format(record))
            console: ErrorConsole | None = getattr(record, "console", None)
            if console is None:
                sys.stderr.write(line + "\n")
                sys.stderr.flush()
            else:
                console.print(line)
        except Exception:
            self.handleError(record)


class _Text(logging.Formatter):
    """`streamdepth: LINE`, as it always looked; a traceback comes before it, so that the sentence is the end."""

    def format(self, record: logging.LogRecord) -> str:
        line = record.getMessage()
        ours = record.name.partition(".")[0] == _LOGGER.name  # libraries may say several lines
        line = visible(line) if ours else "\n".join(map(visible, line.split("\n")))
        if not getattr(record, "plain", False):
            word = "error: " if record.levelno >= logging.ERROR else _WORDS.get(record.levelno, "")
            line = f"streamdepth: {word}{line}"
        return f"{traceback}\n{line}" if (traceback := _traceback(self, record)) else line


class _Json(logging.Formatter):
    """One JSON object a line: time (RFC 3339, UTC), level, logger, message, and the line's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "time": time.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if traceback := _traceback(self, record):
            line["traceback"] = traceback
        return json.dumps(line, default=str)


def _traceback(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    """That of the error that a line is about; nothing where it is about none."""
    info = record.exc_info
    return formatter.formatException(info) if info and info[0] else ""
