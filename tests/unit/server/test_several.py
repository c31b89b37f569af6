from __future__ import annotations

import io
import json
import zipfile

from streamdepth.server.answers import Answer
from streamdepth.server.pictures import Upload
from streamdepth.server.several import joined


def test_numbers_are_an_array_in_the_order_of_the_uploads():
    answers = [Answer(b'{"width": 1}', "application/json"), Answer(b'{"width": 2}', "application/json")]
    assert json.loads(joined([Upload(b""), Upload(b"")], answers).body) == [{"width": 1}, {"width": 2}]


def test_files_of_a_zip_have_plain_names_whatever_the_client_calls_them():
    names = ["../../etc/passwd", "con.jpg", "Straße 7.png", "", "a" * 300]
    uploads = [Upload(b"", name) for name in names]
    whole = joined(uploads, [Answer(b"x", "image/png", {"Depth-Model": "nano"})] * len(names))
    with zipfile.ZipFile(io.BytesIO(whole.body)) as archive:
        found = archive.namelist()
        index = json.loads(archive.read("index.json"))
    assert found[:4] == ["001-passwd.png", "002-con.png", "003-Straße-7.png", "004-picture.png"]
    assert all(len(name) < 80 for name in found)
    assert index[0] == {"file": "001-passwd.png", "upload": names[0], "Depth-Model": "nano"}
