from __future__ import annotations

import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from streamdepth.publishing.rtsp.rtp import (
    MOST_PAYLOAD,
    ParameterSets,
    RtpSender,
    payloads,
)

SPS, PPS = b"\x67\x42\xc0\x1f" + b"s" * 6, b"\x68\xce"


def annex_b(*units):
    return b"".join(b"\x00\x00\x00\x01" + unit for unit in units)


def joined(parts):
    """The units that payloads carry, as a receiver puts them together (RFC 6184, section 5.8)."""
    units = []
    for part in parts:
        if part[0] & 31 != 28:
            units.append(part)
        elif part[1] & 0x80:
            units.append(bytes([part[0] & 0xE0 | part[1] & 31]) + part[2:])
        else:
            units[-1] += part[2:]
    return units


@pytest.mark.parametrize("size", [1, MOST_PAYLOAD, MOST_PAYLOAD + 1, 2 * MOST_PAYLOAD, 50_000])
def test_a_unit_of_any_size_arrives_as_it_was(size):
    unit = b"\x65" + bytes(np.random.default_rng(size).integers(1, 255, size - 1, np.uint8))
    parts = payloads(annex_b(SPS, PPS, unit))
    assert joined(parts) == [SPS, PPS, unit]
    assert max(map(len, parts)) <= MOST_PAYLOAD
    fragments = [part for part in parts if part[0] & 31 == 28]
    assert [bool(part[1] & 0x40) for part in fragments] == [False] * (len(fragments) - 1) + [True] * bool(
        fragments
    )


def test_parameter_sets_are_those_of_the_keyframe():
    sets = ParameterSets.of(annex_b(b"\x06sei", SPS, PPS, b"\x65picture"))
    assert sets == ParameterSets(SPS, PPS)
    assert "profile-level-id=42C01F" in sets.fmtp
    assert "sprop-parameter-sets=Z0LAH3Nzc3Nzcw==,aM4=" in sets.fmtp


def test_a_keyframe_without_them_is_a_fault_of_our_own():
    with pytest.raises(RuntimeError):
        ParameterSets.of(annex_b(b"\x65picture"))


def header(packet):
    first, marked, sequence, timestamp, ssrc = struct.unpack("!BBHII", packet[:12])
    return first, marked & 127, bool(marked & 128), sequence, timestamp, ssrc


def test_packets_are_numbered_and_the_last_of_a_picture_is_marked():
    sender = RtpSender(ssrc=7, sequence=65535, timestamp=2**32 - 1)
    packets = sender.packets(annex_b(SPS, PPS), 1) + sender.packets(annex_b(b"\x61x"), 3001)
    assert [header(packet) for packet in packets] == [
        (128, 96, False, 65535, 0, 7),
        (128, 96, True, 0, 0, 7),
        (128, 96, True, 1, 3000, 7),
    ]


def test_a_report_ties_the_timestamp_to_the_clock_and_counts():
    sender = RtpSender(ssrc=7, sequence=0, timestamp=100)
    sender.packets(annex_b(b"\x65" + b"x" * 99), 0)
    report = sender.report(9000, 0.5)
    _, kind, words, ssrc, seconds, share, timestamp, packets, size = struct.unpack("!BBHIIIIII", report[:28])
    assert (kind, words, ssrc, timestamp, packets, size) == (200, 6, 7, 9100, 1, 100)
    assert (seconds, share) == (2_208_988_800, 2**31)
    assert len(report) % 4 == 0
    first, kind, words = struct.unpack("!BBH", report[28:32])
    assert (first, kind, words) == (0x81, 202, len(report[32:]) // 4)


def test_what_our_encoder_makes_is_decoded_after_the_journey():
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = (
        320,
        240,
        "yuv420p",
        Fraction(1, 90000),
    )
    encoder.options = {"tune": "zerolatency"}
    image = np.random.default_rng(1).integers(0, 255, (240, 320, 3), np.uint8)
    (packet,) = encoder.encode(av.VideoFrame.from_ndarray(image, format="bgr24"))
    decoder = av.CodecContext.create("h264", "r")
    (frame,) = decoder.decode(av.Packet(annex_b(*joined(payloads(bytes(packet)))))) or decoder.decode(None)
    assert (frame.width, frame.height) == (320, 240)
