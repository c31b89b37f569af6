"""Messages in an MCAP file as ROS 2 records them, by the package `mcap`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from streamdepth.depthfiles.ros_messages import DEFINITIONS
from streamdepth.errors import UsageError

SUFFIX = ".mcap"
CHUNK = 4 << 20
"""Bytes that are compressed together: a process that is killed loses no more than these."""


def check_installed() -> None:
    """Raise `UsageError` where the package is not there: it is an extra."""
    try:
        import mcap.writer  # noqa: F401 - an extra
    except ImportError as error:
        raise UsageError("an .mcap file needs the package mcap", "pip install mcap") from error


def has_messages(path: Path) -> bool:
    """Whether a file that was broken off holds messages that a reader gets; raises nothing."""
    from mcap.reader import NonSeekingReader

    try:
        with path.open("rb") as file:
            return next(iter(NonSeekingReader(file).iter_messages(log_time_order=False)), None) is not None
    except Exception:  # of a torn file the reader and what unpacks for it raise whatever they meet
        return False


class McapFile:
    """Writes messages to `stream`, which its owner closes; `topics` have their types."""

    def __init__(self, stream: BinaryIO, topics: Mapping[str, str], library: str) -> None:
        from mcap.writer import Writer

        self._writer = Writer(stream, chunk_size=CHUNK)
        self._writer.start(profile="ros2", library=library)
        schemas = {
            kind: self._writer.register_schema(kind, "ros2msg", DEFINITIONS[kind])
            for kind in dict.fromkeys(topics.values())
        }
        self._channels = {
            topic: self._writer.register_channel(topic, "cdr", schemas[kind], {"offered_qos_profiles": ""})
            for topic, kind in topics.items()
        }

    def add(self, topic: str, nanoseconds: int, sequence: int, message: bytes) -> None:
        """Add one message; raises OSError."""
        self._writer.add_message(self._channels[topic], nanoseconds, message, nanoseconds, sequence)

    def finish(self, name: str, facts: Mapping[str, str]) -> None:
        """Write `facts` as metadata of that name, and what a reader finds messages by; raises OSError."""
        self._writer.add_metadata(name, dict(facts))
        self._writer.finish()  # type: ignore[no-untyped-call]  # mcap gives it no types
