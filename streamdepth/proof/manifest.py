"""What a movie held when it was written, as JSON beside it: `depth.mp4.manifest.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import streamdepth
from streamdepth.errors import SourceError, SourceMissing
from streamdepth.files import manifest_path, write_whole
from streamdepth.proof.movie_facts import MovieFacts, Segment, TrackFacts, read_movie, read_tracks
from streamdepth.proof.pairs import Pair, pairs_of
from streamdepth.values import dataclass, field

FORM = 1
"""Goes up when what is written means something else."""


@dataclass(frozen=True)
class SourceFacts:
    """The file that a movie was made from."""

    name: str
    bytes: int
    picture_sha256: str
    """Of the packets of its picture."""


@dataclass(frozen=True)
class Manifest:
    """What is known of a movie that was made."""

    movie: MovieFacts
    source: SourceFacts | None = None
    """None where it was made from no file."""
    pairs: tuple[Pair, ...] = ()
    """What became of each track of the source."""
    made_with: Mapping[str, Any] = field(default_factory=dict)
    """Release, network, runtime and settings, as given."""

    @property
    def is_of_a_part(self) -> bool:
        """Whether not all of the source was wanted."""
        amount = self.made_with.get("settings", {}).get("amount", {})
        return any(value is not None for value in amount.values())


def make_manifest(movie: Path, source: Path | None, made_with: Mapping[str, Any]) -> Manifest:
    """Read a movie and the file that it was made from; raises SourceError where one of them cannot be read."""
    facts = read_movie(movie)
    about = {"streamdepth": streamdepth.__version__, **made_with}
    if source is None:
        return Manifest(facts, made_with=about)
    picture, others = read_tracks(source)
    origin = SourceFacts(source.name, source.stat().st_size, picture.sha256)
    return Manifest(facts, origin, tuple(pairs_of(others, facts.tracks)), about)


def write_manifest(movie: Path, manifest: Manifest) -> Path:
    """Write it beside its movie, where it appears whole; raises SinkError."""
    path = manifest_path(movie)
    data = {"form": FORM, **asdict(manifest)}
    write_whole(path, (json.dumps(data, indent=1, default=str) + "\n").encode())
    return path


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file; raises SourceMissing where there is none, SourceError where it is none."""
    try:
        return _from_json(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise SourceMissing(f"there is no manifest {path}", "--manifest writes one beside a movie") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{path} is not a manifest of a movie: {error}", "write the movie again") from error


def _from_json(data: dict[str, Any]) -> Manifest:
    if data["form"] != FORM:
        raise ValueError(f"it is of form {data['form']}, and this release reads {FORM}")
    movie = data["movie"]
    segments = tuple(
        Segment(one["first"], tuple((step, count) for step, count in one["steps"]), one["sha256"])
        for one in movie["segments"]
    )
    tracks = tuple(TrackFacts(**one) for one in movie["tracks"])
    facts = MovieFacts(
        **{**movie, "time_base": Fraction(movie["time_base"]), "segments": segments, "tracks": tracks}
    )
    source = None if data["source"] is None else SourceFacts(**data["source"])
    pairs = tuple(
        Pair(TrackFacts(**one["source"]), None if one["movie"] is None else TrackFacts(**one["movie"]))
        for one in data["pairs"]
    )
    return Manifest(facts, source, pairs, data["made_with"])
