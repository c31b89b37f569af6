"""What the passes hand on, as files in one folder that all machines see; each appears whole."""

from __future__ import annotations

import re
import shutil
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from av.packet import Packet
from av.stream import Stream

from streamdepth.cluster.tasks import Draw, Infer, MapsAt, Wanted
from streamdepth.depthfiles.entry import Entry
from streamdepth.depthfiles.spool import SpoolReader
from streamdepth.errors import SinkError
from streamdepth.files import write_whole
from streamdepth.frames import DepthMeaning
from streamdepth.rendering.stream import Glance
from streamdepth.resuming.frozen import from_bytes, to_bytes
from streamdepth.resuming.states import KeptState
from streamdepth.sinks.movie.borders import Segment
from streamdepth.values import dataclass

_PACKET = struct.Struct("<?I")
MARK = "mark"
"""The file that identifies such a folder."""
_MARK = re.compile("[0-9a-f]{32}")
_AGAIN = "run it again; if that does not help, --no-resume starts anew"


@dataclass(frozen=True)
class Joint:
    """A picture next to which two pieces meet."""

    pts: Fraction
    sum: int
    """Of its samples: `pixels.sum_of`."""


@dataclass(frozen=True, eq=False)
class KeptPiece:
    """What is left of the pictures of a piece, beside their maps."""

    glances: tuple[Glance, ...]
    sums: tuple[int, ...]
    before: Joint | None
    """The picture before the first, as it was decoded for this piece."""

    @property
    def last(self) -> Joint | None:
        """The last picture; None where there is none."""
        return Joint(self.glances[-1].shown.pts, self.sums[-1]) if self.glances else None


def is_mark(text: str) -> bool:
    """Whether it may be what such a file holds: what is taken away by that name is one film's alone."""
    return _MARK.fullmatch(text) is not None


def mark_in(folder: Path) -> str | None:
    """That of a folder; None where it has none."""
    try:
        mark = (folder / MARK).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    return mark if is_mark(mark) else None


def maps_path(folder: Path, number: int) -> Path:
    """The maps of a piece: a spool, float32 and exact."""
    return folder / f"maps-{number:06d}.spool"


def piece_path(folder: Path, number: int) -> Path:
    """The rest of a piece; it is written last."""
    return folder / f"piece-{number:06d}.npz"


def state_path(folder: Path, number: int) -> Path:
    """What the renderer knows after a segment."""
    return folder / f"state-{number:06d}.npz"


def segment_path(folder: Path, number: int) -> Path:
    """The packets of a segment."""
    return folder / f"segment-{number:06d}.packets"


def needs(wanted: Wanted) -> list[str]:
    """Files of the film's folder that a task reads."""
    if not isinstance(wanted, Draw):
        return []
    before = [] if wanted.left_off is None else [state_path(wanted.film.folder, wanted.number - 1)]
    return [path.name for path in (*(part.path for part in wanted.maps), *before)]


def leaves(wanted: Wanted) -> list[str]:
    """Files of that folder that a task writes, that which says that it is whole last."""
    if isinstance(wanted, Infer):
        return [path(wanted.film.folder, wanted.piece.number).name for path in (maps_path, piece_path)]
    return [segment_path(wanted.film.folder, wanted.number).name] if isinstance(wanted, Draw) else []


def read_piece(folder: Path, number: int) -> KeptPiece | None:
    """A piece that was inferred; None where it was not, or another release did it."""
    try:
        return from_bytes(KeptPiece, piece_path(folder, number).read_bytes())
    except (OSError, ValueError):
        return None


def has_pieces(folder: Path) -> bool:
    """Whether anything was inferred."""
    return any(folder.glob(piece_path(folder, 0).name.replace("000000", "*")))


def write_state(folder: Path, number: int, state: KeptState) -> None:
    """Keep the state after a segment."""
    write_whole(state_path(folder, number), to_bytes(state), flushed=False)


def read_state(folder: Path, number: int) -> KeptState:
    """The state after a segment; raises `SinkError` where there is none."""
    try:
        return from_bytes(KeptState, state_path(folder, number).read_bytes())
    except (OSError, ValueError) as error:
        raise SinkError(f"{state_path(folder, number)} cannot be read: {error}", _AGAIN) from error


def meaning_of(maps: Sequence[MapsAt]) -> DepthMeaning:
    """What their values say."""
    return DepthMeaning(SpoolReader(maps[0].path).facts["meaning"])


def entries_of(maps: Sequence[MapsAt], begin: int = 0) -> Iterator[Entry]:
    """The maps from that of the picture `begin` on, each with the index of its picture in the film."""
    for number, part in enumerate(maps):
        if number + 1 < len(maps) and maps[number + 1].index <= begin:
            continue
        for offset, entry in enumerate(SpoolReader(part.path)):
            if part.index + offset >= begin:
                yield replace(entry, index=part.index + offset)


def packed(data: bytes, *, is_key: bool) -> bytes:
    """A packet as it stands in the file of a segment."""
    return _PACKET.pack(is_key, len(data)) + data


def packets_of(path: Path, segment: Segment) -> Iterator[Packet[Stream]]:
    """The packets of a segment with its times; raises `SinkError` where the file is not what was written."""
    total = 0
    with path.open("rb") as file:
        for shown, decoded, duration in segment.stamps:
            is_key, size = _PACKET.unpack(file.read(_PACKET.size).ljust(_PACKET.size, b"\0"))
            data = file.read(size)
            total = zlib.crc32(data, total)
            packet: Packet[Stream] = Packet(data)
            packet.pts, packet.dts, packet.duration = shown, decoded, duration
            packet.time_base, packet.is_keyframe = segment.time_base, is_key
            yield packet
    if total != segment.sum:
        raise SinkError(f"{path} is damaged", "delete it, and run it again")


def in_sequence(segments: Sequence[Segment]) -> list[Segment]:
    """Segments that were encoded apart, with the times of decoding that one run would have given them.

    An encoder that begins after a gap counts that back: what would come before what is there is raised to follow it.
    """
    decoded: int | None = None
    sequence = []
    for segment in segments:
        stamps = []
        for stamp in segment.stamps:
            at = stamp.decoded if decoded is None else max(stamp.decoded, decoded + 1)
            decoded = at
            stamps.append(stamp._replace(decoded=at))
        sequence.append(Segment(segment.header, segment.time_base, tuple(stamps), segment.sum))
    return sequence


def free(folder: Path) -> None:
    """Take all of it away."""
    shutil.rmtree(folder, ignore_errors=True)
