"""What a track says of itself: language, title, what it is for; and what of that a container takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from av.stream import Disposition, Stream

from streamdepth.sinks.movie.containers import Container
from streamdepth.sinks.movie.film_facts import OF_THE_FILE
from streamdepth.sinks.movie.timecode import NAMES as OF_TIMECODE

_OF_THE_FILE = OF_THE_FILE | OF_TIMECODE | frozenset({
    "alpha_mode", "bps", "encoder_options", "filename", "mimetype", "number_of_bytes",
    "number_of_frames", "rotate", "stereo_mode", "variant_bitrate", "vendor_id",
})  # fmt: skip
"""What describes how a track was stored in the file that is read, or is kept for the picture of the film."""
_USES = {
    Disposition.forced: "forced",
    Disposition.comment: "comment",
    Disposition.hearing_impaired: "for the deaf",
    Disposition.visual_impaired: "for the blind",
}


def keep_names(stream: Stream, copy: Stream, container: Container) -> None:
    """Give a track of the movie what that of the recording says of itself, as far as there is a place for it."""
    kept = {key: value for key, value in stream.metadata.items() if _is_kept(key, container)}
    if language := kept.pop("language", None):
        kept |= {"language": name} if (name := container.language(language)) else {}
    copy.metadata.update(kept)
    if container.track_entries is not None and (title := stream.metadata.get("title")):
        # Where players look for it in an MP4 file.
        copy.metadata["handler_name"] = title
    copy.disposition = stream.disposition


def lost_names(streams: Iterable[Stream], container: Container) -> list[str]:
    """In words and in order what these tracks say of themselves that has no place."""
    return sorted({word for stream in streams for word in _lost(stream, container)})


def _lost(stream: Stream, container: Container) -> Iterator[str]:
    for key, value in stream.metadata.items():
        if key == "language" and value != "und" and container.language(value) is None:
            yield f"language {value}"
        elif not _is_of_the_file(key) and not _is_kept(key, container):
            yield key.lower()
    if not container.keeps_uses:
        yield from (word for use, word in _USES.items() if stream.disposition & use)


def _is_kept(key: str, container: Container) -> bool:
    places = container.track_entries
    return not _is_of_the_file(key) and (places is None or key.lower() in places)


def _is_of_the_file(key: str) -> bool:
    key = key.lower()
    return key.startswith("_statistics") or bool({key, key.partition("-")[0]} & _OF_THE_FILE)


def ticks_of(seconds: Fraction, stream: Stream) -> int:
    """Seconds in the time base of a stream."""
    return round(seconds / stream.time_base) if stream.time_base else 0
