"""The numbers that elements of Matroska begin with (EBML, RFC 8794)."""

from __future__ import annotations

EBML = b"\x1a\x45\xdf\xa3"
SEGMENT, CLUSTER = b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75"


def vint_bytes(data: bytes, at: int) -> int:
    """Length of the variable-size integer at `at`, 0 where there is none."""
    return 9 - data[at].bit_length() if at < len(data) and data[at] else 0


def vint(data: bytes) -> int:
    """Value of a data size; 0 where it is unknown (all ones)."""
    bits = 7 * len(data)
    value = int.from_bytes(data, "big") & ((1 << bits) - 1)
    return 0 if value == (1 << bits) - 1 else value
