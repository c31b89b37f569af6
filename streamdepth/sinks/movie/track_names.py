"""What a track says of itself: language, title, whether it is the usual one; and what of that a container takes."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from av.stream import Stream

_OF_THE_FILE = frozenset({
    "alpha_mode", "bps", "duration", "encoder", "encoder_options", "filename", "mimetype", "number_of_bytes",
    "number_of_frames", "rotate", "variant_bitrate", "vendor_id",
})  # fmt: skip
"""What describes how a track was stored in the file that is read."""


def keep_names(stream: Stream, copy: Stream, places: frozenset[str] | None) -> None:
    """Give a track of the movie what that of the recording says of itself, as far as it has `places` for it."""
    kept = {key: value for key, value in stream.metadata.items() if _is_kept(key, places)}
    copy.metadata.update(kept)
    if places is not None and (title := stream.metadata.get("title")):
        # Where players look for it in an MP4 file.
        copy.metadata["handler_name"] = title
    copy.disposition = stream.disposition


def _is_kept(key: str, places: frozenset[str] | None) -> bool:
    key = key.lower()
    if key in _OF_THE_FILE or key.startswith("_statistics") or key.partition("-")[0] in _OF_THE_FILE:
        return False
    return places is None or key in places


def lost_names(metadata: Mapping[str, str], places: frozenset[str] | None) -> list[str]:
    """The entries about a track that have no place."""
    return [key for key in metadata if _is_kept(key, None) and not _is_kept(key, places)]


def ticks_of(seconds: Fraction, stream: Stream) -> int:
    """Seconds in the time base of a stream."""
    return round(seconds / stream.time_base) if stream.time_base else 0
