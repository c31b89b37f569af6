"""The body of a request: read within limits, raw or as a form, into pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import Message
from email.utils import collapse_rfc2231_value

from fastapi import Request

from streamdepth.errors import SourceError, Trouble
from streamdepth.http.fields import field
from streamdepth.http.numbers import whole_number
from streamdepth.http.refusal import Refused
from streamdepth.server.jobs.archive import SUFFIX as ZIP
from streamdepth.server.jobs.films import ENOUGH, known_suffix
from streamdepth.server.pictures import Upload
from streamdepth.server.settings import Limits
from streamdepth.server.wanted import OPTIONS
from streamdepth.sources.images.image_head import read_head

FORM = "multipart/form-data"
FIELD = "image"
AROUND = 16_384
"""Bytes of a form beside its pictures."""
LONGEST_NAME = 200
_OTHERWISE = {
    "application/x-www-form-urlencoded": "send it with curl --data-binary @photo.jpg or -F image=@photo.jpg; "
    "-d changes its bytes",
    "application/json": f"send the file itself as the body, or as the field {FIELD} of a form; "
    "JSON is for /v2/models/NAME/infer",
}
"""Cures where what came is no picture that can be read, by `Content-Type`."""


class Room:
    """The bytes of all uploads that are held at once; lives on the event loop."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0

    @contextmanager
    def taken(self, count: int) -> Iterator[None]:
        """Within it there is room for so many bytes; raises `Refused` with 429 where there is none."""
        if self._taken and self._taken + count > self._most:
            raise Refused(429, "too many uploads are under way (ask again a little later)", Retry_After="1")
        self._taken += count
        try:
            yield
        finally:
            self._taken -= count


def announced(request: Request, most: int) -> int:
    """Bytes of the body by its head, `most` where that does not say; raises `Refused` with 413, 415 and 400."""
    check_encoding(request)
    declared = field(request.scope, b"content-length")
    if declared is None:
        return most
    length = whole_number(declared)
    if length is None:
        raise Refused(400, "Content-Length is not a number")
    if length > most:
        raise _too_long(most)
    return length


def check_encoding(request: Request) -> None:
    """Raise `Refused` with 415 for a body that is packed: pictures and films are so already."""
    encoding = (field(request.scope, b"content-encoding") or "identity").strip().lower()
    if encoding not in ("", "identity"):
        sentence = f"the body is packed as {encoding[:40]} (send it as it is, without Content-Encoding)"
        raise Refused(415, sentence, Accept_Encoding="identity")


def check_whole(request: Request) -> None:
    """Raise `Refused` with 400 for a part of a file (RFC 9110, section 14.5), as `curl -C -` sends."""
    if field(request.scope, b"content-range") is not None:
        raise Refused(400, "an upload in parts is not accepted (send the whole file, without Content-Range)")


async def read_body(request: Request, most: int) -> bytes:
    """The whole body; raises `Refused` with 413 as soon as it is longer, 400 where it breaks off."""
    pieces, length, is_whole = [], 0, False
    while not is_whole:
        message = await request.receive()
        if message["type"] != "http.request":  # there is no client left to answer
            raise Refused(400, "the request was not complete")
        pieces.append(message["body"])
        length += len(pieces[-1])
        if length > most:
            raise _too_long(most)
        is_whole = not message["more_body"]
    return b"".join(pieces)


def most_bytes(request: Request, limits: Limits) -> int:
    """That the body of a request may have: of a form, several pictures, within what is held at once."""
    if not is_form(request):
        return limits.picture_bytes
    return min(limits.bytes_at_once, limits.pictures * limits.picture_bytes) + AROUND


