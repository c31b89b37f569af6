"""What of an upload is a picture, and what is refused; over a socket: tests/integration/server."""

from __future__ import annotations

import pytest
from depth_services import form
from fastapi import Request

from streamdepth.errors import SourceError
from streamdepth.http.refusal import Refused
from streamdepth.server.pictures import Upload
from streamdepth.server.settings import Limits
from streamdepth.server.uploads import Room, announced, explained, pictures_of
from streamdepth.server.wanted import OPTIONS
from streamdepth.sources.images.image_file import checked_head


def request(**headers):
    given = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": given})


def test_names_of_files_are_for_sentences_and_never_paths():
    body, headers = form(("../../etc/pass wd\t.png", b"one"), ("C:\\photos\\b.png", b"two"), ("", b"three"))
    uploads = pictures_of(request(**headers), body, Limits())
    assert [(upload.name, upload.data) for upload in uploads] == [
        ("pass wd.png", b"one"),
        ("b.png", b"two"),
        ("the picture", b"three"),
    ]


def test_other_fields_are_passed_over_and_a_preamble_too():
    other = b'--a-boundary\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
    body, headers = form(("a.png", b"\r\n--a-bound\r\n\r\n--"))
    (upload,) = pictures_of(request(**headers), b"a preamble\r\n" + other + body, Limits())
    assert upload.data == b"\r\n--a-bound\r\n\r\n--"


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_in_the_form_is_refused_instead_of_passed_over(option):
    other = f'--a-boundary\r\nContent-Disposition: form-data; name="{option}"\r\n\r\njet\r\n'.encode()
    body, headers = form(("a.png", b"one"))
    with pytest.raises(Refused, match=rf"{option} is a field of the form.*\?{option}=") as refused:
        pictures_of(request(**headers), other + body, Limits())
    assert refused.value.status == 422


@pytest.mark.parametrize("length", ["-1", "1e3", "12x"])
def test_a_length_that_is_no_number_is_refused(length):
    with pytest.raises(Refused, match="not a number"):
        announced(request(content_length=length), 100)


def test_a_length_that_is_too_much_is_refused_before_it_is_read():
    assert announced(request(content_length="100"), 100) == 100
    assert announced(request(), 100) == 100
    with pytest.raises(Refused, match="send it smaller"):
        announced(request(content_length="101"), 100)


def test_uploads_share_the_room_that_there_is():
    room = Room(100)
    with room.taken(80):
        with pytest.raises(Refused) as refused, room.taken(30):
            pass
        assert refused.value.status == 429
        with room.taken(20):
            pass
    with room.taken(500):
        pass  # one that is alone is bounded by its own limit


def test_a_body_that_is_packed_is_refused_with_what_to_do():
    with pytest.raises(Refused, match=r"packed as gzip \(send it as it is") as refused:
        announced(request(Content_Encoding="GZIP", Content_Length="5"), 10)
    assert (refused.value.status, refused.value.headers) == (415, {"Accept-Encoding": "identity"})
    assert announced(request(Content_Encoding="identity", Content_Length="5"), 10) == 5


@pytest.mark.parametrize(
    "written", ["filename*=utf-8''stra%C3%9Fe.png", "filename*=ISO-8859-1''stra%DFe.png"]
)
def test_a_name_beyond_ascii_is_read_as_programs_write_it(written):
    body, headers = form(("a.png", b"one"))
    (upload,) = pictures_of(request(**headers), body.replace(b'filename="a.png"', written.encode()), Limits())
    assert upload.name == "straße.png"


@pytest.mark.parametrize("written", ["filename*=idna''%FF", "filename*=undefined''a", "filename*=a\0b''a"])
def test_a_name_in_a_character_set_that_reads_nothing_is_none(written):
    body, headers = form(("a.png", b"one"))
    (upload,) = pictures_of(request(**headers), body.replace(b'filename="a.png"', written.encode()), Limits())
    assert (upload.data, upload.name) == (b"one", "the picture")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            b"\0\0\0\x18ftypcrx \0\0\0\1crx isom",
            r"holds what a camera's sensor saw.*\(save it as PNG or JPEG\)",
        ),
        (b"\0\0\0\x18ftypheix\0\0\0\0mif1heix", r"is not an image, or it is damaged"),
        (b"\0\0\0\x18ftypheim\0\0\0\0mif1heim", r"is not an image, or it is damaged"),
        (b"%PDF-1.7", r"is a PDF document, which is not supported"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", r"is a film \(send it as a job"),
        (b"PK\x03\x04", r"is a zip \(send it as a job"),
    ],
)
def test_what_is_no_picture_here_is_told_what_it_is(data, said):
    with pytest.raises(SourceError) as refused:
        checked_head(data, "the picture")
    with pytest.raises(SourceError, match=f"the picture {said}"):
        raise explained(request(), [Upload(data)], refused.value)
