"""What a worker that shares no folder has at hand, by way of a store in this process's memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest

from streamdepth.cluster import desk
from streamdepth.cluster import store as cluster_store
from streamdepth.cluster.desk import Lacking, at_hand, folder_of, leave
from streamdepth.cluster.handed import with_needed
from streamdepth.cluster.kept import MARK, maps_path, piece_path, segment_path, state_path
from streamdepth.cluster.store import Store, StoreError
from streamdepth.cluster.tasks import Draw, Film, Greet, Infer, MapsAt, Piece
from streamdepth.errors import SinkError
from streamdepth.frames import LeftOff
from streamdepth.run.spec import InputSpec, NetworkSpec, RunSpec

pytest.importorskip("fsspec", reason="fsspec comes with the extra [s3]")
MARKED = "0123456789abcdef" * 2
PIECE = Piece(3, None, None, Fraction(0), 750)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """One with a mark; this machine's folder is `tmp`, that of the command `there`, where a film and a model are."""
    for name in ("tmp", "there"):
        (tmp_path / name).mkdir()
    for name in ("source.mp4", "net.xml", "net.bin", MARK):
        (tmp_path / "there" / name).write_bytes(b"content of " + name.encode())
    monkeypatch.setattr(desk.tempfile, "tempdir", str(tmp_path / "tmp"))
    store = Store(f"memory://{tmp_path.name}")
    store.hand_on(tmp_path / "there" / MARK, MARK)
    yield store
    store.remove()


def film_of(tmp_path: Path) -> Film:
    there = tmp_path / "there"
    spec = RunSpec(
        InputSpec(input=str(there / "source.mp4")), network=NetworkSpec(model=str(there / "net.xml"))
    )
    return with_needed(Film(spec, there, MARKED, None, f"memory://{tmp_path.name}"), lambda: False)


def worked(film: Film) -> RunSpec:
    """The spec by which a piece was inferred."""
    with at_hand(Infer(film, PIECE), str(film.store), "here") as wanted:
        for path in (maps_path, piece_path):
            path(wanted.film.folder, PIECE.number).write_bytes(path.__name__.encode())
    assert not wanted.film.folder.exists()
    return wanted.film.spec


