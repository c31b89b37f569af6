"""Which track of a movie comes from which of its source."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streamdepth.proof.movie_facts import TrackFacts
from streamdepth.values import dataclass

_COMPARED = frozenset({"audio", "subtitle", "video", "attachment"})
"""What is data may be how a container stores its chapters."""


@dataclass(frozen=True)
class Pair:
    """A track of the source, and what the movie has of it."""

    source: TrackFacts
    movie: TrackFacts | None
    """None where it was left out."""

    @property
    def is_kept(self) -> bool:
        """Whether it is in the codec that it had: then its packets were copied."""
        return self.movie is not None and self.movie.codec == self.source.codec


_LIKENESS: tuple[Callable[[TrackFacts, TrackFacts], bool], ...] = (
    lambda one, other: one.sha256 == other.sha256,
    lambda one, other: (one.codec, one.language) == (other.codec, other.language),
    lambda one, other: one.language == other.language,
    lambda _one, _other: True,
)
"""How alike two tracks of a kind are, the surest sign first."""


def pairs_of(source: Sequence[TrackFacts], movie: Sequence[TrackFacts]) -> list[Pair]:
    """A pair for each track of the source, in its order."""
    wanted = [track for track in source if track.kind in _COMPARED]
    free = list(movie)
    found: dict[int, TrackFacts] = {}
    for is_like in _LIKENESS:
        for place, track in enumerate(wanted):
            if place in found:
                continue
            match = next((one for one in free if one.kind == track.kind and is_like(track, one)), None)
            if match is not None:
                found[place] = match
                free.remove(match)
    return [Pair(track, found.get(place)) for place, track in enumerate(wanted)]
