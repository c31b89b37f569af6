"""Endings of films."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import urlsplit

from streamdepth.addresses import read_address

FILM_SUFFIXES = frozenset(
    (
        *(".3g2", ".3gp", ".asf", ".avi", ".divx", ".dv", ".f4v", ".flv", ".h264", ".h265", ".hevc", ".ivf"),
        *(
            ".m1v",
            ".m2t",
            ".m2ts",
            ".m2v",
            ".m4v",
            ".mj2",
            ".mjpeg",
            ".mjpg",
            ".mkv",
            ".mov",
            ".mp4",
            ".mpeg",
        ),
        *(".mpg", ".mts", ".mxf", ".nut", ".ogm", ".ogv", ".rm", ".rmvb", ".ts", ".vob", ".webm", ".wmv"),
        ".y4m",
    )
)
"""In small letters: what a folder is searched for. A file that is named is read whatever its ending."""
_SENT_LIVE = frozenset((".flv", ".mjpeg", ".mjpg", ".ts"))
"""Of addresses of cameras, too."""


def names_film(address: str) -> bool:
    """Whether an address of the web ends as a film does; one that does not may be a film all the same."""
    parts = read_address(address)
    if parts is None or parts.scheme not in ("http", "https"):
        return False
    return PurePosixPath(urlsplit(parts.rest).path).suffix.lower() in FILM_SUFFIXES - _SENT_LIVE


def may_be_flv(address: str) -> bool:
    """Whether FLV lies at an address: RTMP carries nothing else, and cameras send `/flv?...` or `NAME.flv` by HTTP."""
    parts = read_address(address)
    if parts is None or parts.scheme not in ("http", "https"):
        return parts is not None and parts.scheme.startswith("rtmp")
    last = PurePosixPath(urlsplit(parts.rest).path).name.lower()
    return last == "flv" or last.endswith(".flv")
