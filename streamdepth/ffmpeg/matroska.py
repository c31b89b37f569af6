"""Matroska that grows on disk: clusters of half a second, each written when the next one begins."""

from __future__ import annotations

import io
from fractions import Fraction

TICK = Fraction(1, 1000)
"""Seconds: the unit of its timestamps, as FFmpeg writes them."""
GROWING = {
    "cluster_time_limit": "500",
    "cluster_size_limit": "500000",
    "flush_packets": "1",
    # Which track is played by itself is what its disposition says; the muxer would choose where none says so.
    "default_mode": "passthrough",
    "write_crc32": "0",
    # Else one packet before zero would move all others.
    "avoid_negative_ts": "disabled",
}
"""Options of FFmpeg's muxer: such a file plays at any moment as it is."""


class PlainFile:
    """What PyAV writes to, as it comes. Raises what the system says, also through PyAV."""

    def __init__(self, raw: io.FileIO) -> None:
        """Takes over an empty file."""
        self._raw = raw
        self._given_up = False

    def write(self, data: bytes) -> int:
        """Called by PyAV."""
        view = memoryview(data)
        while view and not self._given_up:
            view = view[self._raw.write(view) :]
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Called by PyAV."""
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        """Called by PyAV."""
        return self._raw.tell()

    def give_up(self) -> None:
        """What is still written is lost."""
        self._given_up = True

    def close(self) -> None:
        """Release the file."""
        self._raw.close()
