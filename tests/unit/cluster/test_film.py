"""What the driver of a cluster decides, with workers that only answer."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from streamdepth.cluster import kept
from streamdepth.cluster.errors import ClusterError
from streamdepth.cluster.film import Division, Workplace, divide, make_folder
from streamdepth.cluster.handed import Handed
from streamdepth.cluster.kept import Joint, KeptPiece
from streamdepth.cluster.tasks import Answer, Film, Infer, Machine
from streamdepth.cluster.work import carry_out, this_machine
from streamdepth.errors import SinkError
from streamdepth.files import write_whole
from streamdepth.frames import SourceInfo
from streamdepth.rendering.shots import LastShown
from streamdepth.rendering.stream import Glance
from streamdepth.resuming.frozen import to_bytes
from streamdepth.run.spec import AmountSpec, NetworkSpec, RunSpec

INFO = SourceInfo(64, 48, Fraction(25), False, 5.0, frame_count=100)
PLACES = tuple(Fraction(number) for number in range(1, 6))


@pytest.fixture
def film(tmp_path):
    folder = tmp_path / "film.mp4.cluster"
    mark = make_folder(folder, {"a": "1"}, anew=False, notify=pytest.fail)
    return Film(RunSpec(network=NetworkSpec(engine="onnxruntime", threads=1)), folder, mark)


class Workers:
    """Answers each task at once, on a machine of their own."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    def run(self, tasks, done, must_stop):
        for task in tasks:
            self.asked.append(task.wanted)
            done(task, self.answer(task))


def place(film, answer, said):
    hands = Handed(film, said.append, lambda: False, is_new=True)
    return Workplace(film, Workers(answer), hands, said.append, lambda: False)


def test_pieces_lie_end_to_end():
    pieces = Division(INFO, Fraction(0), PLACES[:2]).pieces(10)
    assert [(piece.after, piece.until, piece.index) for piece in pieces] == [
        (None, 1, 0),
        (1, 2, 10),
        (2, None, 20),
    ]


class Source:
    info = INFO

    def read(self):
        class Frame:
            pts = Fraction(0)

        return Frame

    def places(self, every):
        return PLACES

    def arrive_at(self, place, first, index):
        return None


@pytest.mark.parametrize(
    ("amount", "count"),
    [
        (AmountSpec(), 5),
        (AmountSpec(duration=Fraction(3)), 2),
        (AmountSpec(frames=25), 3),
        (AmountSpec(frames=5), 1),
    ],
)
def test_no_more_is_inferred_than_is_wanted_and_a_piece(amount, count):
    assert len(divide(Source(), RunSpec(amount=amount), 10).places) == count


def test_what_has_no_places_is_not_divided():
    assert divide(object.__new__(type("Still", (), {"info": INFO})), RunSpec(), 10) is None


def test_the_folder_is_used_again_under_the_same_conditions_alone(film):
    said = []
    (film.folder / "piece").write_text("kept")
    assert make_folder(film.folder, {"a": "1"}, anew=False, notify=said.append) == film.mark
    assert "is used again" in said[0]
    assert make_folder(film.folder, {"a": "2"}, anew=False, notify=pytest.fail) != film.mark
    assert not (film.folder / "piece").exists()
    for mark in ("", "..", "no mark"):
        (film.folder / "mark").write_text(mark)
        assert len(make_folder(film.folder, {"a": "2"}, anew=False, notify=pytest.fail)) == 32
    (film.folder / "mark").unlink()
    assert len(make_folder(film.folder, {"a": "2"}, anew=False, notify=pytest.fail)) == 32
    with pytest.raises(SinkError, match="cannot be made"):
        make_folder(film.folder / "no" / "such", {}, anew=False, notify=pytest.fail)


def test_what_is_in_the_way_of_the_folder_is_one_sentence(tmp_path):
    place = tmp_path / "film.mp4.cluster"
    place.write_text("mine")
    with pytest.raises(SinkError, match="is in the way"):
        make_folder(place, {}, anew=False, notify=pytest.fail)
    assert place.read_text() == "mine"
    place.unlink()
    place.mkdir()
    (place / "notes.txt").write_text("mine")
    with pytest.raises(SinkError, match="is in the way"):
        make_folder(place, {}, anew=True, notify=pytest.fail)
    assert (place / "notes.txt").read_text() == "mine"


def test_who_does_not_see_the_folder_says_so_with_its_name(film, tmp_path):
    elsewhere = replace(film, folder=tmp_path / "elsewhere")
    said = []
    with pytest.raises(ClusterError, match=r"does not see .*elsewhere \(input, output and --model must lie"):
        place(elsewhere, carry_out, said).greet()
    place(film, carry_out, said).greet()
    assert said == []


def test_a_machine_of_another_kind_is_told_once(film):
    own = this_machine(film).conditions
    other = Machine("there", {**own, "the instruction set": "z80", "the number of processors": "99"})
    said = []
    at = place(film, lambda _task: Answer(other), said)
    at.greet()
    at.greet()
    (line,) = said
    assert line.startswith("there differs from this machine (the instruction set was ")
    assert "is z80): the film will not be identical" in line


def keep(film, number, first, last, before):
    """A piece of two pictures with those sums, and what it saw before it."""
    luma = np.zeros((2, 2), np.uint8)
    glances = tuple(Glance(LastShown(luma, Fraction(2 * number + offset)), luma) for offset in (0, 1))
    write_whole(kept.piece_path(film.folder, number), to_bytes(KeptPiece(glances, (first, last), before)))


def test_pieces_that_do_not_meet_are_read_from_the_start(film):
    pieces = Division(INFO, Fraction(0), PLACES[:1]).pieces(2)

    def answer(task):
        assert isinstance(task.wanted, Infer)
        piece = task.wanted.piece
        seen = 2 if piece.from_start or not piece.number else 7
        keep(
            film,
            piece.number,
            10 * piece.number + 1,
            10 * piece.number + 2,
            Joint(Fraction(1), seen) if piece.number else None,
        )
        return Answer(this_machine(film), 2)

    said, done = [], []
    at = place(film, answer, said)
    at.infer(pieces, done.append)
    assert [piece.piece.from_start for piece in at._executor.asked] == [False, False, True]
    assert said == ["piece 2 cannot be read exactly from its middle: it is read from the start"]
    assert done == [2, 2]
    at.infer(pieces, done.append)
    assert len(at._executor.asked) == 3
    assert done == [2, 2, 2, 2]


def test_a_film_whose_pieces_never_meet_is_refused(film):
    def answer(task):
        keep(
            film, task.wanted.piece.number, 1, 2, Joint(Fraction(1), 7) if task.wanted.piece.number else None
        )
        return Answer(this_machine(film), 2)

    with pytest.raises(SinkError, match=r"cannot be divided exactly \(render it without --cluster"):
        place(film, answer, []).infer(Division(INFO, Fraction(0), PLACES[:1]).pieces(2), lambda _count: None)
    assert Path(film.folder).is_dir()
