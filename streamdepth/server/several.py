"""Answers about several pictures in one: a JSON array, or a zip with a file for each."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath

from streamdepth.server.answers import Answer
from streamdepth.server.negotiation import ZIP, Form
from streamdepth.server.pictures import Upload

JSON_TYPE = Form.JSON.media_type


def joined(uploads: Sequence[Upload], answers: Sequence[Answer]) -> Answer:
    """A JSON array where the answers are JSON, else a zip; the order is that of the uploads."""
    if answers[0].media_type == JSON_TYPE:
        return Answer(b"[" + b",".join(answer.body for answer in answers) + b"]", JSON_TYPE)
    return _zipped(uploads, answers)


def _zipped(uploads: Sequence[Upload], answers: Sequence[Answer]) -> Answer:
    """`001-street.png` and so on, and `index.json` with what the headers of single answers would say."""
    file, index = io.BytesIO(), []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for number, (upload, answer) in enumerate(zip(uploads, answers, strict=True), start=1):
            name = f"{number:03d}-{plain_stem(upload.name)}{Form(_form_of(answer)).suffix}"
            archive.writestr(zipfile.ZipInfo(name), answer.body)
            index.append({"file": name, "upload": upload.name, **answer.headers})
        archive.writestr(zipfile.ZipInfo("index.json"), json.dumps(index, indent=1))
    return Answer(file.getvalue(), ZIP)


def _form_of(answer: Answer) -> str:
    return answer.media_type


def plain_stem(name: str) -> str:
    """What a file may be called after `name`, whatever a client wrote: letters and digits, and never a path."""
    stem = PurePosixPath(name).stem
    plain = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in stem)
    return plain.strip("-")[:64] or "picture"
