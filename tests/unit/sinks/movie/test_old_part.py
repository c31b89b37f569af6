"""What is taken over of a film: whole segments, packet by packet, up to where the file is torn."""

from __future__ import annotations

import zlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from streamdepth.errors import SinkError
from streamdepth.ffmpeg.payloads import as_encoded
from streamdepth.sinks.movie.borders import Segment, Stamp
from streamdepth.sinks.movie.old_part import packets_of, whole_segments


@pytest.fixture
def film(tmp_path: Path) -> tuple[Path, list[Segment]]:
    """A film in three segments, and these as they were noted."""
    path, segments, given = tmp_path / "film.part.mkv", [], []
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(31):
            picture = np.random.default_rng(index).integers(0, 200, (48, 64, 3)).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, "bgr24") if index < 30 else None
            if frame is not None:
                frame.pts = index
            for packet in stream.encode(frame):
                given.append((Stamp(packet.pts, packet.dts, 1), as_encoded(bytes(packet), "h264")))
                out.mux(packet)
    for begin in (0, 10, 20):
        part = given[begin : begin + 10]
        total = zlib.crc32(b"".join(data for _, data in part))
        segments.append(Segment(b"", Fraction(1, 25), tuple(stamp for stamp, _ in part), total))
    return path, segments


def test_packets_come_with_the_times_that_were_noted(film) -> None:
    path, segments = film
    assert whole_segments(path, segments) == 3
    packets = list(packets_of(path, segments[:2]))
    assert [(p.pts, p.dts, p.time_base) for p in packets] == [(n, n, Fraction(1, 25)) for n in range(20)]
    assert packets[0].is_keyframe
    assert zlib.crc32(b"".join(bytes(p) for p in packets[:10])) == segments[0].sum


@pytest.mark.parametrize(("kept", "whole"), [(0.9, 2), (0.6, 1), (0.2, 0), (0.0, 0)])
def test_a_torn_file_has_the_segments_before_the_tear(film, kept: float, whole: int) -> None:
    path, segments = film
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    assert whole_segments(path, segments) == whole
    with pytest.raises(SinkError, match="shorter"):
        list(packets_of(path, segments))


def test_what_a_power_cut_left_as_zeros_is_not_taken(film) -> None:
    path, segments = film
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(64)
    path.write_bytes(data)
    assert whole_segments(path, segments) == 1
