"""What a film says of itself beside its tracks: title, date and place, chapters."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from av.container import InputContainer, OutputContainer

from streamdepth.ffmpeg.containers import chapters_of
from streamdepth.sinks.movie import timecode

OF_THE_FILE = frozenset({
    "major_brand", "minor_version", "compatible_brands", "encoder", "software", "duration",
    # of MXF
    "application_platform", "company_name", "file_package_umid", "generation_uid", "material_package_umid",
    "modification_date", "operational_pattern_ul", "product_name", "product_uid", "product_version",
    "product_version_num", "reel_umid", "toolkit_version_num", "uid",
})  # fmt: skip
"""What describes the file that is read, and not the film."""
_IN_PLACES_OF_THEIR_OWN = OF_THE_FILE | timecode.NAMES
_OTHER_NAMES = {
    "com.apple.quicktime.creationdate": "date",
    "com.apple.quicktime.location.iso6709": "location",
    "com.apple.quicktime.title": "title",
    "com.apple.quicktime.description": "description",
    "com.apple.quicktime.comment": "comment",
    "date_recorded": "date",
    "date_released": "date",
}
"""Of phones and of Matroska, by the names that MP4 has."""


def kept_facts(metadata: Mapping[str, str], places: frozenset[str] | None) -> dict[str, str]:
    """The entries of a film that are as true of its depth and have a place; where `places` is None, any has."""
    entries = {_spelled(key): value for key, value in metadata.items() if value}
    renamed = {
        _OTHER_NAMES[key.lower()]: value for key, value in entries.items() if key.lower() in _OTHER_NAMES
    }
    kept = {key: value for key, value in entries.items() if key.lower() not in _IN_PLACES_OF_THEIR_OWN}
    if places is None:
        return renamed | kept
    return {key: value for key, value in (renamed | kept).items() if key in places}


def _spelled(name: str) -> str:
    """As players look for it: `com.apple.quicktime.location.ISO6709` as it is, but not as Matroska spells it."""
    return name if "." in name and not name.isupper() else name.lower()


def lost_facts(metadata: Mapping[str, str], places: frozenset[str] | None) -> list[str]:
    """Names of entries that have no place, as the film has them."""
    if places is None:
        return []
    known = places | _IN_PLACES_OF_THEIR_OWN | set(_OTHER_NAMES)
    return [key for key, value in metadata.items() if value and key.lower() not in known]


def copy_chapters(
    film: InputContainer, movie: OutputContainer, start: Fraction, end: Fraction | None
) -> None:
    """Give `movie`, whose trailer must not be written yet, the chapters that begin before `end` seconds (None: all).

    They come `start` seconds earlier, as all of the film does.
    """
    moved = (_moved(chapter, start, end) for chapter in chapters_of(film))
    chapters: list[Any] = [chapter for chapter in moved if chapter is not None]
    if chapters:
        movie.set_chapters(chapters)


def _moved(chapter: Mapping[str, Any], start: Fraction, end: Fraction | None) -> Mapping[str, Any] | None:
    base = chapter["time_base"]
    begins, ends = (max(Fraction(0), chapter[key] * base - start) for key in ("start", "end"))
    if end is not None:
        ends = min(ends, end)
    if begins >= ends:
        return None
    return {**chapter, "start": round(begins / base), "end": round(ends / base)}
