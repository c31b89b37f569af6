"""Which track comes from which."""

from __future__ import annotations

from streamdepth.proof.movie_facts import TrackFacts
from streamdepth.proof.pairs import Pair, pairs_of

AC3 = TrackFacts("audio", "ac3", "eng", 5, "a")
AAC = TrackFacts("audio", "aac", "deu", 5, "b")
ANEW = TrackFacts("audio", "aac", "eng", 9, "c")
TEXT = TrackFacts("subtitle", "subrip", "eng", 3, "d")


def test_the_surest_sign_pairs_first() -> None:
    pairs = pairs_of([AC3, AAC, TEXT], [ANEW, AAC])
    assert pairs == [Pair(AC3, ANEW), Pair(AAC, AAC), Pair(TEXT, None)]
    assert [pair.is_kept for pair in pairs] == [False, True, False]


def test_how_a_container_stores_its_chapters_is_no_track() -> None:
    assert pairs_of([TrackFacts("data", "bin_data")], []) == []


def test_each_track_is_taken_once() -> None:
    assert pairs_of([AAC, AAC], [AAC]) == [Pair(AAC, AAC), Pair(AAC, None)]