def pictures_of(request: Request, body: bytes, limits: Limits) -> tuple[Upload, ...]:
    """The pictures of a body: one that is raw, or the fields `image` of a form; raises `Refused` with 400, 413, 422."""
    uploads = (
        tuple(_of_form(body, _boundary(_content_type(request)))) if is_form(request) else (Upload(body),)
    )
    if not uploads:
        raise Refused(400, f"the form has no field {FIELD} (send curl -F {FIELD}=@photo.jpg)")
    if len(uploads) > limits.pictures:
        raise Refused(413, f"{len(uploads)} pictures are too many (send at most {limits.pictures} at once)")
    for upload in uploads:
        if not upload.data:
            raise Refused(400, f"{upload.name} is empty (send its bytes)")
        if len(upload.data) > limits.picture_bytes:
            raise _too_long(limits.picture_bytes)
    return uploads


def is_form(request: Request) -> bool:
    """Whether the body is said to be a form."""
    return _content_type(request).partition(";")[0].strip().lower() == FORM


def explained(request: Request, uploads: Sequence[Upload], error: SourceError) -> SourceError:
    """What is wrong with a picture, with the cure for what it is, or how it was sent, where that explains it."""
    is_large = error.trouble is Trouble.TOO_LARGE
    is_known = len(uploads) > 1 or read_head(uploads[0].data) is not None
    if not is_large and not is_known and (suffix := known_suffix(uploads[0].data[:ENOUGH])) is not None:
        what = f"{uploads[0].name} is a {'zip' if suffix == ZIP else 'film'}"
        return SourceError(what, "send it as a job, to a service with --jobs", Trouble.CODEC)
    kind = _content_type(request).partition(";")[0].strip().lower()
    cure = error.cure if is_large else _OTHERWISE.get(kind, error.cure)
    return SourceError(error.what, cure, error.trouble)


def _content_type(request: Request) -> str:
    return field(request.scope, b"content-type") or ""


def _boundary(content_type: str) -> bytes:
    message = Message()
    message["content-type"] = content_type
    boundary = message.get_param("boundary")
    if not isinstance(boundary, str) or not 0 < len(boundary) <= 70:
        raise Refused(400, "the form names no boundary")
    return boundary.encode("latin-1", "replace")


def _of_form(body: bytes, boundary: bytes) -> Iterator[Upload]:
    """RFC 7578: each field is between two delimiters, its head before the first empty line."""
    delimiter = b"\r\n--" + boundary
    position = 0 if body.startswith(delimiter[2:]) else body.find(delimiter) + 2
    if position < 2 and not body.startswith(delimiter[2:]):
        raise Refused(400, "the form has no field between its boundaries")
    begin = position + len(delimiter) - 2
    while not body.startswith(b"--", begin):
        end = body.find(delimiter, begin)
        head_end = body.find(b"\r\n\r\n", begin, end)
        if end < 0 or head_end < 0:
            raise Refused(400, "the form breaks off")
        name, filename = _disposition(body[begin:head_end])
        if name in OPTIONS:
            cure = f"write it behind the address, as in /v1/depth?{name}=..."
            raise Refused(422, f"{name} is a field of the form, where no option is read ({cure})")
        if name == FIELD:
            yield Upload(body[head_end + 4 : end], filename or "the picture")
        begin = end + len(delimiter)


def _disposition(head: bytes) -> tuple[str, str]:
    """Name and file name of a field; the latter is for sentences alone, without what is no plain character."""
    for line in head.split(b"\r\n"):
        title, _, value = line.partition(b":")
        if title.strip().lower() == b"content-disposition":
            message = Message()
            message["content-disposition"] = value.strip().decode("utf-8", "replace")
            return _parameter(message, "name"), _plain(_parameter(message, "filename"))
    return "", ""


def _parameter(message: Message, word: str) -> str:
    """One of a field's head, empty where it is missing or its character set reads nothing."""
    try:
        return collapse_rfc2231_value(message.get_param(word, "", header="content-disposition"), "replace")
    except ValueError:
        return ""


def _plain(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:LONGEST_NAME]


def _too_long(most: int) -> Refused:
    return Refused(413, f"the upload has more than {most / 1e6:g} MB (send it smaller)")
