"""Zips of strangers: what they say is looked at before anything is unpacked, and never believed."""

from __future__ import annotations

import struct
import zipfile

import pytest

from streamdepth.errors import SourceError, Trouble
from streamdepth.server.jobs import archive as archives
from streamdepth.server.jobs.archive import Archive, ZipLimits

SMALL = ZipLimits(pictures=3, picture_bytes=1000, all_bytes=2000)


def packed(path, *files, how=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", how) as made:
        for name, data in files:
            made.writestr(name, data)
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "upload.zip"


def refused(path, limits=SMALL):
    with pytest.raises(SourceError) as refusal:
        Archive(path, limits)
    return refusal.value


def test_pictures_are_read_by_number_and_names_are_words(path):
    names = ["../../etc/passwd", "/root/a.png", "street\x07/ü.jpg"]
    packed(path, *((name, name.encode()) for name in names))
    with Archive(path, SMALL) as archive:
        assert archive.names == ["../../etc/passwd", "/root/a.png", "street/ü.jpg"]
        assert [archive.read(number) for number in range(3)] == [name.encode() for name in names]


def test_what_a_mac_adds_and_what_is_hidden_is_no_picture(path):
    packed(path, ("a/", b""), ("a/1.png", b"1"), ("__MACOSX/a/._1.png", b"x"), ("a/.DS_Store", b"x"))
    with Archive(path, SMALL) as archive:
        assert archive.names == ["a/1.png"]


@pytest.mark.parametrize(
    ("files", "what", "trouble"),
    [
        ([], "no picture in the zip", Trouble.CODEC),
        ([("a/", b"")], "no picture in the zip", Trouble.CODEC),
        ([(str(n), b"") for n in range(4)], "4 files, and 3 are allowed", Trouble.TOO_LARGE),
        ([("bomb.png", bytes(1001))], "bomb.png has more than", Trouble.TOO_LARGE),
        ([(str(n), bytes(900)) for n in range(3)], "it holds more than", Trouble.TOO_LARGE),
    ],
)
def test_what_holds_too_much_or_nothing_is_refused_unread(path, files, what, trouble, monkeypatch):
    if files:
        packed(path, *files)
    else:
        path.write_bytes(b"PK\x05\x06" + bytes(18))
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    refusal = refused(path)
    assert what in str(refusal)
    assert refusal.trouble is trouble


def test_what_is_no_zip_or_packed_otherwise_is_refused(path):
    packed(path, ("a", b"a" * 500), how=zipfile.ZIP_LZMA)
    assert "use deflate" in str(refused(path))
    path.write_bytes(packed(path, ("a", b"a" * 500)).read_bytes()[:-30])
    assert "broken or cut off" in str(refused(path))
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    assert "broken or cut off" in str(refused(path))


def test_encrypted_pictures_are_refused(path):
    data = bytearray(packed(path, ("a", b"a")).read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "without a password" in str(refused(path))


def test_an_entry_without_a_name_is_no_picture(path):
    path.write_bytes(packed(path, ("Q", b"a")).read_bytes().replace(b"Q", b"\0"))
    assert "no picture in the zip" in str(refused(path))


def test_a_list_of_entries_that_would_fill_the_memory_is_not_read(path, monkeypatch):
    whole = packed(path, ("a", b"a")).read_bytes()
    monkeypatch.setattr(zipfile, "ZipFile", None)
    at = whole.index(b"PK\x05\x06")
    long = bytearray(whole)
    struct.pack_into("<L", long, at + 12, archives.MOST_DIRECTORY + 1)
    path.write_bytes(long)
    assert "list of entries is too long" in str(refused(path))
    huge = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1)
    path.write_bytes(whole[:at] + huge + whole[at:])
    assert "zip64" in str(refused(path))


def test_a_picture_that_is_longer_than_it_says_is_not_unpacked_further(path):
    data = bytearray(packed(path, ("a", bytes(100_000))).read_bytes())
    struct.pack_into("<L", data, data.index(b"PK\x01\x02") + 24, 10)
    path.write_bytes(data)
    with Archive(path, SMALL) as archive, pytest.raises(SourceError, match="cannot be unpacked"):
        archive.read(0)
