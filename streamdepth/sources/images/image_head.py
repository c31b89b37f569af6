"""What an image file says about itself before a pixel of it is decoded."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator

from streamdepth.ffmpeg.orientation import UPRIGHT, Orientation
from streamdepth.imaging import tiff_directory as tiff
from streamdepth.imaging.png import PNG_START
from streamdepth.imaging.tiff_kinds import is_negative, unread_page
from streamdepth.sources.images.exif import exif_orientation
from streamdepth.sources.images.heif import HeifItem, primary_item, sequence_length
from streamdepth.values import dataclass, field

_JPEG_SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_LOSSLESS = 0xF7
"""SOF55, of JPEG-LS (ITU-T T.87)."""
_PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)
_SCAN = re.compile(b"\xff\xda")
MOST_SCANS = 100
"""Of a progressive JPEG; encoders make ten. Each takes as long as all pixels do, and may be a hundred bytes."""
_PNG_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
"""Bits of a sample by the kind of colour (PNG, third edition, table 11.1)."""
_BARE_MARKERS = {0x01, *range(0xD0, 0xD8)}
_PNM = re.compile(rb"P([1-6fF])(?:\s+|#[^\n]*\n)+(\d{1,9})(?:\s+|#[^\n]*\n)+(\d{1,9})\s")
_PAM = re.compile(rb"P7\s[^\0]*?WIDTH\s+(\d{1,9})[^\0]*?HEIGHT\s+(\d{1,9})|P7\s[^\0]*?HEIGHT\s+(\d+)")
_SEQUENCES = {b"avis", b"msf1", b"hevc", b"hevx"}
_PHOTOS = {b"mif1", b"mif2", b"miaf", b"heic", b"heix", b"heim", b"heis", b"avif", b"crx "}
_RAW = "holds what a camera's sensor saw, which takes developing"
_TGA_TYPES = {1, 2, 3, 9, 10, 11}


@dataclass(frozen=True)
class ImageHead:
    """The head of one file."""

    kind: str
    """What the format is called."""
    width: int
    """Pixels, as stored."""
    height: int
    orientation: Orientation = UPRIGHT
    """How the decoded picture is to be laid; upright where its decoder does that."""
    pictures: int = 1
    """Pictures of an animation, or pages."""
    animated: bool = False
    """Whether the pictures follow each other in time."""
    largest: int = 0
    """The largest value that a sample of grey takes, where the file says so; else 0."""
    negative: bool = False
    """Whether the decoded samples are 0 where it is white."""
    heif: HeifItem | None = None
    """Where the picture lies in an HEIC or AVIF file."""
    exif: bytes = field(default=b"", repr=False)
    """As its file holds it, or the file itself where it is a TIFF."""
    refusal: str = ""
    """Why it is not read here, as the end of the sentence `FILE ...`; empty where it is."""


def read_head(data: bytes, suffix: str = "") -> ImageHead | None:
    """The head of an image file with these bytes, which may be cut off behind it; None where it is none.

    `suffix` is that of its name: a TGA says nowhere else that it is one.
    """
    try:
        for start, reader in _READERS:
            if data.startswith(start):
                return reader(data)
        return _by_brand(data) or _refused(data) or _tga(data, suffix)
    except (struct.error, IndexError):
        return None


def may_be_image(start: bytes, suffix: str) -> bool:
    """Whether a file that begins with these bytes could be an image: then its head may be worth reading whole."""
    return start.startswith(_LONG_HEADS) or _has_brand(start) or read_head(start, suffix) is not None


def is_photo_by_brand(start: bytes) -> bool:
    """Whether what begins with these bytes calls itself a photo of the family of MP4, however damaged it is."""
    return start[4:8] == b"ftyp" and start[8:12] in _PHOTOS


def png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Type, begin and end of the content of each chunk of a PNG, up to `IEND` or as far as there is one."""
    offset, kind = len(PNG_START), b""
    while kind != b"IEND" and offset + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, offset)
        yield kind, offset + 8, min(offset + 8 + length, len(data))
        offset += 12 + length


def _png(data: bytes) -> ImageHead | None:
    length, name, width, height, depth, colour, *methods = struct.unpack_from(">I4sIIBBBBB", data, 8)
    if (
        (length, name) != (13, b"IHDR")
        or depth not in _PNG_DEPTHS.get(colour, ())
        or tuple(methods) not in ((0, 0, 0), (0, 0, 1))
    ):
        return None  # OpenCV looks for the end of such a file for ten seconds and more
    pictures, largest, exif = 0, 0, b""
    for kind, begin, end in png_chunks(data):
        if kind == b"acTL":
            (pictures,) = struct.unpack_from(">I", data, begin)
        elif kind == b"sBIT" and depth == 16 and colour in (0, 4):
            largest = 2 ** data[begin] - 1
        elif kind == b"eXIf":
            exif = data[begin:end]
    laid = exif_orientation(exif)
    return ImageHead("PNG", width, height, laid, max(1, pictures), pictures > 1, largest, exif=exif)


