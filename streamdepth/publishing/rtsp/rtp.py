"""H.264 as RTP packets (RFC 6184), and the reports of their sender (RFC 3550)."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator

from streamdepth.ffmpeg.nal_units import PPS, SPS, kind_of, nal_units
from streamdepth.values import dataclass

PAYLOAD_TYPE = 96
"""The first that a session may give a meaning of its own (RFC 3551, section 6)."""
MOST_PAYLOAD = 1188
"""Bytes beside the header of 12: what a server passes on by UDP or WebRTC then fits as it is."""
FRAGMENT = 28
"""The kind of a unit that is sent in parts (RFC 6184, section 5.8)."""
SECONDS_1900_TO_1970 = 2_208_988_800


@dataclass(frozen=True)
class ParameterSets:
    """What a decoder must know before the first picture, and finds before each keyframe."""

    sps: bytes
    pps: bytes

    @classmethod
    def of(cls, keyframe: bytes) -> ParameterSets:
        """Those in front of a keyframe in Annex B; raises RuntimeError where it has none."""
        units = nal_units(keyframe)
        sps, pps = (next(unit for unit in units if kind_of(unit) == kind) for kind in (SPS, PPS))
        return cls(sps, pps)

    @property
    def profile(self) -> bytes:
        """Profile and level: what a decoder must be able to do."""
        return self.sps[1:4]

    @property
    def fmtp(self) -> str:
        """The format parameters of a session description (RFC 6184, section 8.1)."""
        sets = ",".join(base64.b64encode(unit).decode() for unit in (self.sps, self.pps))
        level = self.profile.hex().upper()
        return f"packetization-mode=1; sprop-parameter-sets={sets}; profile-level-id={level}"


def payloads(annex_b: bytes) -> list[bytes]:
    """One picture as the payloads of RTP packets, each at most `MOST_PAYLOAD` bytes."""
    return [payload for unit in nal_units(annex_b) for payload in _split(unit)]


def _split(unit: bytes) -> Iterator[bytes]:
    """A unit as it is, or in fragments of type FU-A (RFC 6184, section 5.8)."""
    if len(unit) <= MOST_PAYLOAD:
        yield unit
        return
    indicator, kind = unit[0] & 0xE0 | FRAGMENT, kind_of(unit)
    step = MOST_PAYLOAD - 2
    for at in range(1, len(unit), step):
        start, end = 0x80 * (at == 1), 0x40 * (at + step >= len(unit))
        yield bytes((indicator, start | end | kind)) + unit[at : at + step]


class RtpSender:
    """Numbers and counts the packets of one session; `first` are its random beginnings (RFC 3550, section 5.1)."""

    def __init__(self, *, ssrc: int, sequence: int, timestamp: int) -> None:
        self._ssrc = ssrc
        self._sequence = sequence
        self._origin = timestamp
        self._packets = 0
        self._sent_bytes = 0

    def packets(self, annex_b: bytes, pts: int) -> list[bytes]:
        """The RTP packets of one picture at `pts` ticks of 1/90000 s; the last bears the marker."""
        parts = payloads(annex_b)
        return [self._packet(part, pts, is_last=index == len(parts)) for index, part in enumerate(parts, 1)]

    def report(self, pts: int, wall_clock: float) -> bytes:
        """A sender report: `pts` was captured at `wall_clock`, in seconds since 1970 (RFC 3550, section 6.4.1)."""
        seconds, share = divmod(wall_clock + SECONDS_1900_TO_1970, 1)
        body = struct.pack(
            "!IIIIII",
            self._ssrc,
            int(seconds) & 0xFFFFFFFF,
            int(share * 2**32),
            self._timestamp(pts),
            self._packets & 0xFFFFFFFF,
            self._sent_bytes & 0xFFFFFFFF,
        )
        return struct.pack("!BBH", 0x80, 200, len(body) // 4) + body + self._name()

    def _name(self) -> bytes:
        """The description that goes with each report: a canonical name, padded to whole words (section 6.5)."""
        name = f"{self._ssrc:08x}".encode()
        items = struct.pack("!IBB", self._ssrc, 1, len(name)) + name
        items += bytes(4 - len(items) % 4)
        return struct.pack("!BBH", 0x81, 202, len(items) // 4) + items

    def _packet(self, payload: bytes, pts: int, *, is_last: bool) -> bytes:
        marked = 0x80 * is_last | PAYLOAD_TYPE
        header = struct.pack("!BBHII", 0x80, marked, self._sequence, self._timestamp(pts), self._ssrc)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._packets += 1
        self._sent_bytes += len(payload)
        return header + payload

    def _timestamp(self, pts: int) -> int:
        return (self._origin + pts) & 0xFFFFFFFF
