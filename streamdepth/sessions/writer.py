"""From items to session files: one file as long as the form of its tracks stays, then the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamdepth.depthfiles.sixteen_bits import Scale
from streamdepth.files import OutputFile
from streamdepth.frames import Sent
from streamdepth.pixels import sum_of
from streamdepth.protocols import Notify
from streamdepth.sessions.file import SessionFile
from streamdepth.sessions.form import Form, Planes
from streamdepth.sessions.item import Item
from streamdepth.sessions.lines import Came, Continued, Inferred

MOST_HELD = 4096
"""Items that wait for the first depth map, whose size is not known before."""


class SessionWriter:
    """Writes what comes, all by one thread; passes on errors of PyAV and of the operating system.

    A file is begun with the first map: until then items are held. Where pictures come in another form, or maps are
    larger than their track, whose sides are at least `largest`, the next file is begun (`NAME-2.mkv`). `about` says
    what a session says of itself; `lost` is called for each picture that is not kept, with its index, `done` with each
    item that is held no longer; `leaves_out` says of a picture, by its index, whether it need not be encoded.
    """

    def __init__(
        self,
        file: OutputFile,
        about: Callable[[], Mapping[str, Any]],
        *,
        notify: Notify,
        lost: Callable[[int], None],
        done: Callable[[Item], None],
        leaves_out: Callable[[int], bool],
        largest: int = 0,
    ) -> None:
        self._next: OutputFile | None = file
        self._path: Path = file.path
        self._largest = largest
        self._about, self._notify, self._lost, self._done = about, notify, lost, done
        self._leaves_out = leaves_out
        self._file: SessionFile | None = None
        self._held: list[Item] = []
        self._pictures: tuple[str, bytes] | Planes | None = None
        self._needs_key = True

    def take(self, item: Item) -> None:
        """Write one, sooner or later."""
        if self._differs(item):
            self._begin_anew(item.line.at)
        self._pictures = self._pictures or _kind_of(item)
        self._held.append(item)
        if self._file is None and item.depth is not None and (first := self._first()) is not None:
            self._file = self._begun(first)
        if self._file is not None:
            self._write_held(self._file)
        elif len(self._held) > MOST_HELD:
            self._drop(self._held.pop(0))

    def close(self) -> None:
        """Complete the file; what waited for a map is let go of."""
        for item in self._held:
            self._drop(item)
        self._held.clear()
        if self._file is not None:
            self._file.close()
        elif self._next is not None:
            self._next.release()

    def give_up(self) -> None:
        """Leave what is on disk, where that is a picture."""
        if self._file is not None:
            self._file.give_up()
        elif self._next is not None:
            self._next.discard()

    def _differs(self, item: Item) -> bool:
        kind = _kind_of(item)
        if kind is not None and self._pictures is not None and kind != self._pictures:
            return True
        file = self._file
        return file is not None and item.depth is not None and not _fits(item.depth, file.form.depth)

    def _begin_anew(self, at: float) -> None:
        """Of pictures in the form before, those that still wait for a map find no file."""
        if self._file is not None:
            self._file.add_line(Continued(at))
            self._file.close()
        self._held = [self._without_picture(item) for item in self._held]
        self._file, self._pictures, self._needs_key = None, None, True

    def _without_picture(self, item: Item) -> Item:
        if not isinstance(item.line, Came):
            return item
        self._done(item)
        return Item(item.line)

    def _first(self) -> Item | None:
        """The first picture that is held and can be decoded by itself."""
        return next((item for item in self._held if _begins(item)), None)

    def _room(self) -> tuple[int, int]:
        """Width and height of a track for each map that is held: where pictures changed, they are of both sizes."""
        heights, widths = zip(
            *(item.depth.shape for item in self._held if item.depth is not None), strict=True
        )
        return max(*widths, self._largest), max(*heights, self._largest)

    def _begun(self, first: Item) -> SessionFile:
        """A file for what is held, whose first picture that can be decoded is `first`."""
        kind, size = self._pictures, self._room()
        assert isinstance(first.line, Came)
        planes = kind if isinstance(kind, Planes) else None
        form = Form(size, planes=planes) if planes or not isinstance(kind, tuple) else Form(size, *kind)
        if self._next is None:
            self._next = OutputFile.numbered(self._path)
            self._notify(f"the format of the pictures changed: the recording continues in {self._next.path}")
        about = {**self._about(), "planes": None if planes is None else planes.to_json()}
        packets = () if first.sent is None else first.sent.packets
        file = SessionFile(self._next, form, first.line.size, packets, about)
        self._next = None  # it releases it from now on
        return file

    def _write_held(self, file: SessionFile) -> None:
        held, self._held = self._held, []
        for item in held:
            self._write(file, item)
            self._done(item)

    def _write(self, file: SessionFile, item: Item) -> None:
        line = item.line
        if isinstance(line, Came):
            line = self._write_picture(file, line, item)
        if isinstance(line, Inferred) and item.depth is not None:
            line = _write_depth(file, line, item.depth)
        file.add_line(line)

    def _write_picture(self, file: SessionFile, line: Came, item: Item) -> Came:
        if not self._is_of_use(line, item):
            self._needs_key = True
            self._lost(line.index)
            return replace(line, is_kept=False)
        packets, is_fresh = 1, False  # what is encoded here goes on whatever the source does
        if item.sent is not None:
            packets, is_fresh = len(item.sent.packets), self._needs_key or line.is_fresh
            file.add_sent(line.at, item.sent.packets)
        elif item.picture is not None:
            file.add_picture(line.at, item.picture)
        self._needs_key = False
        proof = item.proof
        return replace(line, packets=packets, is_fresh=is_fresh, sum=None if proof is None else sum_of(proof))

    def _is_of_use(self, line: Came, item: Item) -> bool:
        """Whether a picture is there, and can be decoded from what is in the file."""
        if item.sent is None:
            return item.picture is not None and not self._leaves_out(line.index)
        return not (self._needs_key or line.is_fresh) or _has_key(item.sent)

    def _drop(self, item: Item) -> None:
        if isinstance(item.line, Came):
            self._lost(item.line.index)
        self._done(item)


def _fits(depth: NDArray[np.float32], size: tuple[int, int]) -> bool:
    height, width = depth.shape
    return bool(width <= size[0] and height <= size[1])


def _write_depth(file: SessionFile, line: Inferred, depth: NDArray[np.float32]) -> Inferred:
    (height, width), size = depth.shape, file.form.depth
    scale = Scale.of(depth)
    line = replace(line, scale=scale.scale, offset=scale.offset)
    pixels = scale.pixels(depth)
    if (width, height) != size:
        line = replace(line, size=(width, height))
        pixels = np.pad(pixels, ((0, size[1] - height), (0, size[0] - width)))
    file.add_depth(line.at, pixels)
    return line


def _kind_of(item: Item) -> tuple[str, bytes] | Planes | None:
    """What of a picture must stay the same in a file; None of what is no picture."""
    if item.sent is not None:
        return item.sent.codec, item.sent.header
    return None if item.picture is None else Planes.of(item.picture)


def _begins(item: Item) -> bool:
    return item.picture is not None if item.sent is None else _has_key(item.sent)


def _has_key(sent: Sent) -> bool:
    return any(one.is_key for one in sent.packets)
