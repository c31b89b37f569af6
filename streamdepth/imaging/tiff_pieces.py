"""Whether all strips or tiles of a TIFF are there and whole: OpenCV leaves black what is not, and says nothing."""

from __future__ import annotations

from streamdepth.imaging import tiff_directory as tiff
from streamdepth.imaging.tiff_directory import Directory, directories
from streamdepth.imaging.tiff_unpacking import unpacks
from streamdepth.values import dataclass

_MOST_PIECES = 65_536
_OLD_JPEG = 6
_NOT_PACKED = 1
_PALETTE, _COLOUR_DIFFERENCES = 3, 6
"""Photometric; of the second several pixels may share a sample."""
_IN_PLANES = 2
_REVERSED = 2


@dataclass(frozen=True)
class _Pieces:
    """The strips or tiles of a page."""

    what: str
    offsets: tuple[int, ...]
    lengths: tuple[int, ...]
    needed: tuple[int, ...]
    """Bytes of each once it is unpacked; 0 where that is not known."""


def tiff_damage(data: bytes) -> str:
    """What is wrong with the first page of a TIFF, as the end of `FILE ...`; empty where nothing can be seen."""
    page = next(directories(data, _MOST_PIECES), None)
    if page is None:
        return "is cut short or damaged"
    compression = page.get(tiff.COMPRESSION, (1,))[0]
    if compression == _OLD_JPEG:
        return ""  # it lies elsewhere
    if page.get(tiff.PHOTOMETRIC, (1,))[0] == _PALETTE and tiff.COLOUR_MAP not in page:
        return "is damaged: its colours are missing"
    pieces = _pieces(page, len(data))
    if pieces is None:
        return f"is damaged, or in more than {_MOST_PIECES} pieces: it does not say where its pixels are"
    count = len(pieces.offsets)
    places = [
        (offset, offset + length) for offset, length in zip(pieces.offsets, pieces.lengths, strict=True)
    ]
    missing = sum(not 0 < begin < end <= len(data) for begin, end in places)
    if missing:
        return f"is cut short or damaged: {missing} of its {count} {pieces.what} are missing"
    if sum(pieces.lengths) > 2 * len(data):
        return f"is damaged: its {pieces.what} lie above each other"
    if page.get(tiff.FILL_ORDER, (1,))[0] == _REVERSED:
        return ""
    for number, ((begin, end), needed) in enumerate(zip(places, pieces.needed, strict=True), start=1):
        if not unpacks(data[begin:end], compression, needed):
            return f"is damaged: number {number} of its {count} {pieces.what} cannot be unpacked"
    return ""


def _pieces(page: Directory, file_length: int) -> _Pieces | None:
    """None where there are none, or too few of them for the size of the page."""
    needed = _needed(page)
    is_tiled = tiff.TILE_WIDTH in page
    offsets = page.get(tiff.TILE_OFFSETS if is_tiled else tiff.STRIP_OFFSETS, ())
    lengths = page.get(tiff.TILE_LENGTHS if is_tiled else tiff.STRIP_LENGTHS, ())
    if len(offsets) == 1:
        lengths = _lone_length(page, lengths, needed[:1], file_length - offsets[0])
    if not needed or min(len(offsets), len(lengths)) < len(needed):
        return None
    count = len(needed)
    return _Pieces("tiles" if is_tiled else "strips", offsets[:count], lengths[:count], needed)


def _lone_length(
    page: Directory, lengths: tuple[int, ...], needed: tuple[int, ...], left: int
) -> tuple[int, ...]:
    """Of a piece that is alone libtiff knows how long it must be, or takes all that is left."""
    if page.get(tiff.COMPRESSION, (1,))[0] == _NOT_PACKED and any(needed):
        return needed
    return lengths if any(lengths) else (left,)


def _needed(page: Directory) -> tuple[int, ...]:
    """Bytes of each piece of a page; none of a page of no or too many pieces."""
    width, height = page.get(tiff.WIDTH, (0,))[0], page.get(tiff.HEIGHT, (0,))[0]
    bits, samples = page.get(tiff.BITS, (1,))[0], page.get(tiff.SAMPLES, (1,))[0]
    planes, together = (samples, 1) if page.get(tiff.PLANES, (1,))[0] == _IN_PLANES else (1, samples)
    is_known = page.get(tiff.PHOTOMETRIC, (1,))[0] != _COLOUR_DIFFERENCES
    is_tiled = tiff.TILE_WIDTH in page
    columns = page[tiff.TILE_WIDTH][0] if is_tiled else width
    rows = (
        page.get(tiff.TILE_HEIGHT, (0,))[0]
        if is_tiled
        else min(page.get(tiff.STRIP_ROWS, (height,))[0], height)
    )
    if not columns or not rows or -(-width // columns) * -(-height // rows) * planes > _MOST_PIECES:
        return ()
    heights = [rows if is_tiled else min(rows, height - top) for top in range(0, height, rows)]
    line = -(-columns * together * bits // 8) if is_known else 0
    return tuple(line * rows for rows in heights for _ in range(-(-width // columns))) * planes