def _jpeg(data: bytes) -> ImageHead | None:
    offset, exif = 2, b""
    while True:
        while data[offset] == 0xFF and data[offset + 1] == 0xFF:  # padding
            offset += 1
        start, marker = data[offset], data[offset + 1]
        if start != 0xFF or marker in (0xD9, 0xDA):
            return None
        if marker == _LOSSLESS:
            return ImageHead("JPEG-LS", 0, 0, refusal="is JPEG-LS, which is not supported")
        if marker in _BARE_MARKERS:
            offset += 2
            continue
        (length,) = struct.unpack_from(">H", data, offset + 2)
        content = data[offset + 4 : offset + 2 + length]
        if marker in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", content, 1)
            is_too_much = marker in _PROGRESSIVE and len(_SCAN.findall(data, offset)) > MOST_SCANS
            refusal = f"goes over its pixels more than {MOST_SCANS} times" if is_too_much else ""
            return ImageHead("JPEG", width, height, exif_orientation(exif), exif=exif, refusal=refusal)
        if marker == 0xE1 and content.startswith(b"Exif\0\0"):
            exif = content
        offset += 2 + length


def _gif(data: bytes) -> ImageHead:
    width, height = struct.unpack_from("<HH", data, 6)
    pictures = sum(data[begin] == ord(",") for begin, _end in gif_blocks(data))
    return ImageHead("GIF", width, height, pictures=max(1, pictures), animated=pictures > 1)


def gif_blocks(data: bytes) -> Iterator[tuple[int, int]]:
    """Begin and end of each extension and picture of a GIF; ends where the file does, or makes no sense.

    The end of one that is cut short lies behind that of the file.
    """
    offset = 13 + _colours(data[10])
    while offset < len(data) and data[offset] in b"!,":
        begin = offset
        if data[begin] == ord("!"):
            offset += 2
        else:
            offset += 11 + _colours(data[begin + 9]) if begin + 9 < len(data) else 11
        while offset < len(data) and data[offset]:
            offset += 1 + data[offset]
        offset += 1
        yield begin, offset


