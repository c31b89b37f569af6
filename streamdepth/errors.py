"""Every error that streamdepth raises on purpose.

    StreamdepthError
    ├── UsageError (ValueError)               the call itself is wrong; the command line exits with 2
    ├── SourceError (OSError)                 the input cannot be opened or read
    │   ├── SourceMissing (FileNotFoundError) there is no such file, camera or stream
    │   ├── SourceTimeout (TimeoutError)      the input did not answer in time
    │   └── LoginNotSupported                 the server takes no login that can be given
    ├── ModelError (RuntimeError)             the network cannot be built or run
    │   └── WeightsError (ValueError)         a weights file is missing, damaged or of another network
    ├── SinkError (OSError)                   the output cannot be opened or written
    │   ├── DisplayMissing                    a window was asked for where there is no display
    │   ├── DiskFull                          the disk ran out of space
    │   └── NameRefused                       the disk takes other names, and not this one
    ├── StageStuck (TimeoutError)             a stage of the pipeline outlived its time-out
    └── Overloaded (TimeoutError)             there is more to do than can be done in time

Each message says what is wrong and, in brackets, what to do about it. Errors of other libraries become one of
these where they enter, with `raise ... from`.
"""

from __future__ import annotations

from enum import Enum


class StreamdepthError(Exception):
    """Base of every error raised on purpose."""

    def __init__(self, what: str, cure: str = "") -> None:
        super().__init__(f"{what} ({cure})" if cure else what)
        self.what = what
        self.cure = cure

    def __str__(self) -> str:
        # OSError would print "[Errno ...]" or a tuple; ours is one sentence whatever the builtin base.
        return f"{self.what} ({self.cure})" if self.cure else self.what


class UsageError(StreamdepthError, ValueError):
    """An option, value or argument is wrong."""


class Trouble(Enum):
    """What kind of thing is wrong with an input, in the few words that fit on a picture."""

    REFUSED = "connection refused"
    AUTHENTICATION = "user name or password refused"
    FORBIDDEN = "access refused"
    NOT_FOUND = "nothing at this address"
    TIMEOUT = "no answer"
    SILENT = "no more pictures"
    UNREACHABLE = "host cannot be reached"
    UNKNOWN_HOST = "host not known"
    TLS = "no secure connection"
    SERVER = "the server failed"
    CODEC = "no decoder for its video"
    NO_VIDEO = "no video"
    BROKE_OFF = "connection broke off"
    ENDED = "ended by the other side"
    KIND_OF_ADDRESS = "unknown kind of address"
    TOO_LARGE = "pictures too large"
    OTHER = "it failed"


class SourceError(StreamdepthError, OSError):
    """The input cannot be opened or read; `trouble` says in one word why."""

    def __init__(self, what: str, cure: str = "", trouble: Trouble = Trouble.OTHER) -> None:
        super().__init__(what, cure)
        self.trouble = trouble


class SourceMissing(SourceError, FileNotFoundError):
    """There is no such file, camera or stream."""


class SourceTimeout(SourceError, TimeoutError):
    """The input did not answer within its time-out."""


class LoginNotSupported(SourceError):
    """The server takes no login that FFmpeg can give."""


class ModelError(StreamdepthError, RuntimeError):
    """The network cannot be built or run."""


class WeightsError(ModelError, ValueError):
    """A weights file is missing, damaged, or belongs to another network."""


class SinkError(StreamdepthError, OSError):
    """The output cannot be opened or written."""


class DisplayMissing(SinkError):
    """A window was asked for where there is no display."""


class DiskFull(SinkError):
    """The disk ran out of space."""


class NameRefused(SinkError):
    """The disk takes other names, and not this one: of several pictures it costs the one that bears it."""


class StageStuck(StreamdepthError, TimeoutError):
    """A stage of the pipeline outlived its time-out."""


class Overloaded(StreamdepthError, TimeoutError):
    """There is more to do than can be done in time; after `retry_after` seconds it is worth asking again."""

    def __init__(self, what: str, cure: str = "", retry_after: float = 1.0) -> None:
        super().__init__(what, cure)
        self.retry_after = retry_after


class NoFrameYet(Exception):
    """A request, not an error: a source raises it when it has no frame now and may have one later."""


class ViewerLeft(Exception):
    """A request, not an error: a sink raises it when its viewer ended the run (a closed window)."""


class StopRequested(Exception):
    """A request, not an error: a sink that waited raises it when the run was asked to end."""
