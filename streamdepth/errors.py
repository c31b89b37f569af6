"""Every error that streamdepth raises on purpose.

    StreamdepthError
    ├── UsageError (ValueError)               the call itself is wrong; the command line exits with 2
    ├── SourceError (OSError)                 the input cannot be opened or read
    │   ├── SourceMissing (FileNotFoundError) there is no such file, camera or stream
    │   └── SourceTimeout (TimeoutError)      the input did not answer in time
    ├── ModelError (RuntimeError)             the network cannot be built or run
    │   └── WeightsError (ValueError)         a weights file is missing, damaged or of another network
    ├── SinkError (OSError)                   the output cannot be opened or written
    │   ├── DisplayMissing                    a window was asked for where there is no display
    │   └── DiskFull                          the disk ran out of space
    └── StageStuck (TimeoutError)             a stage of the pipeline outlived its time-out

Each message says what is wrong and, in brackets, what to do about it. Errors of other libraries become one of
these where they enter, with `raise ... from`.
"""

from __future__ import annotations


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


class SourceError(StreamdepthError, OSError):
    """The input cannot be opened or read."""


class SourceMissing(SourceError, FileNotFoundError):
    """There is no such file, camera or stream."""


class SourceTimeout(SourceError, TimeoutError):
    """The input did not answer within its time-out."""


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


class StageStuck(StreamdepthError, TimeoutError):
    """A stage of the pipeline outlived its time-out."""


class ViewerLeft(Exception):
    """A request, not an error: a sink raises it when its viewer ended the run (a closed window)."""
