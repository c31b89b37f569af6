from __future__ import annotations

import base64
import json
import struct

import numpy as np
import pytest

from streamdepth.http.refusal import Refused
from streamdepth.server.inference_protocol import HEADER, read_request, write_answer


def request(*pictures, **more):
    data = [base64.b64encode(picture).decode() for picture in pictures]
    tensor = {"name": "image", "datatype": "BYTES", "shape": [len(pictures)], "data": data}
    return {"inputs": [tensor], **more}


def binary(*pictures, **more):
    raw = b"".join(struct.pack("<I", len(picture)) + picture for picture in pictures)
    told = request(*pictures, **more)
    del told["inputs"][0]["data"]
    told["inputs"][0]["parameters"] = {"binary_data_size": len(raw)}
    head = json.dumps(told).encode()
    return head + raw, len(head)


def read(told):
    return read_request(json.dumps(told).encode(), None, 4)


def test_pictures_come_in_base64_and_in_binary():
    asked = read(request(b"one", b"two", id="7"))
    assert [upload.data for upload in asked.uploads] == [b"one", b"two"]
    assert (asked.id, asked.binary) == ("7", False)
    body, length = binary(b"", b"\0\xff" * 9, parameters={"binary_data_output": True})
    asked = read_request(body, length, 4)
    assert [upload.data for upload in asked.uploads] == [b"", b"\0\xff" * 9]
    assert asked.binary


def test_data_may_be_nested_in_its_shape():
    tensor = request(b"one", b"two")["inputs"][0]
    nested = {**tensor, "shape": [2, 1], "data": [[text] for text in tensor["data"]]}
    assert [upload.data for upload in read({"inputs": [nested]}).uploads] == [b"one", b"two"]
    with pytest.raises(Refused, match="is not a list of pictures"):
        read({"inputs": [{**tensor, "data": [[["b25l"]]]}]})


@pytest.mark.parametrize(
    ("own", "whole", "is_binary"),
    [(True, False, True), (False, True, False), (None, True, True), (None, None, False)],
)
def test_the_output_says_itself_whether_it_comes_in_binary(own, whole, is_binary):
    told = request(b"one")
    if own is not None:
        told["outputs"] = [{"name": "depth", "parameters": {"binary_data": own}}]
    if whole is not None:
        told["parameters"] = {"binary_data_output": whole}
    assert read(told).binary is is_binary


WRONG = [
    [],
    {},
    {"inputs": []},
    {"inputs": [1]},
    {"inputs": request(b"a")["inputs"] * 2},
    {"inputs": [{**request(b"a")["inputs"][0], "name": "picture"}]},
    {"inputs": [{**request(b"a")["inputs"][0], "datatype": "UINT8"}]},
    {"inputs": [{**request(b"a")["inputs"][0], "data": ["%%%"]}]},
    {"inputs": [{**request(b"a")["inputs"][0], "data": [7]}]},
    {"inputs": [{**request(b"a")["inputs"][0], "data": []}]},
    {"inputs": [{**request(b"a")["inputs"][0], "shape": [2]}]},
    {"inputs": [{**request(b"a")["inputs"][0], "shape": "1"}]},
    {"inputs": [{**request(b"a")["inputs"][0], "parameters": []}]},
    request(b"a", outputs=[{"name": "other"}]),
    request(b"a", parameters=[1]),
]


@pytest.mark.parametrize("told", WRONG)
def test_what_makes_no_sense_is_refused(told):
    with pytest.raises(Refused) as refused:
        read(told)
    assert refused.value.status == 400


@pytest.mark.parametrize("cut", [1, 5, -3])
def test_binary_data_that_is_not_whole_is_refused(cut):
    body, length = binary(b"picture")
    with pytest.raises(Refused):
        read_request(body[:cut] if cut < 0 else body + b"x" * cut, length, 4)
    with pytest.raises(Refused, match="larger than the body"):
        read_request(body, len(body) + 1, 4)
    with pytest.raises(Refused, match="not JSON"):
        read_request(body, length - 1, 4)


def test_binary_data_of_no_picture_is_refused():
    body, length = binary()
    with pytest.raises(Refused, match="no picture follows the JSON") as refused:
        read_request(body, length, 4)
    assert refused.value.status == 400


def test_too_many_are_refused():
    with pytest.raises(Refused) as refused:
        read(request(*[b"a"] * 5))
    assert refused.value.status == 413


def test_the_answer_is_one_tensor_in_json_or_in_binary():
    maps = [np.full((2, 3), value, np.float32) for value in (1.5, 2.5)]
    asked = read(request(b"one", b"two", id="7"))
    body, headers = write_answer(asked, maps, "nano")
    told = json.loads(body)
    assert headers == {"Content-Type": "application/json"}
    assert (told["id"], told["model_name"]) == ("7", "nano")
    assert told["outputs"][0]["shape"] == [2, 2, 3]
    assert told["outputs"][0]["data"] == [1.5] * 6 + [2.5] * 6
    asked = read(request(b"one", b"two", parameters={"binary_data_output": True}))
    body, headers = write_answer(asked, maps, "nano")
    length = int(headers[HEADER])
    values = np.frombuffer(body[length:], "<f4").reshape(json.loads(body[:length])["outputs"][0]["shape"])
    np.testing.assert_array_equal(values, np.stack(maps))
    with pytest.raises(Refused, match="one by one"):
        write_answer(asked, [maps[0], np.zeros((4, 4), np.float32)], "nano")