def _colours(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _webp(data: bytes) -> ImageHead | None:
    width, height, pictures, exif = 0, 0, 0, b""
    for kind, content in webp_chunks(data):
        if kind == b"VP8X":
            width, height = (int.from_bytes(content[i : i + 3], "little") + 1 for i in (4, 7))
        elif kind == b"VP8 " and not width:
            width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", content, 6))
        elif kind == b"VP8L" and not width:
            bits = int.from_bytes(content[1:5], "little")
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        elif kind == b"EXIF":
            exif = bytes(content)
        pictures += kind == b"ANMF"
    laid, count = exif_orientation(exif), max(1, pictures)
    return ImageHead("WebP", width, height, laid, count, count > 1, exif=exif) if width else None


def webp_chunks(data: bytes | memoryview, offset: int = 12) -> Iterator[tuple[bytes, memoryview]]:
    """Type and content of each chunk of a WebP file, or of what one of its chunks holds from `offset` on.

    Ends where there is none, as where their row is broken: see `is_whole_webp`.
    """
    view = memoryview(data)
    for kind, begin, end in _webp_places(view, offset):
        yield kind, view[begin:end]


def is_whole_webp(data: bytes) -> bool:
    """Whether its chunks follow each other up to where the file says that it ends, but for a byte that fills up."""
    size = 8 + int.from_bytes(data[4:8], "little")
    end = max((end for _kind, _begin, end in _webp_places(memoryview(data)[:size], 12)), default=0)
    return size - 1 <= end <= size and end <= len(data)


def fills_file(data: bytes) -> bool:
    """Whether the chunks of a WebP go on to the last byte of the file, whatever length it says that it has."""
    ends = [end for _kind, _begin, end in _webp_places(memoryview(data), 12)]
    return bool(ends) and len(data) - 1 <= ends[-1] <= len(data)


def _webp_places(view: memoryview, offset: int) -> Iterator[tuple[bytes, int, int]]:
    while offset + 8 <= len(view):
        kind, length = struct.unpack_from("<4sI", view, offset)
        if not (kind.isascii() and kind.decode().isprintable()):
            return
        yield kind, offset + 8, offset + 8 + length
        offset += 8 + length + length % 2


def _tiff(data: bytes) -> ImageHead | None:
    pages = [page for page in tiff.directories(data) if tiff.WIDTH in page and tiff.HEIGHT in page]
    if not pages:
        return None
    first = pages[0]
    whole = sum(not page.get(tiff.SUBFILE_TYPE, (0,))[0] & 1 for page in pages)
    raw = tiff.DNG_VERSION in first or data[8:10] == b"CR" or first.get(tiff.SUBFILE_TYPE, (0,))[0] & 1
    return ImageHead(
        "TIFF",
        first[tiff.WIDTH][0],
        first[tiff.HEIGHT][0],
        pictures=max(1, whole),
        largest=first.get(tiff.LARGEST_SAMPLE, (0,))[0],
        negative=is_negative(first),
        exif=data,
        refusal=_RAW if raw else unread_page(first),
    )


def _bmp(data: bytes) -> ImageHead:
    if struct.unpack_from("<I", data, 14)[0] == 12:
        width, height = struct.unpack_from("<HH", data, 18)
    else:
        width, height = struct.unpack_from("<ii", data, 18)
    return ImageHead("BMP", width, abs(height))


def _portable(data: bytes) -> ImageHead | None:
    head = data[:1000]
    if match := _PNM.match(head):
        return ImageHead("portable pixmap", int(match[2]), int(match[3]))
    if (match := _PAM.match(head)) and match[1]:
        return ImageHead("portable pixmap", int(match[1]), int(match[2]))
    return None


def _jpeg_2000(data: bytes) -> ImageHead | None:
    place = data.find(b"ihdr", 0, 1000)
    if place < 0:
        return None
    height, width = struct.unpack_from(">II", data, place + 4)
    return ImageHead("JPEG 2000", width, height)


def _codestream(data: bytes) -> ImageHead:
    right, bottom, left, top = struct.unpack_from(">IIII", data, 8)
    return ImageHead("JPEG 2000", right - left, bottom - top)


def _by_brand(data: bytes) -> ImageHead | None:
    if not _has_brand(data):
        return None
    if data[8:12] == b"crx ":
        return ImageHead("raw", 0, 0, refusal=_RAW)
    item = primary_item(data)
    pictures = sequence_length(data) if data[8:12] in _SEQUENCES else 1
    if item is None:
        return _without_still(data, pictures) if pictures > 1 else None
    return ImageHead(
        "AVIF" if item.codec == "av01" else "HEIC",
        item.width,
        item.height,
        item.orientation,
        max(1, pictures),
        pictures > 1,
        heif=item,
        exif=item.exif,
        refusal="" if item.parts else f"is made of parts of the kind {item.codec}, which is not supported",
    )


def _without_still(data: bytes, pictures: int) -> ImageHead:
    kind = "AVIF" if data[8:12] == b"avis" else "HEIC"
    refusal = f"is an animation of {pictures} pictures, and holds no still"
    return ImageHead(kind, 0, 0, pictures=pictures, animated=True, refusal=refusal)


def _has_brand(data: bytes) -> bool:
    """Whether it is of the family of HEIC: a photo, or a sequence of pictures."""
    if data[4:8] != b"ftyp":
        return False
    (length,) = struct.unpack_from(">I", data)
    return data[8:12] in _SEQUENCES or any(
        data[i : i + 4] in _PHOTOS for i in (8, *range(16, min(length, 256), 4))
    )


def _tga(data: bytes, suffix: str) -> ImageHead | None:
    if suffix.lower() != ".tga" or len(data) < 18 or data[2] not in _TGA_TYPES:
        return None
    width, height = struct.unpack_from("<HH", data, 12)
    return ImageHead("TGA", width, height) if width and height else None


def _refused(data: bytes) -> ImageHead | None:
    for start, kind in _FOREIGN:
        if data.startswith(start):
            return ImageHead(kind, 0, 0, refusal=f"is {kind}, which is not supported")
    return None


_FOREIGN = (
    (b"8BPS", "a Photoshop document"),
    (b"gimp xcf", "a GIMP document"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"II\xbc", "JPEG XR"),
    (b"qoif", "QOI"),
    (b"\x76\x2f\x31\x01", "OpenEXR"),
    (b"#?RADIANCE", "a Radiance picture of light"),
    (b"#?RGBE", "a Radiance picture of light"),
    (b"%PDF", "a PDF document"),
    (b"<svg", "a drawing (SVG)"),
    (b"DDS ", "a texture (DDS)"),
    (b"FUJIFILMCCD-RAW", "raw data of a camera"),
    (b"IIU\0", "raw data of a camera"),
    (b"IIRO", "raw data of a camera"),
    (b"\0\0\1\0", "an icon"),
)
_Reader = Callable[[bytes], "ImageHead | None"]
_TIFF_STARTS = (b"II\x2a\0", b"MM\0\x2a", b"II\x2b\0", b"MM\0\x2b")
_LONG_HEADS = (PNG_START, b"\xff\xd8\xff", b"GIF8", *_TIFF_STARTS)
"""Of kinds whose head may be longer than what is read at first, or at the end of the file."""
_READERS: tuple[tuple[bytes, _Reader], ...] = (
    (PNG_START, _png),
    (b"\xff\xd8\xff", _jpeg),
    (b"GIF8", _gif),
    (b"RIFF", lambda data: _webp(data) if data[8:12] == b"WEBP" else None),
    *((start, _tiff) for start in _TIFF_STARTS),
    (b"BM", _bmp),
    (b"P", _portable),
    (b"\0\0\0\x0cjP  ", _jpeg_2000),
    (b"\xff\x4f\xff\x51", _codestream),
)
