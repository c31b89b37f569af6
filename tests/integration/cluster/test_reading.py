"""A worker begins in the middle of a film as if it had read all before."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from squares import COUNT, film_of_squares

from streamdepth.cluster.kept import Joint
from streamdepth.cluster.reading import opened_after, opened_behind
from streamdepth.cluster.tasks import Piece
from streamdepth.errors import SourceError
from streamdepth.frames import LeftOff
from streamdepth.pixels import sum_of
from streamdepth.reporting.events import ignore
from streamdepth.run.inputs import open_input
from streamdepth.run.spec import AmountSpec, InputSpec, OutputSpec, RunSpec


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_of_squares(tmp_path_factory.mktemp("made") / "source.mp4", sound=False)


def all_of(source: object) -> list[tuple[int, Fraction, int]]:
    frames = iter(source.read, None)
    return [(frame.index, frame.pts, sum_of(frame.picture)) for frame in frames]


@pytest.mark.parametrize("amount", [AmountSpec(), AmountSpec(start=Fraction(1))])
def test_it_gives_what_follows_a_picture_wherever_that_is(made: Path, amount: AmountSpec) -> None:
    spec = RunSpec(InputSpec(input=str(made)), output=OutputSpec(output=Path("film.mp4")), amount=amount)
    source = open_input(spec, ignore)
    places = source.places(1)
    whole = all_of(source)
    source.close()
    assert places == [pts for _, pts, _ in whole]
    assert len(whole) in (COUNT, COUNT - 5)
    for at in (3, 55, len(whole) - 2):
        index, pts, total = whole[at]
        for from_start in (False, True):
            piece = Piece(1, pts, None, whole[0][1], index + 1, from_start)
            with opened_after(spec, piece) as part:
                assert part.before == Joint(pts, total)
                assert [(pts, total) for _, pts, total in all_of(part)] == [
                    row[1:] for row in whole[at + 1 :]
                ]
        with opened_behind(spec, LeftOff(index, pts, total, at + 1, whole[0][1])) as part:
            assert all_of(part) == whole[at + 1 :]
        other = LeftOff(index, pts, total + 1, at + 1, whole[0][1])
        with pytest.raises(SourceError, match="changed while it was read"), opened_behind(spec, other):
            pass
