"""What an earlier run left of a film: its pictures are taken over by packet, with the times they were made with."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream

from streamdepth.errors import SinkError
from streamdepth.ffmpeg.containers import file_address, open_container
from streamdepth.ffmpeg.cut_short import readable_length
from streamdepth.ffmpeg.payloads import as_encoded, has_lengths
from streamdepth.sinks.movie.borders import Segment


def whole_segments(part: Path, segments: Sequence[Segment]) -> int:
    """How many of `segments`, from the first on, are in the file `part` with every packet as it was."""
    packets = _packets(part)
    for number, segment in enumerate(segments):
        total, count = 0, 0
        for data, _ in islice(packets, len(segment.stamps)):
            total, count = zlib.crc32(data, total), count + 1
        if (total, count) != (segment.sum, len(segment.stamps)):
            return number
    return len(segments)


def packets_of(part: Path, segments: Sequence[Segment]) -> Iterator[Packet[Stream]]:
    """The packets of `segments`, all of which are in the file; raises SinkError where they are not."""
    stamps = ((stamp, segment.time_base) for segment in segments for stamp in segment.stamps)
    packets = _packets(part)
    for (shown, decoded, duration), time_base in stamps:
        found = next(packets, None)
        if found is None:
            raise SinkError(f"{part} has become shorter", "start anew: --no-resume")
        packet: Packet[Stream] = Packet(found[0])
        packet.pts, packet.dts, packet.duration = shown, decoded, duration
        packet.time_base, packet.is_keyframe = time_base, found[1]
        yield packet


def _packets(part: Path) -> Iterator[tuple[bytes, bool]]:
    """The bytes of each packet of the picture, and whether it is a key frame, up to where the file is torn."""
    with suppress(FFmpegError, OSError), open_container(_address(part)) as container:
        stream = container.streams.video[0]
        codec, lengths = stream.codec_context.codec.canonical_name, has_lengths(stream)
        for packet in container.demux(stream):
            if packet.is_corrupt:
                return
            if packet.size:
                yield as_encoded(bytes(packet), codec, lengths=lengths), packet.is_keyframe


def _address(part: Path) -> str:
    """The file, or its beginning: without the head of a fragment at which a power cut tore it."""
    end = readable_length(part)
    whole = file_address(part)
    return whole if end == part.stat().st_size else f"subfile,,start,0,end,{end},,:{whole}"
