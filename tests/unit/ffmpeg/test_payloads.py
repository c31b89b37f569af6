"""What an encoder gave comes back from every container as it was."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from streamdepth.ffmpeg.payloads import as_encoded, has_lengths, without_parameter_sets
from streamdepth.threads.scheduling import usual_threads

FILMS = [
    ("a.mp4", "libx264", {"preset": "superfast"}),
    ("a.mkv", "libx264", {"preset": "superfast", "x264-params": "slices=3"}),
    ("a.mov", "libx265", {"preset": "superfast", "x265-params": "log-level=error"}),
    ("b.mkv", "libx265", {"preset": "superfast", "x265-params": "log-level=error"}),
    ("a.webm", "libvpx-vp9", {"deadline": "realtime", "cpu-used": "8"}),
    ("b.mp4", "libsvtav1", {"preset": "12"}),
    ("c.mkv", "libsvtav1", {"preset": "12"}),
    ("b.mov", "prores_ks", {}),
    ("d.mkv", "prores_ks", {}),
    ("e.mkv", "ffv1", {"level": "3"}),
]


@pytest.mark.parametrize(("name", "encoder", "options"), FILMS)
def test_packets_come_back_as_they_were_given(tmp_path: Path, name, encoder, options) -> None:
    path, given = tmp_path / name, []
    with usual_threads(), av.open(str(path), "w") as out:
        stream = out.add_stream(encoder, rate=25, options=options)
        stream.width, stream.height = 64, 64
        stream.pix_fmt = "yuv422p10le" if encoder == "prores_ks" else "yuv420p"
        codec = stream.codec_context.codec.canonical_name
        for index in range(9):
            picture = np.random.default_rng(index).integers(0, 200, (64, 64, 3)).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, "bgr24").reformat(format=stream.pix_fmt)
            frame.pts = index
            for packet in stream.encode(frame if index < 8 else None):
                given.append(as_encoded(bytes(packet), codec))
                out.mux(packet)
    with av.open(str(path)) as container:
        lengths = has_lengths(container.streams.video[0])
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
        assert [as_encoded(packet, codec, lengths=lengths) for packet in packets] == given


def test_parameter_sets_go_and_all_else_of_a_packet_stays() -> None:
    sets, rest = [b"\x40\x01a", b"\x42\x01b", b"\x44\x01c"], [b"\x4e\x01d", b"\x28\x01e"]
    packet = b"".join(b"\x00\x00\x00\x01" + unit for unit in [*sets, *rest])
    assert without_parameter_sets(packet) == b"".join(b"\x00\x00\x00\x01" + unit for unit in rest)


@pytest.mark.parametrize("packet", [b"", b"\x00\x00", b"\x00\x00\x00\x09\x41", b"\xff\xff\xff\xff\x41\x42"])
def test_a_packet_that_is_torn_is_no_failure(packet: bytes) -> None:
    assert len(as_encoded(packet, "h264", lengths=True)) <= len(packet) + 4
