"""`/v2` over a socket, as clients of KServe and Triton speak it."""

from __future__ import annotations

import base64
import json
import struct
import threading

import numpy as np
import pytest
from depth_services import BOUND, Network, loaded, running_depth
from pictures import encoded, picture

from streamdepth.server.inference_protocol import HEADER

PNG = encoded(".png", picture())
INFER, OF_VERSION = "/v2/models/green/infer", "/v2/models/green/versions/1/infer"


@pytest.fixture(scope="module")
def client():
    with running_depth() as running:
        yield running


def expected(client):
    import io

    return np.load(io.BytesIO(client.depth(PNG, "?size=network", Accept="application/x-npy").body))


def test_a_picture_in_base64_is_answered_with_its_depth(client):
    tensor = {"name": "image", "datatype": "BYTES", "shape": [1], "data": [base64.b64encode(PNG).decode()]}
    body = json.dumps({"inputs": [tensor]}).encode()
    answer = client.ask(INFER, body, Content_Type="application/json")
    assert answer.status == 200, answer.body
    of_version = client.ask(OF_VERSION, body, Content_Type="application/json")
    assert (of_version.status, of_version.json) == (200, answer.json)
    output = answer.json["outputs"][0]
    np.testing.assert_array_equal(np.float32(output["data"]).reshape(output["shape"])[0], expected(client))


def test_the_binary_extension_is_spoken_both_ways(client):
    raw = (struct.pack("<I", len(PNG)) + PNG) * 2
    tensor = {
        "name": "image",
        "datatype": "BYTES",
        "shape": [2],
        "parameters": {"binary_data_size": len(raw)},
    }
    outputs = [{"name": "depth", "parameters": {"binary_data": True}}]
    head = json.dumps({"inputs": [tensor], "outputs": outputs}).encode()
    answer = client.ask(
        INFER, head + raw, **{HEADER: str(len(head)), "Content_Type": "application/octet-stream"}
    )
    assert answer.status == 200, answer.body
    length = int(answer.headers[HEADER.lower()])
    shape = json.loads(answer.body[:length])["outputs"][0]["shape"]
    values = np.frombuffer(answer.body[length:], "<f4").reshape(shape)
    np.testing.assert_array_equal(values, np.stack([expected(client)] * 2))


def test_it_says_what_there_is(client):
    assert client.ask("/v2").json["name"] == "streamdepth"
    assert client.ask("/v2/health/live").json == {"live": True}
    assert client.ask("/v2/health/ready").json == {"ready": True}
    assert client.ask("/v2/models/green").json["inputs"] == [
        {"name": "image", "datatype": "BYTES", "shape": [-1]}
    ]
    assert client.ask("/v2/models/green/ready").json == {"name": "green", "ready": True}
    assert client.ask("/v2/models/red").status == 404
    assert client.ask("/v2/models/green").json["versions"] == ["1"]
    for path in ("", "/ready"):
        assert (
            client.ask(f"/v2/models/green/versions/1{path}").json
            == client.ask(f"/v2/models/green{path}").json
        )
    for path in (INFER, OF_VERSION):
        assert client.ask(path, method="OPTIONS").headers["allow"] == "OPTIONS, POST"
        assert client.ask(path.removesuffix("/infer"), method="HEAD").status == 200
    assert client.ask("/v2/models/green/versions/2", method="HEAD").status == 404
    figures = client.ask("/metrics").body.decode()
    for route in ("/v2/models/{name}", "/v2/models/{name}/versions/{version}/ready"):
        assert f'route="{route}"' in figures
    wrong = client.ask("/v2/models/green/versions/2/infer", b"{}", Content_Type="application/json")
    assert (wrong.status, wrong.json["error"]) == (404, "there is no version 2 (ask for 1, or leave it out)")
    assert client.ask("/v2/models/red/infer", b"{}").status == 404


@pytest.mark.parametrize(
    ("body", "header", "status"),
    [(b"{}", None, 400), (b"no json", None, 400), (b"{}", "x", 400), (b"{}", "9", 400)],
)
def test_what_is_wrong_is_a_problem(client, body, header, status):
    headers = {HEADER: header} if header else {}
    answer = client.ask(INFER, body, Content_Type="application/json", **headers)
    assert answer.status == status
    assert answer.json["error"] == answer.json["detail"]


def test_it_is_not_ready_while_the_network_is_loaded():
    gate = threading.Event()

    def load():
        assert gate.wait(BOUND)
        return loaded(Network())

    with running_depth(load=load) as client:
        assert client.ask("/v2/health/live").status == 200
        for path in ("/v2/health/ready", "/v2/models/green/ready", "/v2/models/green"):
            assert client.ask(path).status == 503
        gate.set()


@pytest.mark.parametrize("length", ["-1", "9" * 5000])
def test_a_length_of_the_json_that_is_no_number_is_a_problem(client, length):
    answer = client.ask(INFER, b"{}", Content_Type="application/json", Inference_Header_Content_Length=length)
    assert (answer.status, "is not a number" in answer.json["detail"]) == (400, True), answer.body
