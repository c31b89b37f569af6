from __future__ import annotations

import pytest

from streamdepth.errors import SourceError, Trouble
from streamdepth.server.jobs.films import suffix_of


@pytest.mark.parametrize(
    ("start", "suffix"),
    [
        (b"\0\0\0\x18ftypisom", ".mp4"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", ".mov"),
        (b"\x1a\x45\xdf\xa3\x01", ".mkv"),
        (b"RIFF\0\0\0\0AVI LIST", ".avi"),
        ((b"G" + bytes(187)) * 3, ".ts"),
    ],
)
def test_a_film_is_known_by_its_first_octets(start, suffix):
    assert suffix_of(start) == suffix


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"#EXTM3U\nhttp://127.0.0.1/secret",
        b"ffconcat version 1.0\nfile /etc/passwd",
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1",
        b"<?xml version='1.0'?><MPD/>",
        b"\0\0\0\x18ftypavif",
        b"\x89PNG\r\n\x1a\n",
        b"G" + bytes(600),
        b"RIFF\0\0\0\0WEBP",
    ],
)
def test_what_is_no_film_or_names_other_files_is_refused(start):
    with pytest.raises(SourceError, match="no film that is read here") as refused:
        suffix_of(start)
    assert refused.value.trouble is Trouble.CODEC
