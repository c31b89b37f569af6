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
        assert archive.names is archive.names, "ten thousand pictures would make ten thousand names each"


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
    path.write_bytes(zip64(whole, length=archives.MOST_DIRECTORY + 1))
    assert "list of entries is too long" in str(refused(path))


def zip64(whole, length=None, offset=None):
    """The archive with a record for huge ones, of a directory of `length` bytes, and its locator."""
    at = whole.index(b"PK\x05\x06")
    *_, count, size, begin, _ = struct.unpack("<4s4H2LH", whole[at:])
    size = size if length is None else length
    end = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, begin)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at if offset is None else offset, 1)
    return whole[:at] + end + locator + whole[at:]


def test_a_small_zip_in_the_form_for_huge_ones_is_read(path):
    path.write_bytes(zip64(packed(path, ("a.png", b"a")).read_bytes()))
    with Archive(path, SMALL) as archive:
        assert (archive.names, archive.read(0)) == (["a.png"], b"a")


def test_a_record_that_some_versions_of_python_would_find_elsewhere_is_refused(path, monkeypatch):
    whole = packed(path, ("a", b"a")).read_bytes()
    monkeypatch.setattr(zipfile, "ZipFile", None)
    at = whole.index(b"PK\x05\x06")
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1)
    for odd in (
        zip64(whole, offset=0),
        b"x" + zip64(whole),
        whole[:at] + locator + whole[at:],
        locator + whole[at:],
        zip64(whole).replace(b"PK\x06\x06", b"PK\x06\x05"),
    ):
        path.write_bytes(odd)
        assert "broken or cut off" in str(refused(path))


def test_names_without_the_mark_of_utf8_are_read_as_their_programs_meant_them(path):
    names = {"Straße.jpg": "utf-8", "犬.jpg": "utf-8", "Lärm.jpg": "cp437"}
    places = dict(zip("xyz", names, strict=True))
    packed(path, *((mark * len(name.encode(names[name])), b"") for mark, name in places.items()))
    data = path.read_bytes()
    for mark, name in places.items():
        raw = name.encode(names[name])
        data = data.replace(mark.encode() * len(raw), raw)
    path.write_bytes(data)
    with Archive(path, SMALL) as archive:
        assert archive.names == [*names]
        assert archive.read(1) == b""


@pytest.mark.parametrize(("system", "names"), [(0, ["a/1.png"]), (3, ["a\\1.png", "a\\.hidden.png", "a\\"])])
def test_folders_that_windows_wrote_are_folders(path, system, names):
    with zipfile.ZipFile(path, "w") as made:
        for name in ("a\\1.png", "a\\.hidden.png", "a\\"):
            entry = zipfile.ZipInfo(name)
            entry.create_system = system
            made.writestr(entry, b"1")
    with Archive(path, SMALL) as archive:
        assert archive.names == names


def test_a_picture_that_is_longer_than_it_says_is_not_unpacked_further(path):
    data = bytearray(packed(path, ("a", bytes(100_000))).read_bytes())
    struct.pack_into("<L", data, data.index(b"PK\x01\x02") + 24, 10)
    path.write_bytes(data)
    with Archive(path, SMALL) as archive, pytest.raises(SourceError, match="cannot be unpacked"):
        archive.read(0)
