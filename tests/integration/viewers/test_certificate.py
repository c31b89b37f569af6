"""A certificate that is renewed while the page is served."""

from __future__ import annotations

import ssl

import pytest
from certificates import certificate
from stamped_feed import until

from streamdepth.viewers import certificate as followed
from streamdepth.viewers.service import WebService
from streamdepth.viewers.settings import WebSettings


@pytest.fixture
def renewing(tmp_path, monkeypatch):
    """(the files of the certificate, what it shows now, what was warned of)."""
    monkeypatch.setattr(followed, "LOOK_EVERY", 0.02)
    files, warned = certificate(tmp_path), []
    service = WebService(WebSettings(port=0, certificate=files[0], key=files[1]), warned.append)
    service.start()
    port = int(service.address.rstrip("/").rpartition(":")[2])
    yield files, lambda: ssl.get_server_certificate(("127.0.0.1", port)), warned
    service.close()


def other_pair(folder):
    folder.mkdir()
    return [path.read_text(encoding="ascii") for path in certificate(folder)]


def test_who_connects_after_it_was_renewed_is_shown_the_new_one(renewing, tmp_path):
    files, shown, _warned = renewing
    first, renewed = shown(), other_pair(tmp_path / "renewed")
    assert first == files[0].read_text(encoding="ascii")
    for path, content in zip(files, renewed, strict=True):
        path.write_text(content, encoding="ascii")
    until(lambda: shown() != first)
    assert shown() == renewed[0]


def test_one_without_its_key_is_said_once_and_the_one_of_before_stays(renewing, tmp_path):
    files, shown, warned = renewing
    first, (alone, key) = shown(), other_pair(tmp_path / "renewed")
    files[0].write_text(alone, encoding="ascii")
    until(lambda: warned)
    assert shown() == first
    files[1].write_text(key, encoding="ascii")
    until(lambda: shown() != first)
    (line,) = warned
    assert line.startswith("the page keeps the certificate that it had: cannot use ")
    assert "they do not belong together" in line


def test_files_that_are_gone_leave_the_one_of_before(renewing):
    files, shown, warned = renewing
    first = shown()
    files[1].unlink()
    until(lambda: warned)
    assert (shown(), len(warned)) == (first, 1)