def test_a_machine_reads_its_own_files_where_they_are_the_same(tmp_path: Path, store: Store) -> None:
    film = film_of(tmp_path)
    assert [(one.role, one.path.name) for one in film.needed] == [
        ("input", "source.mp4"),
        ("model", "net.xml"),
        ("model", "net.bin"),
    ]
    assert worked(film) == film.spec
    for name in ("maps-000003.spool", "piece-000003.npz"):
        store.fetch(name, tmp_path / "got")
        assert (tmp_path / "got").read_text() == f"{name[: name.index('-')]}_path"
    leave(film)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_file_with_its_time_is_not_read_to_its_end_by_each_worker(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = film_of(tmp_path)
    read: list[Path] = []
    monkeypatch.setattr(desk, "facts_of", lambda path: read.append(path) or cluster_store.facts_of(path))
    assert (worked(film), read) == (film.spec, [])
    source = tmp_path / "there" / "source.mp4"
    os.utime(source, ns=(0, 0))  # as a copy has it that was made without its time
    assert (worked(film), read) == (film.spec, [source])


def test_a_file_of_the_same_time_and_size_that_begins_in_another_way_is_another(
    tmp_path: Path, store: Store
) -> None:
    film, source = film_of(tmp_path), tmp_path / "there" / "source.mp4"
    times = source.stat().st_atime_ns, source.stat().st_mtime_ns
    source.write_bytes(b"content of source.mp3")
    os.utime(source, ns=times)
    cluster_store._facts.cache_clear()  # a worker is another process
    with pytest.raises(Lacking, match=r"input-source\.mp4"):
        worked(film)


@pytest.mark.parametrize("change", [b"content of source.mp3", b"another", None])
def test_another_file_of_that_name_is_not_taken_for_it(
    change: bytes | None, tmp_path: Path, store: Store
) -> None:
    film, source = film_of(tmp_path), tmp_path / "there" / "source.mp4"
    store_of_film, kept = source.read_bytes(), tmp_path / "kept"
    source.rename(kept)
    if change is not None:
        source.write_bytes(change)
    with pytest.raises(Lacking, match=r"input-source\.mp4"):
        worked(film)
    store.hand_on(kept, "input-source.mp4")
    path = Path(str(worked(film).input.input))
    assert (path.read_bytes(), path.suffix) == (store_of_film, ".mp4")
    assert path.is_relative_to(folder_of(film))
    store.remove()
    assert Path(str(worked(film).input.input)) == path  # it is fetched once


def test_files_that_are_found_by_one_another_come_from_one_place(tmp_path: Path, store: Store) -> None:
    film = film_of(tmp_path)
    for name in ("net.xml", "net.bin"):
        store.hand_on(tmp_path / "there" / name, f"model-{name}")
    (tmp_path / "there" / "net.bin").unlink()
    model = Path(worked(film).network.model)
    assert model.read_bytes() == b"content of net.xml"
    assert model.with_suffix(".bin").read_bytes() == b"content of net.bin"


def test_a_segment_is_drawn_from_maps_and_a_state_of_the_store(tmp_path: Path, store: Store) -> None:
    film = film_of(tmp_path)
    there = film.folder
    for path in (maps_path(there, 0), state_path(there, 1)):
        path.write_bytes(path.name.encode())
        store.hand_on(path, path.name)
    last = LeftOff(499, Fraction(20), 0, 500, Fraction(0))
    task = Draw(film, 2, 250, last, None, (MapsAt(maps_path(there, 0), 500),), 800, 1)
    with at_hand(task, str(film.store), "here") as wanted:
        assert isinstance(wanted, Draw)
        folder = wanted.film.folder
        assert wanted.maps == (MapsAt(maps_path(folder, 0), 500),)
        assert state_path(folder, 1).read_text() == "state-000001.npz"
        segment_path(folder, 2).write_bytes(b"packets")
    assert store.facts("segment-000002.packets") is not None


def test_a_greeting_looks_but_reads_and_fetches_nothing(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = film_of(tmp_path)
    source = tmp_path / "there" / "source.mp4"
    store.hand_on(source, "input-source.mp4")
    with monkeypatch.context() as patch, at_hand(Greet(film), str(film.store), "here") as wanted:
        patch.setattr(desk, "facts_of", pytest.fail)
        assert wanted.film.spec == film.spec
    source.unlink()
    with at_hand(Greet(film), str(film.store), "here"):
        assert list(folder_of(film).rglob("*.mp4")) == []
    store.remove()
    with (
        pytest.raises(SinkError, match="here does not find what was put into memory://"),
        at_hand(Greet(film), str(film.store), "here"),
    ):
        pass


def test_what_fails_is_not_handed_on(tmp_path: Path, store: Store) -> None:
    film = film_of(tmp_path)

    def fail() -> None:
        with at_hand(Infer(film, PIECE), str(film.store), "here") as wanted:
            maps_path(wanted.film.folder, 3).write_bytes(b"half of it")
            raise StoreError("gone")

    with pytest.raises(StoreError):
        fail()
    assert store.facts("maps-000003.spool") is None
    assert list(folder_of(film).iterdir()) == []


def test_without_room_nothing_is_fetched(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    film, source = film_of(tmp_path), tmp_path / "there" / "source.mp4"
    store.hand_on(source, "input-source.mp4")
    source.unlink()
    monkeypatch.setattr(desk.shutil, "disk_usage", lambda _path: SimpleNamespace(free=100 << 20))
    with pytest.raises(SinkError, match=r"there is no room for source\.mp4 in .*TMPDIR"):
        worked(film)


def test_what_a_killed_run_left_goes_when_nobody_can_be_at_it_any_more(tmp_path: Path, store: Store) -> None:
    film = film_of(tmp_path)
    old, young = (folder_of(replace(film, mark=mark * 32)) for mark in ("a", "b"))
    own = folder_of(film)
    users = tmp_path / "tmp" / "streamdepth-demo.mp4.cluster"  # of a command that renders that film there
    for folder in (old, young, own, users):
        folder.mkdir()
    for folder in (old, own, users):
        os.utime(folder, (0, 0))
    worked(film)
    assert {path.name for path in (tmp_path / "tmp").iterdir()} == {young.name, own.name, users.name}


def test_a_film_with_the_longest_name_is_fetched(tmp_path: Path, store: Store) -> None:
    film, source = film_of(tmp_path), tmp_path / "there" / "source.mp4"
    long = source.with_name(f"{'s' * 246}.mp4")
    needed = tuple(replace(one, path=long) if one.role == "input" else one for one in film.needed)
    store.hand_on(source, needed[0].name)
    assert Path(str(worked(replace(film, needed=needed)).input.input)).read_bytes() == source.read_bytes()
