"""What the command gives to a store and takes from it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from executors import Here

from streamdepth.addresses import redact
from streamdepth.cluster.handed import Handed, handed, left_in, place_in, take_away, with_needed
from streamdepth.cluster.kept import MARK, leaves, maps_path, needs, piece_path
from streamdepth.cluster.store import Store, StoreError
from streamdepth.cluster.tasks import Answer, Draw, Film, Greet, Infer, Machine, MapsAt, Piece, Task
from streamdepth.errors import SourceError, StopRequested
from streamdepth.frames import LeftOff
from streamdepth.run.spec import InputSpec, PictureSpec, RunSpec

pytest.importorskip("fsspec", reason="fsspec comes with the extra [s3]")
MARKED = "0123456789abcdef" * 2


@pytest.fixture
def film(tmp_path: Path) -> Iterator[Film]:
    folder = tmp_path / "film.mp4.cluster"
    folder.mkdir()
    (folder / MARK).write_text(MARKED)
    (tmp_path / "source.mp4").write_bytes(b"a film" * 500_000)
    (tmp_path / "cuts.txt").write_bytes(b"1.0")
    spec = RunSpec(
        InputSpec(input=str(tmp_path / "source.mp4")), picture=PictureSpec(scenes=tmp_path / "cuts.txt")
    )
    root = place_in(f"memory://{tmp_path.name}/", MARKED)
    assert root == f"memory://{tmp_path.name}/{MARKED}"
    yield with_needed(Film(spec, folder, MARKED, None, root), lambda: False)
    Store(root).remove()


def piece_of(film: Film) -> Infer:
    return Infer(film, Piece(0, None, None, Fraction(0), 0))


def put_piece(film: Film) -> None:
    """As a worker does."""
    for path in (maps_path, piece_path):
        file = path(film.folder, 0)
        file.write_bytes(path.__name__.encode())
        Store(str(film.store)).hand_on(file, file.name)
        file.unlink()


def test_which_files_a_task_reads_and_writes(film: Film) -> None:
    maps = (MapsAt(maps_path(film.folder, 1), 250), MapsAt(maps_path(film.folder, 2), 500))
    first = Draw(film, 0, 250, None, None, maps[:1], 800, 1)
    later = replace(first, number=2, left_off=LeftOff(499, Fraction(20), 0, 500, Fraction(0)), maps=maps)
    assert (needs(first), leaves(first)) == (["maps-000001.spool"], ["segment-000000.packets"])
    assert needs(later) == ["maps-000001.spool", "maps-000002.spool", "state-000001.npz"]
    assert (needs(piece_of(film)), leaves(piece_of(film))) == ([], ["maps-000000.spool", "piece-000000.npz"])
    assert needs(Greet(film)) == leaves(Greet(film)) == []


def test_what_is_given_is_there_and_what_was_left_comes_and_at_the_end_nothing_stays(film: Film) -> None:
    said: list[str] = []
    store = Store(str(film.store))
    with handed(film, Here(), said.append, lambda: False) as hands:
        assert left_in(film.folder) == film.store
        hands.give(Greet(film))
        assert store.facts(MARK) is not None
        assert not hands.has_left(piece_of(film))
        put_piece(film)
        hands.take(piece_of(film))
        assert piece_path(film.folder, 0).read_text() == "piece_path"
    assert (store.facts(MARK), left_in(film.folder), len(said)) == (None, None, 1)


def test_what_takes_it_away_is_said_before_anything_lies_there(film: Film) -> None:
    """Who kills the command, or asks twice that it end, gets no word any more."""
    said: list[tuple[str, bool]] = []
    store = Store(str(film.store))

    def notify(line: str) -> None:
        said.append((line, store.facts(MARK) is not None))

    def run() -> None:
        with handed(film, Here(), notify, lambda: False) as hands:
            hands.give(Greet(film))
            raise StopRequested

    with pytest.raises(StopRequested):
        run()
    ((line, is_there),) = said
    place = store.name.removesuffix(f"/{MARKED}")
    assert line.startswith(
        f"what workers hand on lies in {place}, folder {MARKED}; it is taken away at the end"
    )
    assert MARKED in redact(line)  # as the log shows it: who takes it away himself knows by it which folder
    assert line.endswith("or by the same command should this one be killed")
    assert not is_there
    assert store.facts(MARK) is None


def test_what_an_earlier_run_left_in_the_store_is_taken(film: Film) -> None:
    hands = Handed(film, lambda _line: None, lambda: False, is_new=False)
    assert not hands.has_left(piece_of(film))
    put_piece(film)
    assert hands.has_left(piece_of(film))
    assert maps_path(film.folder, 0).read_text() == "maps_path"


def test_a_file_that_machines_lack_is_put_there_once_and_told_with_its_size(film: Film) -> None:
    said: list[str] = []
    hands = Handed(film, said.append, lambda: False, is_new=True)
    lacking = [Answer(Machine(name), lacks=film.needed[0]) for name in ("one", "other")]
    hands.bring(lacking)
    (line,) = said
    assert line.endswith("source.mp4: it is put into the store (3.0 MB)")
    assert Store(str(film.store)).facts("input-source.mp4") == film.needed[0].facts
    with pytest.raises(StoreError, match=r"other does not find input-source\.mp4"):
        hands.bring(lacking)


def test_without_a_store_there_is_nothing_to_do(film: Film) -> None:
    shared = replace(film, store=None, needed=())
    assert with_needed(shared, lambda: False) is shared
    with handed(shared, Here(), lambda _line: None, lambda: False) as hands:
        hands.give(piece_of(shared))
        hands.take(piece_of(shared))
        assert not hands.has_left(piece_of(shared))
    assert left_in(film.folder) is None


class Silent(Here):
    """Machines that do not answer."""

    def everywhere(self, task: Task) -> bool:
        return False


def test_what_cannot_be_taken_away_is_told(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def refuse(_store: Store) -> None:
        raise StoreError("the store is gone")

    with monkeypatch.context() as patch, handed(film, Silent(), said.append, lambda: False) as hands:
        patch.setattr(Store, "remove", refuse)
        hands.give(Greet(film))
    assert said[1:] == [
        "a machine may have kept files that it fetched; its next run removes them",
        "what was put into the store is still there: the store is gone",
    ]
    assert left_in(film.folder) == film.store
    take_away(film.folder, str(film.store), said.append)
    assert left_in(film.folder) is None


def test_where_nothing_could_be_put_nothing_is_left_to_be_told(
    film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def refuse(_store: Store, *_: object) -> None:
        raise StoreError("nobody answers")

    monkeypatch.setattr(Store, "hand_on", refuse)
    with pytest.raises(StoreError), handed(film, Silent(), said.append, lambda: False) as hands:
        hands.give(Greet(film))
    assert (said[1:], left_in(film.folder)) == ([], None)


def test_a_source_that_cannot_be_read_is_told(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("streamdepth.cluster.store._facts", lambda path, *_: refuse(path))
    with pytest.raises(SourceError, match=r"source\.mp4 cannot be read: Permission denied"):
        with_needed(film, lambda: False)


def test_a_film_that_is_read_for_minutes_is_left_once_it_is_to_stop(
    film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()
    monkeypatch.setattr("streamdepth.cluster.handed.facts_of", lambda _path: goes_on.wait(30))
    with pytest.raises(StopRequested):
        with_needed(film, lambda: True)
    goes_on.set()


@pytest.mark.parametrize("address", ["memory://films", "s3://films/work", f"memory://films/{MARKED}/", ""])
def test_an_address_that_is_of_no_film_is_not_taken_for_one(address: str, film: Film) -> None:
    (film.folder / "store").write_text(address)
    assert left_in(film.folder) is None
    (film.folder / "store").write_text(str(film.store))
    assert left_in(film.folder) == film.store
