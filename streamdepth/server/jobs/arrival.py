"""The upload of a job on its way to the disk: counted, summed up, and whole or not there."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import IO, Any

from streamdepth.errors import DiskFull
from streamdepth.files import disk_errors, flush
from streamdepth.files.flush import flush_folder
from streamdepth.http.refusal import Refused
from streamdepth.server.jobs.films import ENOUGH, suffix_of

PIECE = 1_000_000
"""Bytes that are written at a time, in a thread."""
PART = "upload.part"


InThread = Callable[..., Awaitable[Any]]
"""Calls its first argument with the others, in a thread: whatever asks a disk may wait for a share that is away."""


class Arrival:
    """What came of an upload: its size, its sum and its suffix. `has_room` is asked before each piece is written."""

    def __init__(
        self, most: int, has_room: Callable[[], bool] = lambda: True, in_thread: InThread = asyncio.to_thread
    ) -> None:
        self._most = most
        self._has_room = has_room
        self._in_thread = in_thread
        self._sum = hashlib.sha256()
        self.size = 0
        self.suffix = ""

    @property
    def sum(self) -> str:
        """SHA-256 of all bytes, in hexadecimal."""
        return self._sum.hexdigest()

    async def take(self, pieces: AsyncIterator[bytes], folder: Path | None) -> None:
        """Read all; into a file of `folder`, which is made, or nowhere.

        Raises `Refused` with 413 for more than is allowed and 400 for nothing, `SourceError` for what is no film, and
        `SinkError` where it cannot be written.
        """
        file = None if folder is None else await self._in_thread(_begin, folder)
        try:
            await self._read(pieces, file)
        finally:
            if file is not None:
                await self._in_thread(file.close)
        if folder is not None:
            await self._in_thread(self._keep, folder)

    async def _read(self, pieces: AsyncIterator[bytes], file: IO[bytes] | None) -> None:
        waiting = bytearray()
        async for piece in pieces:
            waiting += piece
            if len(waiting) >= PIECE:
                await self._put(bytes(waiting), file)
                waiting.clear()
        await self._put(bytes(waiting), file)
        if not self.size:
            raise Refused(400, "the upload is empty (send a film, or a zip of pictures)")

    async def _put(self, data: bytes, file: IO[bytes] | None) -> None:
        if not data:
            return
        if not self.size:
            self.suffix = suffix_of(data[:ENOUGH])
        self.size += len(data)
        if self.size > self._most:
            raise Refused(
                413, f"the upload has more than {self._most / 1e9:g} GB (send it smaller, or in parts)"
            )
        self._sum.update(data)
        if file is not None:
            await self._in_thread(self._write, file, data)

    def _write(self, file: IO[bytes], data: bytes) -> None:
        if not self._has_room():
            raise DiskFull("there is too little room for the upload")
        with disk_errors(Path(file.name)):
            file.write(data)

    def _keep(self, folder: Path) -> None:
        part, whole = folder / PART, folder / f"upload{self.suffix}"
        with disk_errors(folder):
            part.rename(whole)
        flush([whole])
        flush_folder(folder.parent)


def _begin(folder: Path) -> IO[bytes]:
    with disk_errors(folder):
        folder.mkdir(exist_ok=True)
        return (folder / PART).open("wb")
