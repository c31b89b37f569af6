import errno
import json
import os
import socket
from pathlib import Path

import pytest
from weights_server import CONTENT, DIGEST, card_at

from streamdepth.errors import ModelError, UsageError, WeightsError
from streamdepth.models.registry import NANO
from streamdepth.models.weights import download as _download
from streamdepth.models.weights import store as weights
from streamdepth.models.weights.store import cached_weights, find_weights, verify_weights

DAY = 24 * 3600


def leftovers(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_download_arrives_whole_and_under_its_name(card, tmp_path):
    told = []
    path = find_weights(card, tmp_path / "new" / "folder", lambda *bytes_: told.append(bytes_))
    assert path.read_bytes() == CONTENT
    assert leftovers(path.parent) == ["net-1234abcd.pt"]
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_what_is_cached_is_not_fetched_again(card, server, tmp_path):
    first = find_weights(card, tmp_path)
    assert find_weights(card, tmp_path) == first == cached_weights(card, tmp_path)
    assert len(server.requests) == 1


def test_a_file_put_into_the_cache_under_another_published_name_is_found(server, tmp_path):
    card = card_at(server.url("a.pt"), server.url("b.pt"))
    (tmp_path / "b.pt").write_bytes(b"mine")
    assert find_weights(card, tmp_path).name == "b.pt"
    assert server.requests == []


def test_a_partial_download_of_a_killed_process_is_taken_over_once_it_is_old(card, server, tmp_path):
    for name, age in (("0a", 300), ("0b", 1), ("0c", 200), ("0d", 100)):
        orphan = tmp_path / f"net-1234abcd.pt.part.{name}"
        orphan.write_bytes(CONTENT[: 1000 * age])
        os.utime(orphan, (10_000 - age, 10_000 - age))
    assert find_weights(card, tmp_path, now=lambda: 10_000).read_bytes() == CONTENT
    assert server.requests == [("/net-1234abcd.pt", "bytes=300000-")]
    assert leftovers(tmp_path) == ["net-1234abcd.pt", "net-1234abcd.pt.part.0b"]


def test_what_is_not_ours_to_take_over_is_left_and_all_is_fetched(card, server, tmp_path, monkeypatch):
    orphan = tmp_path / "net-1234abcd.pt.part.0a"
    orphan.write_bytes(CONTENT[:1000])
    os.utime(orphan, (1, 1))
    replace = Path.replace

    def of_others(path, target):
        if path == orphan:
            raise PermissionError(errno.EPERM, "Operation not permitted")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", of_others)
    assert find_weights(card, tmp_path).read_bytes() == CONTENT
    assert orphan.exists()


def test_a_partial_download_that_was_complete_is_only_checked(card, tmp_path):
    (tmp_path / "net-1234abcd.pt.part").write_bytes(CONTENT)
    assert find_weights(card, tmp_path).read_bytes() == CONTENT


def test_a_wrong_file_is_deleted_and_said_so(card, server, tmp_path):
    server.content = b"<html>please log in</html>"
    with pytest.raises(WeightsError, match=f"another file.*not with {DIGEST[:8]}"):
        find_weights(card, tmp_path)
    assert leftovers(tmp_path) == ["midas-small.failed.json"]


def test_the_next_place_is_tried_where_the_first_has_no_such_file(server, tmp_path):
    server.missing = ("/a.pt",)
    path = find_weights(card_at(server.url("a.pt"), server.url("b.pt")), tmp_path)
    assert path.name == "a.pt"
    assert path.read_bytes() == CONTENT


def test_a_file_that_no_place_has_is_an_error_with_the_answer(card, server, tmp_path):
    server.missing = ("/net-1234abcd.pt",)
    with pytest.raises(WeightsError, match=r"answered 404.*pass the file with --model"):
        find_weights(card, tmp_path)


def test_a_host_that_refuses_is_asked_once(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        host = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(WeightsError, match=r"could not be fetched: .*refused"):
            find_weights(card_at(f"{host}/a.pt", f"{host}/b.pt"), tmp_path)


def test_a_failure_is_remembered_for_a_day_and_not_longer(card, server, tmp_path):
    server.missing = ("/net-1234abcd.pt",)
    with pytest.raises(WeightsError):
        find_weights(card, tmp_path, now=lambda: 1_000_000)
    server.missing = ()
    for later, age in ((20, "a moment ago"), (60, "1 min ago"), (7200, "2 h ago"), (DAY - 1, "24 h ago")):
        with pytest.raises(WeightsError, match=rf"404.*{age} \(streamdepth models fetch midas-small"):
            find_weights(card, tmp_path, now=lambda later=later: 1_000_000 + later)
    assert len(server.requests) == 1
    assert find_weights(card, tmp_path, now=lambda: 1_000_000 + DAY).is_file()
    assert leftovers(tmp_path) == ["net-1234abcd.pt"]


def test_a_remembered_failure_does_not_stop_who_asks_for_another_try(card, server, tmp_path):
    server.missing = ("/net-1234abcd.pt",)
    with pytest.raises(WeightsError):
        find_weights(card, tmp_path)
    server.missing = ()
    assert find_weights(card, tmp_path, retry=True).is_file()
    assert not (tmp_path / "midas-small.failed.json").exists()


@pytest.mark.parametrize(
    "memory", ["", "[]", '{"at": "x", "what": ""}', json.dumps({"at": 9e12, "what": "future"})]
)
def test_a_damaged_memory_or_one_from_the_future_is_ignored(memory, card, tmp_path):
    (tmp_path / "midas-small.failed.json").write_text(memory)
    assert find_weights(card, tmp_path).is_file()


def test_a_cache_that_cannot_be_written_is_named_and_not_remembered(card, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WeightsError, match=r"cache folder .*file.* \(choose another cache folder"):
        find_weights(card, tmp_path / "file" / "cache")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_disk_that_is_full_is_named_and_not_remembered(card, tmp_path, monkeypatch):
    with Path("/dev/full").open("wb", 0) as full:
        monkeypatch.setattr(_download, "_writable", lambda *_, **__: full)
        with pytest.raises(WeightsError, match=r"No space left on device.*free some space"):
            find_weights(card, tmp_path)
    assert leftovers(tmp_path) == []


def test_verification_compares_with_the_published_hash(tmp_path):
    path = tmp_path / "net.pt"
    path.write_bytes(CONTENT)
    card = card_at("http://127.0.0.1/net.pt")
    assert verify_weights(path, card) == DIGEST
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(WeightsError, match=f"not {DIGEST[:8]}"):
        verify_weights(path, card)


def test_bundled_weights_need_no_cache_and_their_absence_is_clear(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "DATA", tmp_path)
    with pytest.raises(ModelError, match="nano are not in this installation"):
        find_weights("nano")
    (tmp_path / "nano.safetensors").write_bytes(b"")
    assert find_weights(NANO) == tmp_path / "nano.safetensors"


def test_an_unknown_model_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="no model 'midas-large'"):
        find_weights("midas-large", tmp_path)
