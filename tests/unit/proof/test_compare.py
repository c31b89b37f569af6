"""What is missing or different, in words."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from streamdepth.proof.compare import Finding, by_itself, clock, is_the_source, with_manifest, with_source
from streamdepth.proof.manifest import Manifest, SourceFacts
from streamdepth.proof.movie_facts import MovieFacts, Segment, TrackFacts
from streamdepth.proof.pairs import Pair

AAC = TrackFacts("audio", "aac", "deu", 5, "b")
AC3 = TrackFacts("audio", "ac3", "eng", 5, "a")
FIRST, SECOND = Segment(0, ((40, 99),), "one"), Segment(4000, ((40, 9),), "two")
MOVIE = MovieFacts("h264", 64, 48, Fraction(1, 1000), (FIRST, SECOND), (AAC,))
SOURCE = [Fraction(n, 25) for n in range(110)]


def bad(findings) -> list[str]:
    return [finding.text for finding in findings if not finding.is_good]


def test_a_movie_that_is_as_it_was_written_is_good() -> None:
    assert list(with_manifest(MOVIE, Manifest(MOVIE))) == [
        Finding(True, "every frame and timestamp is as it was written"),
        Finding(True, "the other track is as it was written"),
    ]
    again = replace(MOVIE, time_base=Fraction(1, 2000), segments=tuple(_twice(one) for one in MOVIE.segments))
    assert bad(with_manifest(again, Manifest(MOVIE))) == []


def _twice(segment: Segment) -> Segment:
    return replace(
        segment, first=segment.first * 2, steps=tuple((2 * step, count) for step, count in segment.steps)
    )


def test_what_differs_is_named_by_its_place() -> None:
    other = replace(MOVIE, segments=(FIRST, replace(SECOND, sha256="other")), tracks=(), chapters=2)
    assert bad(with_manifest(other, Manifest(MOVIE))) == [
        "pictures of frames 100 to 109 (0:04.000 on) are not those that were written",
        "sound (aac, deu) is missing",
        "it has 2 chapters, and 0 were written",
    ]
    moved = replace(
        MOVIE, segments=(FIRST, replace(SECOND, first=4010)), tracks=(replace(AAC, packets=4), AC3)
    )
    assert bad(with_manifest(moved, Manifest(MOVIE))) == [
        "timestamps of frames 100 to 109 (0:04.000 on) differ",
        "sound (aac, deu) has 4 packets, and 5 others were written",
        "sound (ac3, eng) was not written",
    ]
    short = replace(MOVIE, segments=(FIRST,))
    assert bad(with_manifest(short, Manifest(MOVIE))) == ["it has 100 frames, and 110 were written"]


def test_by_itself_it_must_decode_and_go_forwards() -> None:
    assert list(by_itself(MOVIE)) == [Finding(True, "110 frames decode, 0:00.000 to 0:04.360")]
    single = replace(MOVIE, segments=(Segment(40, (), "one"),))
    assert list(by_itself(single)) == [Finding(True, "1 frame decodes, 0:00.040 to 0:00.040")]
    assert bad(by_itself(replace(MOVIE, damage="Invalid data"))) == [
        "it cannot be decoded behind frame 110 (0:04.360): Invalid data"
    ]
    back = replace(MOVIE, segments=(FIRST, replace(SECOND, first=3960)))
    assert bad(by_itself(back)) == ["1 timestamp does not rise, that at 0:03.960"]
    assert bad(by_itself(replace(MOVIE, segments=()))) == ["it holds no frame"]


def test_frames_of_the_source_are_found_at_their_times_to_a_tick() -> None:
    late = [time + Fraction(1, 3000) for time in SOURCE]
    assert bad(with_source(MOVIE, late, [], None)) == []
    assert bad(with_source(MOVIE, [*SOURCE, Fraction(5)], [], None)) == [
        "missing: 1 of 111 frames of the source, first 0:05.000"
    ]
    assert bad(with_source(MOVIE, SOURCE[:3] + SOURCE[4:], [], None)) == [
        "not of the source: 1 frame, first 0:00.120"
    ]


def test_a_track_that_was_left_out_is_missing_unless_the_manifest_says_so() -> None:
    pairs = [Pair(AC3, None), Pair(AAC, AAC)]
    assert bad(with_source(MOVIE, SOURCE, pairs, None)) == ["sound (ac3, eng) is missing"]
    manifest = Manifest(MOVIE, pairs=tuple(pairs))
    told = list(with_source(MOVIE, SOURCE, pairs, manifest))
    assert bad(told) == []
    assert told[1].text == "sound (ac3, eng) was left out, as the manifest says"


def test_of_a_part_the_frames_are_not_counted() -> None:
    part = Manifest(MOVIE, made_with={"settings": {"amount": {"frames": 110}}})
    assert bad(with_source(MOVIE, [], [], part)) == []


def test_another_source_is_told_by_its_picture() -> None:
    mine, other = SourceFacts("a.mp4", 5, "x"), SourceFacts("b.mp4", 5, "y")
    manifest = Manifest(MOVIE, mine)
    assert is_the_source(Manifest(MOVIE), mine) is None
    assert is_the_source(manifest, replace(mine, name="copy.mp4")) == Finding(
        True, "the picture of copy.mp4 is the one that it was made from"
    )
    found = is_the_source(manifest, other)
    assert found == Finding(False, "the picture of b.mp4 is not a.mp4, which it was made from")


def test_a_time_is_told_to_the_thousandth() -> None:
    assert clock(Fraction(372_200, 1000)) == "6:12.200"
