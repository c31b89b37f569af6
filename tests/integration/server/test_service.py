"""The service as a whole: it loads in the background, lets in whom it should, and ends gracefully."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from base64 import b64encode
from urllib.parse import urlsplit

import pytest
from depth_services import BOUND, Network, form, loaded, running_depth, until
from pictures import encoded, picture
from redis_servers import answers

from streamdepth.errors import SinkError, WeightsError
from streamdepth.http import token_file
from streamdepth.http.token_file import TokenFile
from streamdepth.http.tokens import Tokens
from streamdepth.server.cache import NoCache
from streamdepth.server.depth_service import DepthService
from streamdepth.server.figures import Figures
from streamdepth.server.inference_protocol import HEADER
from streamdepth.server.service import Service, open_cache
from streamdepth.server.settings import CacheSettings, Limits, ServeSettings

PROBES = {"/healthz", "/readyz", "/metrics", "/v2/health/live", "/v2/health/ready"}

PNG = encoded(".png", picture())


def test_it_is_alive_before_it_is_ready_and_says_when_to_come_again():
    gate = threading.Event()

    def load():
        assert gate.wait(BOUND)
        return loaded(Network())

    with running_depth(load=load) as client:
        assert client.ask("/healthz").json == {"status": "alive"}
        for path, body in (("/readyz", None), ("/v1/depth", PNG)):
            early = client.ask(path, body)
            assert early.status == 503
            assert int(early.headers["retry-after"]) >= 1
            assert "being loaded" in early.json["detail"]
        assert "streamdepth_ready 0" in client.ask("/metrics").body.decode()
        gate.set()
        until(lambda: client.ask("/readyz").status == 200)
        assert client.depth(PNG).status == 200


def test_one_that_listens_when_ready_refuses_connections_until_then():
    gate = threading.Event()

    def load():
        assert gate.wait(BOUND)
        return loaded(Network())

    with running_depth(load=load, listens_when_ready=True) as client:
        place = urlsplit(client.url)
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((place.hostname, place.port), BOUND)
        gate.set()
        until(lambda: answers(place.port))
        assert client.depth(PNG).status == 200, "it listens once pictures are answered"


def test_one_that_listens_when_ready_ends_while_it_is_loading():
    gate = threading.Event()
    with running_depth(load=gate.wait, listens_when_ready=True) as client:
        assert not answers(urlsplit(client.url).port)
    gate.set()


@pytest.mark.parametrize("when_ready", [True, False])
def test_one_that_is_stopped_before_it_begins_ends_all_the_same(when_ready):
    gate = threading.Event()
    service = Service(ServeSettings(port=0, listens_when_ready=when_ready), gate.wait)
    service.stop()
    running = threading.Thread(target=service.run, daemon=True)
    running.start()
    running.join(BOUND)
    assert not running.is_alive()
    gate.set()


def test_one_that_listens_when_ready_says_so_where_another_was_faster():
    second = Service(ServeSettings(port=0, listens_when_ready=True), lambda: loaded(Network()))
    with (
        running_depth(port=urlsplit(second.address).port),
        pytest.raises(SinkError, match=r"cannot listen on 127\.0\.0\.1 port \d+: .*in use"),
    ):
        second.run()


def test_what_comes_before_it_hangs_up_is_answered_still():
    ending = DepthService(Limits(), NoCache(), Figures())
    ending.begin(loaded(Network()))
    ending.is_stopping = True
    assert not ending.is_ready
    ending.check_room()


def test_only_what_traces_names_is_told_of_requests(monkeypatch):
    trace = pytest.importorskip("opentelemetry.trace", reason="this FastAPI has no traces of its own")
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: pytest.fail("a span is made of a request"))
    with running_depth() as client:
        assert client.ask("/live/a-name-of-a-stream").status == 200
        assert client.depth(PNG).status == 200


def test_a_network_that_cannot_be_loaded_ends_the_service_with_its_sentence():
    def load():
        raise WeightsError("there are no weights", "fetch them")

    service = Service(ServeSettings(port=0), load)
    with pytest.raises(WeightsError, match="there are no weights"):
        service.run()


def test_what_runs_is_answered_and_nothing_new_is_taken_when_it_ends():
    network, said = Network(), []
    service = Service(ServeSettings(port=0), lambda: loaded(network))
    serving = threading.Thread(target=service.run, daemon=True)
    serving.start()
    from depth_services import Asking

    client = Asking(service.address)
    until(lambda: client.ask("/readyz").status == 200)
    network.gate.clear()
    asking = threading.Thread(target=lambda: said.append(client.depth(PNG)), daemon=True)
    asking.start()
    assert network.begun.acquire(timeout=BOUND)
    service.stop()
    time.sleep(0.3)
    assert serving.is_alive()
    network.gate.set()
    for thread in (asking, serving):
        thread.join(BOUND)
        assert not thread.is_alive()
    assert said[0].status == 200


def test_with_tokens_each_of_them_lets_in_and_probes_need_none():
    with running_depth(tokens=Tokens(("first-token", "second-token"))) as client:
        for token in ("first-token", "second-token"):
            assert client.depth(PNG, Authorization=f"Bearer {token}").status == 200
        refused = client.depth(PNG)
        assert refused.status == 401
        assert refused.headers["www-authenticate"] == "Bearer"
        assert refused.headers["content-type"] == "application/problem+json"
        assert client.ask("/healthz").status == client.ask("/readyz").status == 200
        assert client.ask("/metrics").status == 401


def test_tokens_that_change_while_it_runs_are_taken_and_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(token_file, "LOOK_EVERY", 0.02)
    path = tmp_path / "tokens"
    path.write_text("first-token\n", encoding="utf-8")

    def statuses():
        return [client.ask("/metrics", Authorization=f"Bearer {t}-token").status for t in ("first", "second")]

    with running_depth(tokens=TokenFile(path)) as client:
        assert statuses() == [200, 401]
        renewed = tmp_path / "renewed"
        renewed.write_text("second-token\n", encoding="utf-8")
        renewed.replace(path)
        until(lambda: statuses() == [401, 200])


def test_a_token_that_sends_too_often_waits_and_the_others_do_not():
    limits = Limits(per_second=0.1)
    with running_depth(tokens=Tokens(("first-token", "second-token")), limits=limits) as client:
        first = {"Authorization": "Bearer first-token"}
        assert client.depth(PNG, **first).status == 200
        refused = client.depth(PNG, **first)
        assert (refused.status, refused.headers["content-type"]) == (429, "application/problem+json")
        assert 1 <= int(refused.headers["retry-after"]) <= 10
        assert client.depth(PNG, Authorization="Bearer second-token").status == 200
        assert client.ask("/v1/choices", **first).status == 200


@pytest.mark.parametrize("kind", ["form", "tensor"])
def test_each_picture_of_a_request_counts_for_the_rate(kind):
    body, headers = form(*((f"{number}.png", PNG) for number in range(8)))
    path = "/v1/depth"
    if kind == "tensor":
        tensor = {"name": "image", "datatype": "BYTES", "shape": [8], "data": [b64encode(PNG).decode()] * 8}
        body, headers = json.dumps({"inputs": [tensor]}).encode(), {"Content_Type": "application/json"}
        path = "/v2/models/green/infer"
    with running_depth(limits=Limits(per_second=0.1)) as client:
        assert client.ask(path, body, **headers).status == 200
        refused = client.depth(PNG)
        assert refused.status == 429
        assert 10 < int(refused.headers["retry-after"]) <= 80, "not as after one picture"


def test_a_page_from_elsewhere_is_not_let_in_without_a_token():
    with running_depth() as client:
        assert client.depth(PNG, Origin="https://elsewhere.example").status == 403
        assert client.depth(PNG, Host="pointed-here.example").status == 403
    with running_depth(pages=("https://app.example",)) as client:
        named = client.depth(PNG, Origin="https://app.example")
        assert named.status == 200
        assert named.headers["access-control-allow-origin"] == "https://app.example"
        assert "access-control-allow-origin" not in client.depth(PNG).headers
        asked = client.ask("/v2/models/green/infer", method="OPTIONS", Origin="https://app.example")
    may_send, may_read = (named_in(asked, f"access-control-{kind}-headers") for kind in ("allow", "expose"))
    assert asked.status == 204
    assert {"authorization", "traceparent", "if-range", "if-modified-since", HEADER.lower()} <= may_send
    assert {"content-range", "depth-scale", HEADER.lower()} <= may_read


def named_in(answer, header):
    return {name.strip().lower() for name in answer.headers[header].split(",")}


def test_every_answer_has_an_id_and_a_line_in_the_log(caplog):
    caplog.set_level(logging.INFO, "streamdepth.access")
    with running_depth() as client:
        named = client.depth(PNG, X_Request_ID="from-the-proxy:7")
        other = client.depth(b"no picture", X_Request_ID="bad id\t" + "x" * 99)
        for probe in PROBES:
            assert client.ask(probe).status == 200
    assert named.headers["x-request-id"] == "from-the-proxy:7"
    assert len(other.headers["x-request-id"]) == 16
    fields = [record.fields for record in caplog.records if record.name == "streamdepth.access"]
    told = [(one["request_id"], one["path"], one["status"]) for one in fields if one["path"] == "/v1/depth"]
    assert told == [
        ("from-the-proxy:7", "/v1/depth", 200),
        (other.headers["x-request-id"], "/v1/depth", 415),
    ]
    assert {one["path"] for one in fields}.isdisjoint(PROBES)


def test_answers_may_neither_be_framed_nor_run():
    with running_depth() as client:
        answer = client.depth(PNG)
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"


def test_the_contract_names_every_route_and_every_refusal(tmp_path):
    with running_depth() as client:
        contract = client.ask("/openapi.json").json
        assert contract["openapi"].startswith("3.1")
        operation = contract["paths"]["/v1/depth"]["post"]
        assert set(operation["responses"]) == {
            *("200", "304", "400", "401", "403", "406", "413", "415", "422", "429", "503"),
        }
        assert "multipart/form-data" in operation["requestBody"]["content"]
        assert {one["name"] for one in operation["parameters"]} == {
            "model",
            "colormap",
            "layout",
            "size",
            "boxes",
        }
        assert {"/healthz", "/readyz", "/metrics"} <= contract["paths"].keys()
        assert "HTTPValidationError" not in json.dumps(contract)
        assert "/v1/jobs" not in contract["paths"]
    with running_depth(jobs=tmp_path) as client:
        paths = client.ask("/openapi.json").json["paths"]
        assert {"/v1/jobs", "/v1/jobs/{identity}", "/v1/jobs/{identity}/result"} <= paths.keys()
        assert set(paths["/v1/jobs/{identity}"]["put"]["responses"]) >= {"200", "202", "409", "507"}


def test_figures_tell_requests_spans_and_lanes():
    with running_depth(lanes=2) as client:
        body, headers = form(("a.png", PNG))
        client.depth(body, **headers)
        client.ask("/nowhere")
        text = client.ask("/metrics").body.decode()
    assert 'streamdepth_requests_total{method="POST",route="/v1/depth",status="200"} 1.0' in text
    assert 'method="GET",route="other",status="404"' in text
    assert 'streamdepth_span_seconds_count{span="encode"} 1.0' in text
    assert "streamdepth_lanes 2" in text
    assert "process_resident_memory_bytes" in text


def test_each_cache_has_its_word():
    kinds = [
        type(open_cache(CacheSettings(place))).__name__ for place in ("none", "memory", "redis://localhost")
    ]
    assert kinds == ["NoCache", "MemoryCache", "RedisCache"]
