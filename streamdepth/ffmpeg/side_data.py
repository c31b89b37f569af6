"""What FFmpeg attaches to a decoded frame beside its pixels."""

from __future__ import annotations

from typing import Any, cast

from av.sidedata.sidedata import SideDataContainer, Type
from av.video.frame import VideoFrame

_container_of: Any = SideDataContainer
"""PyAV's own types do not say what it is made of."""


def display_matrix(frame: VideoFrame) -> bytes | None:
    """The nine int32 that say how the frame is to be laid; None where it says nothing."""
    return side_data_of(frame, "DISPLAYMATRIX")


def side_data_of(frame: VideoFrame, kind: str) -> bytes | None:
    """What is attached under a name of `av.sidedata.sidedata.Type`; None where nothing is.

    Not by `frame.side_data`, to which the frame would refer as well: it would stay until Python looks for circles.
    """
    data = _container_of(frame).get(kind)
    return None if data is None else bytes(data)


def _unknown(kinds: type[Type], number: object) -> Type:
    kind: Any = object.__new__(kinds)
    kind._name_, kind._value_ = f"UNKNOWN_{number}", number
    return cast(Type, kind)


def _accept_unknown_kinds() -> None:
    """Let PyAV meet kinds of side data that are newer than its list.

    FFmpeg 8.1 attaches Exif (31) to frames, the list of PyAV 18.1 ends at 27, and one unknown kind is enough for it
    to hand out none of a frame's side data. Numbers that it knows are not touched.
    """
    Type._missing_ = classmethod(_unknown)  # type: ignore[method-assign, assignment]  # of an enum, on purpose


_accept_unknown_kinds()
