"""The file under the muxer of a movie: it plays at any moment, and ends with its index in front.

FFmpeg writes a movie in fragments, each with an index of its own, and when it is closed one index for all of them
(`hybrid_fragmented`). Room for that is left at the front (`moov_size`); the hole that FFmpeg leaves there becomes a box
that players skip. On closing, FFmpeg would first hide the fragments and then write the index, over the picture where
the room is too small. Here both are kept back until it is done: then the index goes into the room, or to the end of
the file where it does not fit, and the fragments are hidden last.
"""

from __future__ import annotations

import io
from fractions import Fraction

from streamdepth.sinks.movie.mp4_index import HEADER, correct_duration


class Mp4File:
    """What PyAV writes to. Raises what the system says, also through PyAV."""

    def __init__(self, raw: io.FileIO) -> None:
        """Takes over an empty file."""
        self._raw = raw
        self._position = 0
        self._size = 0
        self._room: range | None = None
        self._closing = False
        self._index = bytearray()
        self._patches: list[tuple[int, bytes]] = []
        self._given_up = False

    def write(self, data: bytes) -> int:
        """Called by PyAV."""
        if not self._given_up:
            self._take(data)
        self._position += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Called by PyAV."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = base + offset
        if self._position > self._size and not self._given_up:
            self._room = range(self._size, self._position)
            self._put(self._room.start, HEADER.pack(len(self._room), b"free"))
            self._size = self._position
        return self._position

    def tell(self) -> int:
        """Called by PyAV."""
        return self._position

    def begin_closing(self) -> None:
        """From now on keep back what is written over what was there."""
        self._closing = True

    @property
    def has_index(self) -> bool:
        """Whether the whole index for the room was written, though it may be too large for it."""
        return len(self._index) >= HEADER.size and 0 < self._index_size <= len(self._index)

    def complete(self, shown: Fraction) -> None:
        """Put the index into its place, then the rest of what was kept back; the picture is `shown` for so long (s)."""
        if self._room is not None and self.has_index:
            correct_duration(self._index, shown)
            self._place_index(self._room)
        for position, data in self._patches:
            self._put(position, data)

    def give_up(self) -> None:
        """What is still written is lost."""
        self._given_up = True

    def close(self) -> None:
        """Release the file."""
        self._raw.close()

    @property
    def _index_size(self) -> int:
        size: int = HEADER.unpack_from(self._index)[0]
        return size

    def _place_index(self, room: range) -> None:
        if len(self._index) > len(room):
            self._put(self._size, bytes(self._index[: self._index_size]))
            self._hide_fragments(room.stop + HEADER.size)
            return
        # Its first bytes make it the index: until then it is what is skipped.
        self._put(room.start + HEADER.size, bytes(self._index[HEADER.size :]))
        self._put(room.start, bytes(self._index[: HEADER.size]))

    def _hide_fragments(self, begin: int) -> None:
        """As FFmpeg does, which gives up where the room is too small: all from `begin` on is one box of samples."""
        size = self._size - begin
        if size < 1 << 32:
            self._put(begin, HEADER.pack(size, b"mdat"))
        else:  # a size of eight bytes; the box before has room for it
            self._put(begin - HEADER.size, HEADER.pack(1, b"mdat") + (size + HEADER.size).to_bytes(8))

    def _take(self, data: bytes) -> None:
        if self._closing and self._is_for_index():
            begin = self._position - self._room_start
            self._index[begin : begin + len(data)] = data
        elif self._closing and self._position < self._size:
            self._patches.append((self._position, bytes(data)))
        else:
            self._put(self._position, data)
            self._size = max(self._size, self._position + len(data))

    def _is_for_index(self) -> bool:
        """The index is written from the start of its room on, its size last, and after it what fills the room."""
        if self._room is None:
            return False
        end = self._room.start + len(self._index)
        return self._position == end or (self._room.start <= self._position < end and not self.has_index)

    @property
    def _room_start(self) -> int:
        return self._room.start if self._room is not None else 0

    def _put(self, position: int, data: bytes) -> None:
        self._raw.seek(position)
        view = memoryview(data)
        while view:
            view = view[self._raw.write(view) :]
