"""A store that is a folder or this process's memory; S3 is in tests/integration/cluster/test_store.py."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from streamdepth.cluster import store as module
from streamdepth.cluster.store import Facts, Store, StoreError, check_store, facts_of
from streamdepth.errors import SourceError, StopRequested, UsageError

pytest.importorskip("fsspec", reason="fsspec comes with the extra [s3]")


@pytest.fixture(params=["file", "memory"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"file://{tmp_path}/store/a" if request.param == "file" else f"memory://{tmp_path.name}/a"


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PART", 10)


def file_of(folder: Path, data: bytes) -> Path:
    (folder / "given").write_bytes(data)
    return folder / "given"


@pytest.mark.parametrize("data", [b"", b"ten bytes.", b"twenty-five bytes, or so!"])
def test_what_is_handed_on_comes_back_as_it_was(
    root: str, data: bytes, tmp_path: Path, small_parts: None
) -> None:
    Store(root).hand_on(file_of(tmp_path, data), "a name")
    store = Store(root)
    assert store.facts("a name") == Facts(len(data), hashlib.sha256(data).hexdigest())
    store.fetch("a name", tmp_path / "got")
    assert (tmp_path / "got").read_bytes() == data
    store.remove()
    store.remove()
    assert store.facts("a name") is None
    with pytest.raises(StoreError, match="a name is not in"):
        store.fetch("a name", tmp_path / "got")


def test_the_first_part_comes_last_and_another_file_of_that_name_takes_its_place(
    tmp_path: Path, small_parts: None
) -> None:
    store, sent = Store(f"memory://{tmp_path.name}"), []
    put = store._put
    store._put = lambda name, data: (sent.append(name), put(name, data))[1]  # type: ignore[method-assign]
    store.hand_on(file_of(tmp_path, b"0123456789ab"), "a")
    assert sent == ["a/000001", "a/000000"]
    store.hand_on(file_of(tmp_path, b"other"), "a")
    store.fetch("a", tmp_path / "got")
    assert (tmp_path / "got").read_bytes() == b"other"


@pytest.mark.parametrize("kind", ["a part is missing", "a part is short", "a part is another one"])
def test_what_does_not_come_back_as_it_was_leaves_no_file(
    kind: str, tmp_path: Path, small_parts: None
) -> None:
    store = Store(f"file://{tmp_path}/store")
    store.hand_on(file_of(tmp_path, b"0123456789ab"), "a")
    part = tmp_path / "store" / "a" / "000001"
    if kind == "a part is missing":
        part.unlink()
    else:
        part.write_bytes(b"a" if kind == "a part is short" else b"aB")
    with pytest.raises(StoreError, match=r"was removed|is not what was put there"):
        store.fetch("a", tmp_path / "got")
    assert not (tmp_path / "got").exists()


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"size": 1}'])
def test_a_file_whose_first_part_is_not_whole_is_none(data: bytes, tmp_path: Path) -> None:
    store = Store(f"file://{tmp_path}/store")
    store.hand_on(file_of(tmp_path, b"a"), "a")
    part = tmp_path / "store" / "a" / "000000"
    assert json.loads(part.read_bytes()[:-1])["size"] == 1
    part.write_bytes(data)
    assert store.facts("a") is None


def test_a_store_that_does_not_answer_is_given_up_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped, answers = [False], threading.Event()
    store = Store(f"memory://{tmp_path.name}", lambda: stopped[0])
    store._fs = SimpleNamespace(cat_file=lambda _path, end: answers.wait(30))
    monkeypatch.setattr(module, "_SECONDS", 0.2)
    with pytest.raises(StoreError, match="did not answer within 0 s"):
        store.facts("a")
    stopped[0] = True
    monkeypatch.setattr(module, "_SECONDS", 60.0)
    with pytest.raises(StopRequested):
        store.facts("a")
    answers.set()


def test_one_that_never_gets_empty_is_not_emptied_for_ever(tmp_path: Path) -> None:
    store = Store(f"memory://{tmp_path.name}")
    store._fs = SimpleNamespace(rm=lambda _path, recursive: None)
    with pytest.raises(StoreError, match="is still being written to"):
        store.remove()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError("no"), r"refuses these keys .*AWS_ACCESS_KEY_ID"),
        (type("NoCredentialsError", (Exception,), {})("none"), r"there are no keys for .*AWS_ACCESS_KEY_ID"),
        (OSError("at http://me:SECRET@host/x"), r"fails: at http://\*\*\*@host/x"),
        (RuntimeError(), r"fails: RuntimeError"),
    ],
)
def test_each_trouble_is_one_sentence_without_a_key(error: Exception, said: str, tmp_path: Path) -> None:
    def fail(_path: str, end: int) -> bytes:
        raise error

    store = Store(f"memory://{tmp_path.name}")
    store._is_s3 = True
    store._fs = SimpleNamespace(cat_file=fail)
    with pytest.raises(StoreError, match=said):
        store.facts("a")


@pytest.mark.parametrize("error", [PermissionError("no"), OSError(28, "No space left on device")])
def test_nobody_is_sent_to_the_keys_of_s3_from_another_store(error: OSError, tmp_path: Path) -> None:
    def fail(_path: str, _data: bytes) -> None:
        raise error

    store = Store(f"file://{tmp_path}/store")
    store._fs.pipe_file = fail
    with pytest.raises(StoreError, match=r"/store (may not be read or written|fails: .*No space)") as raised:
        store.hand_on(file_of(tmp_path, b"a"), "a")
    assert "AWS" not in str(raised.value)


def test_a_file_that_is_gone_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(f"memory://{tmp_path.name}")
    for _ in range(2):
        with pytest.raises(SourceError, match=r"given cannot be read: No such file"):
            store.hand_on(tmp_path / "given", "a")
        monkeypatch.setattr(module, "facts_of", lambda _path: Facts(1, "sum"))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("films/here", "is not the address of a store"),
        ("simplecache::s3://films", "is not the address of a store"),
        ("s3://", "names no bucket"),
        ("s3:///folder", "names no bucket"),
        ("file://films", r"is not an absolute path \(file:///FOLDER"),
        ("S3://films", "fsspec knows no store of the kind S3://"),
        ("s3://films/[a]", r"may hold no \* and no \["),
        ("file:///films/*", r"may hold no \* and no \["),
        ("s3://KEY:SECRET@films/a", r"s3://\*\*\*@films/a may hold no login"),
        ("sftp://host/a?password=SECRET", r"may hold no login"),
        ("nothing://films", "fsspec knows no store of the kind nothing://"),
    ],
)
def test_what_is_no_address_of_a_store_is_wrong_usage(address: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as raised:
        check_store(address)
    assert "SECRET" not in str(raised.value).replace("AWS_SECRET", "")


@pytest.mark.parametrize("address", ["s3://films", "s3a://films/a", "file:///films", "memory://films"])
def test_what_is_one_is_taken(address: str) -> None:
    pytest.importorskip("s3fs", reason="s3fs is the extra [s3]")
    check_store(address)


@pytest.mark.parametrize("root", ["s3://films/w", "memory://films"])
def test_it_is_shown_with_its_mark(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_opened", lambda root: (None, root))
    mark = "0123456789abcdef" * 2
    assert Store(f"{root}/{mark}").name == f"{root}/{mark}"


@pytest.mark.parametrize(
    ("address", "package"), [("s3://films", "s3fs"), ("file:///films", "fsspec"), ("gs://films", "fsspec")]
)
def test_without_the_package_it_is_told_how_to_get_it(
    address: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(UsageError, match=rf"not installed \(pip install {package}\)"):
        check_store(address)


def test_a_kind_that_has_a_package_of_its_own_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(UsageError, match=r"not installed \(install the fsspec package for gs://\)"):
        check_store("gs://films")


def test_a_file_is_read_again_where_it_changed(tmp_path: Path) -> None:
    path = file_of(tmp_path, b"a")
    first: Any = facts_of(path)
    assert facts_of(path) is first
    path.write_bytes(b"ab")
    assert facts_of(path).size == 2
