"""What of a recording does not get into the movie, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from av.stream import Disposition, Stream

_IN_PICTURES = frozenset({"dvb_subtitle", "dvd_subtitle", "hdmv_pgs_subtitle", "xsub"})


def left_out_warnings(container: str, streams: Iterable[Stream]) -> list[str]:
    """One sentence about tracks that have no place in a container of that name; none where there are none."""
    kinds = Counter(map(_kind, streams))
    if not kinds:
        return []
    return [f"{container} has no place for all tracks; left out: " + ", ".join(map(_counted, kinds.items()))]


def _kind(stream: Stream) -> str:
    codec = stream.codec_context.codec.canonical_name if stream.codec_context is not None else "unknown"
    if stream.type == "subtitle":
        return f"subtitle track{' in pictures' if codec in _IN_PICTURES else ''} ({codec})"
    if stream.type == "audio":
        return "sound track in an unknown format"
    if stream.type == "video":
        is_still = stream.frames == 1  # as beside an animation; 0 where the container does not say
        further = f"still picture ({codec})" if is_still else f"further video ({codec})"
        return "cover picture" if stream.disposition & Disposition.attached_pic else further
    return {"attachment": "attachment"}.get(stream.type, "data track")


def _counted(item: tuple[str, int]) -> str:
    kind, count = item
    if count == 1:
        return f"a {kind}" if not kind.startswith("a") else f"an {kind}"
    first, *rest = kind.split(" (", 1)
    many = first.replace("track", "tracks") if "track" in first else f"{first}s"
    return f"{count} {' ('.join([many, *rest])}"
