"""What of a movie is missing or other than it should be, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from streamdepth.counted import counted
from streamdepth.proof.manifest import Manifest, SourceFacts
from streamdepth.proof.movie_facts import MovieFacts, Segment, TrackFacts
from streamdepth.proof.pairs import Pair
from streamdepth.values import dataclass


@dataclass(frozen=True)
class Finding:
    """A sentence about one thing that was looked at."""

    is_good: bool
    text: str
    is_note: bool = False
    """Whether it says what could not be looked at."""

    @property
    def word(self) -> str:
        """How it is, in one word."""
        if self.is_note:
            return "note"
        return "ok" if self.is_good else "differs"


def by_itself(movie: MovieFacts) -> Iterator[Finding]:
    """What a movie shows without anything to compare it with."""
    times = list(movie.times)
    if movie.damage:
        end = f"behind frame {len(times)}" + (f" ({clock(times[-1])})" if times else "")
        yield Finding(False, f"it cannot be decoded {end}: {movie.damage}")
    elif not times:
        yield Finding(False, "it holds no frame")
    else:
        decode = _in_number(len(times), "1 frame decodes", "{} frames decode")
        yield Finding(True, f"{decode}, {clock(times[0])} to {clock(times[-1])}")
    if movie.damaged:
        yield Finding(False, f"{counted(movie.damaged, 'frame')} cannot be decoded whole")
    back = [after for before, after in pairwise(times) if after <= before]
    if back:
        not_rising = _in_number(
            len(back), "1 timestamp does not rise, that", "{} timestamps do not rise, the first"
        )
        yield Finding(False, f"{not_rising} at {clock(back[0])}")


def _in_number(count: int, one: str, several: str) -> str:
    """`one` for one, else `several` with the count in it."""
    return one if count == 1 else several.format(count)


def with_manifest(movie: MovieFacts, manifest: Manifest) -> Iterator[Finding]:
    """What is other than when it was written."""
    written = manifest.movie
    if movie.frames != written.frames:
        yield Finding(False, f"it has {movie.frames} frames, and {written.frames} were written")
    wrong = list(_other_segments(movie, written))
    yield from wrong
    if not wrong and movie.frames == written.frames:
        yield Finding(True, "every frame and timestamp is as it was written")
    yield from _other_tracks(movie.tracks, written.tracks)
    if movie.chapters != written.chapters:
        yield Finding(False, f"it has {movie.chapters} chapters, and {written.chapters} were written")


def with_source(
    movie: MovieFacts, times: Sequence[Fraction], pairs: Sequence[Pair], manifest: Manifest | None
) -> Iterator[Finding]:
    """What the source has that the movie has not; `times` are those of the source's frames in seconds.

    What the manifest says was left out or encoded anew is as it should be.
    """
    if manifest is not None and manifest.is_of_a_part:
        yield Finding(True, "only a part of the source was wanted: its frames are not counted", is_note=True)
    else:
        yield from _other_times(list(movie.times), list(times), movie.time_base)
    known = {pair.source for pair in manifest.pairs if pair.movie is None} if manifest is not None else set()
    for pair in pairs:
        if pair.movie is None:
            is_known = pair.source in known
            why = "was left out, as the manifest says" if is_known else "is missing"
            yield Finding(is_known, f"{pair.source.words} {why}")
        elif pair.is_kept:
            how = (
                "is kept" if pair.source.sha256 == pair.movie.sha256 else "is kept, its packets wrapped anew"
            )
            yield Finding(True, f"{pair.source.words} {how}")
        else:
            yield Finding(True, f"{pair.source.words} was encoded anew: {pair.movie.words}")


def is_the_source(manifest: Manifest, found: SourceFacts) -> Finding | None:
    """Whether a file is the one that the movie was made from; None where the manifest names none."""
    if manifest.source is None:
        return None
    is_same = manifest.source.picture_sha256 == found.picture_sha256
    words = (
        "is the one that it was made from"
        if is_same
        else f"is not {manifest.source.name}, which it was made from"
    )
    return Finding(is_same, f"the picture of {found.name} {words}")


def clock(seconds: Fraction) -> str:
    """`0:03.200`: minutes, seconds, thousandths."""
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}:{float(rest):06.3f}"


def _other_segments(movie: MovieFacts, written: MovieFacts) -> Iterator[Finding]:
    first = 0
    for mine, theirs in zip(movie.segments, written.segments, strict=False):
        last = first + theirs.frames - 1
        place = f"frames {first} to {last} ({clock(theirs.first * written.time_base)} on)"
        if not _same_times(mine, theirs, movie.time_base / written.time_base):
            yield Finding(False, f"timestamps of {place} differ")
        if mine.sha256 != theirs.sha256:
            yield Finding(False, f"pictures of {place} are not those that were written")
        first = last + 1


def _same_times(mine: Segment, theirs: Segment, ratio: Fraction) -> bool:
    return [time * ratio for time in mine.times] == list(theirs.times)


def _other_tracks(mine: Sequence[TrackFacts], written: Sequence[TrackFacts]) -> Iterator[Finding]:
    left = list(mine)
    for track in written:
        same = next((one for one in left if one == track), None)
        if same is not None:
            left.remove(same)
            continue
        like = next((one for one in left if (one.kind, one.codec) == (track.kind, track.codec)), None)
        if like is None:
            yield Finding(False, f"{track.words} is missing")
            continue
        left.remove(like)
        yield Finding(
            False, f"{track.words} has {like.packets} packets, and {track.packets} others were written"
        )
    if mine and not left and all(track in mine for track in written):
        several = "{} other tracks are as they were written"
        yield Finding(True, _in_number(len(written), "the other track is as it was written", several))
    yield from (Finding(False, f"{track.words} was not written") for track in left)


def _other_times(mine: Sequence[Fraction], source: Sequence[Fraction], tick: Fraction) -> Iterator[Finding]:
    """Frames of one that the other has not, their times being apart by less than a tick of the movie."""
    missing, own = [], []
    m = s = 0
    while m < len(mine) and s < len(source):
        if abs(mine[m] - source[s]) < tick:
            m, s = m + 1, s + 1
        elif mine[m] < source[s]:
            own.append(mine[m])
            m += 1
        else:
            missing.append(source[s])
            s += 1
    missing += source[s:]
    own += mine[m:]
    if missing:
        yield Finding(
            False,
            f"missing: {len(missing)} of {counted(len(source), 'frame')} of the source, first {clock(missing[0])}",
        )
    if own:
        yield Finding(False, f"not of the source: {counted(len(own), 'frame')}, first {clock(own[0])}")
    if not missing and not own:
        one = "the only frame of the source is there at its timestamp"
        several = "all {} frames of the source are there at their timestamps"
        yield Finding(True, _in_number(len(source), one, several))
