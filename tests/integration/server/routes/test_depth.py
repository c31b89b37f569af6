"""`POST /v1/depth` over a socket: pictures in any form, answers in any form, and everything that is refused."""

from __future__ import annotations

import io
import json
import logging
import socket
import time
import zipfile

import cv2
import numpy as np
import pytest
from depth_services import BOUND, Network, at_once, filled, form, pictures, running_depth, until
from heif_files import Heif
from pictures import encoded, exif, picture

from streamdepth.http.connections import Patience
from streamdepth.inference.pool import Pool
from streamdepth.rendering.colormaps import lookup_table
from streamdepth.server.settings import CacheSettings, Limits


@pytest.fixture(scope="module")
def client():
    with running_depth() as running:
        yield running


@pytest.fixture
def network():
    return Network()


@pytest.fixture
def answered(monkeypatch):
    """A thing for each that was answered without a lane, as the pool is told."""
    told = []
    monkeypatch.setattr(Pool, "note_answered", lambda _pool: told.append(True))
    return told


GIF = (
    b"GIF89a\x02\x00\x02\x00\x80\x00\x00\x00\x00\x00\x00\xff\x00"
    + b",\x00\x00\x00\x00\x02\x00\x02\x00\x00\x02\x03D\x02\x05\x00;"
)
KINDS = {
    **{suffix[1:]: encoded(suffix, picture()) for suffix in (".jpg", ".png", ".webp", ".bmp", ".tiff")},
    "16 bits": encoded(".png", picture().astype(np.uint16) * 257),
    "grey": encoded(".png", picture()[..., 1]),
    "transparent": encoded(".png", cv2.cvtColor(picture(), cv2.COLOR_BGR2BGRA)),
    "gif": GIF,
    "one pixel": encoded(".png", picture(1, 1)),
    "very tall": encoded(".png", picture(2, 2000)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("as_form", [False, True])
def test_a_picture_of_any_kind_is_answered_with_its_heat_map(client, kind, as_form):
    data = KINDS[kind]
    body, headers = form(("a.bin", data)) if as_form else (data, {})
    answer = client.depth(body, **headers)
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == "image/png"
    width, height = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape[1::-1]
    assert answer.image.shape == (height, width, 3)
    assert answer.headers["depth-meaning"] == "inverse_relative"


def test_heic_is_answered(client):
    tile = cv2.resize(picture(), (128, 128))
    answer = client.depth(Heif([tile]).data())
    assert answer.status == 200, answer.body
    assert answer.image.shape == (128, 128, 3)


def test_what_is_near_is_bright_and_a_turned_photo_comes_upright(client):
    answer = client.depth(encoded(".png", picture()))
    table = lookup_table("inferno")
    assert tuple(answer.image[5, 60]) == tuple(table[255, 0])
    assert tuple(answer.image[5, 5]) == tuple(table[0, 0])
    data = encoded(".jpg", cv2.resize(picture(), (640, 480)), cv2.IMWRITE_JPEG_QUALITY, 100)
    told = exif(6)
    data = data[:2] + b"\xff\xe1" + (len(told) + 8).to_bytes(2, "big") + b"Exif\0\0" + told + data[2:]
    turned = client.depth(data)
    assert turned.image.shape == (640, 480, 3)
    assert tuple(turned.image[600, 460]) == tuple(table[255, 0]), "the green corner is at the bottom right"


def test_a_jpeg_is_decoded_no_larger_than_it_is_needed(network):
    data = encoded(".jpg", picture(640, 480))
    with running_depth(network) as client:
        assert client.depth(data).image.shape == (480, 640, 3)
        assert client.depth(data, "?layout=overlay").image.shape == (480, 640, 3)
    assert network.seen == [(160, 120), (640, 480)]


def test_each_form_says_the_same_depth(client):
    data = encoded(".png", picture())
    raw = client.depth(data, "?size=network", Accept="application/x-npy")
    values = np.load(io.BytesIO(raw.body))
    assert values.shape == (64, 64)
    assert values.dtype == np.float32
    deep = client.depth(data, "?size=network", Accept="image/png;depth=16")
    scale, offset = float(deep.headers["depth-scale"]), float(deep.headers["depth-offset"])
    np.testing.assert_allclose(deep.image * scale + offset, values, atol=scale)
    told = client.depth(data, Accept="application/json").json
    assert (told["width"], told["height"]) == (64, 48)
    assert told["depth"]["largest"] == values.max()
    assert client.depth(data, Accept="application/x-npy").body[:6] == b"\x93NUMPY"
    jpeg = client.depth(data, Accept="image/jpeg")
    assert jpeg.headers["content-type"] == "image/jpeg"
    assert jpeg.image.shape == (48, 64, 3)


def test_boxes_are_told_in_pixels_of_the_picture(client):
    answer = client.depth(
        encoded(".png", picture()), "?boxes=40,0,20,20;0,0,20,20", Accept="application/json"
    )
    near, far = answer.json["boxes"]
    assert near["median"] > far["median"]
    assert near["share"] == pytest.approx(400 / (64 * 48))


def test_several_pictures_are_a_zip_or_an_array_and_no_picture(client):
    files = [("../a b.png", encoded(".png", picture())), ("c.png", encoded(".png", picture(32, 32)))]
    body, headers = form(*files)
    answer = client.depth(body, **headers)
    assert answer.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.body))
    assert archive.namelist() == ["001-a-b.png", "002-c.png", "index.json"]
    second = cv2.imdecode(np.frombuffer(archive.read("002-c.png"), np.uint8), cv2.IMREAD_COLOR)
    assert second.shape == (32, 32, 3)
    assert json.loads(archive.read("index.json"))[0]["upload"] == "a b.png"
    told = client.depth(body, **headers, Accept="application/json").json
    assert [one["width"] for one in told] == [64, 32]
    assert client.depth(body, **headers, Accept="image/png").status == 406


def test_who_has_the_answer_is_told_so_before_anything_is_decoded(network, answered):
    data = encoded(".png", picture())
    with running_depth(network, cache=CacheSettings("none")) as client:
        first = client.depth(data)
        again = client.depth(data, If_None_Match=f'W/{first.headers["etag"]}, "other"')
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert (len(network.seen), len(answered)) == (1, 1)
        other = client.depth(data, "?colormap=viridis", If_None_Match=first.headers["etag"])
        assert other.status == 200
        assert other.headers["etag"] != first.headers["etag"]
        assert client.depth(data, Accept="image/jpeg").headers["etag"] != first.headers["etag"]


def test_the_same_again_comes_from_the_cache(network, answered):
    data = encoded(".png", picture())
    with running_depth(network) as client:
        first, second = client.depth(data), client.depth(data)
        assert first.body == second.body
        assert len(answered) == 1
        assert len(network.seen) == 1
        figures = client.ask("/metrics").body.decode()
        assert 'streamdepth_cache_total{result="hit"} 1.0' in figures


def test_the_same_at_the_same_time_is_worked_on_once(network, answered):
    data = encoded(".png", picture())
    with running_depth(network, cache=CacheSettings("none")) as client:
        network.gate.clear()
        threads, said = at_once(*[lambda: client.depth(data)] * 5)
        until(lambda: "streamdepth_shared_total 4.0" in client.ask("/metrics").body.decode())
        network.gate.set()
        for thread in threads:
            thread.join(BOUND)
    assert {one.status for one in said} == {200}
    assert (len(network.seen), len(answered)) == (1, 4)


def test_a_full_service_says_so_at_once_and_when_to_come_again(network):
    third = pictures(3)[2]
    with running_depth(network, limits=Limits(waiting=1)) as client:
        with filled(client, network):
            refused = client.depth(third)
        assert refused.status == 429
        assert int(refused.headers["retry-after"]) >= 1
        assert refused.json["detail"].startswith("too much waits already")
        assert client.depth(third).status == 200


def test_who_is_refused_hears_it_before_the_upload_is_over(network):
    limits = Limits(waiting=1)
    with (
        running_depth(network, limits=limits) as client,
        filled(client, network),
        connected(client) as upload,
    ):
        upload.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n" + b"x" * 1000)
        assert upload.recv(65536).startswith(b"HTTP/1.1 429")


HEAD = b"POST /v1/depth HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"


def connected(client):
    host, _, port = client.url.removeprefix("http://").partition(":")
    upload = socket.create_connection((host, int(port)), BOUND)
    upload.settimeout(BOUND)
    return upload


@pytest.mark.parametrize("leave", [socket.socket.close, lambda open_: open_.shutdown(socket.SHUT_WR)])
def test_who_leaves_or_says_that_nothing_more_comes_gives_the_place_up(network, caplog, leave):
    caplog.set_level(logging.INFO, "streamdepth.access")
    first, second, third = pictures(3)
    with running_depth(network, limits=Limits(waiting=1)) as client:
        network.gate.clear()
        threads, _ = at_once(lambda: client.depth(first))
        assert network.begun.acquire(timeout=BOUND)
        with connected(client) as leaving:
            leaving.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(second) + second)
            until(lambda: "streamdepth_queue_depth 1" in client.ask("/metrics").body.decode())
            leave(leaving)
            until(lambda: "streamdepth_queue_depth 0" in client.ask("/metrics").body.decode())
        more, said = at_once(lambda: client.depth(third))
        until(lambda: "streamdepth_queue_depth 1" in client.ask("/metrics").body.decode())
        network.gate.set()
        for thread in (*threads, *more):
            thread.join(BOUND)
        assert said[0].status == 200
    assert len(network.seen) == 2
    told = [record.fields["status"] for record in caplog.records if record.name == "streamdepth.access"]
    assert sorted(told) == [200, 200, 499]
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


def test_who_leaves_with_several_pictures_gives_all_places_up(network, caplog):
    caplog.set_level(logging.INFO, "streamdepth.access")
    body, headers = form(*[(f"{number}.png", one) for number, one in enumerate(pictures(3))])
    head = HEAD.replace(b"image/png", headers["Content_Type"].encode()) + b"Accept: application/zip\r\n"
    with running_depth(network) as client:
        network.gate.clear()
        with connected(client) as leaving:
            leaving.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            assert network.begun.acquire(timeout=BOUND)
        until(lambda: [one.fields["status"] for one in caplog.records if "fields" in vars(one)] == [499])
        network.gate.set()
        assert client.depth(pictures(4)[3]).status == 200
    assert len(network.seen) == 2
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


def test_what_cannot_be_done_in_the_time_that_a_client_gives_is_not_begun(network):
    first, second = pictures(2)
    with running_depth(network) as client:
        assert client.depth(first, Prefer="wait=20").status == 200
        refused = client.depth(second, Prefer="wait=0")
        assert refused.status == 429
        assert "in the time that its client gives" in refused.json["detail"]
    assert len(network.seen) == 1


def test_what_takes_longer_than_an_answer_may_is_ended(network):
    with running_depth(network, limits=Limits(answer_seconds=0.3)) as client:
        network.gate.clear()
        answer = client.depth(pictures(1)[0])
        assert answer.status == 503
        assert "not done in time" in answer.json["detail"]


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'
PNG = encoded(".png", picture())
REFUSED = {
    "nothing": (b"", 400),
    "text": (b"hello, this is no picture", 415),
    "a drawing": (b"<svg/>", 415),
    "a drawing with a head": (SVG, 415),
    "a drawing with a line before it": (b"\n" + SVG, 415),
    "a web page": (b"<html><script>alert(1)</script></html>", 415),
    "a document": (b"%PDF-1.7 and so on", 415),
    "a film": (b"\0\0\0\x18ftypmp42" + b"\0" * 64, 415),
    "a zip": (b"PK\x03\x04" + b"\0" * 64, 415),
    "a cut off PNG": (PNG[:60], 422),
    "a cut off head": (PNG[:20], 415),
    "a bomb": (PNG[:16] + b"\0\0\xff\xff\0\0\xff\xff" + PNG[24:], 413),
    "no pixels": (PNG[:16] + b"\0\0\0\0\0\0\0\0" + PNG[24:], 415),
    "a damaged JPEG": (encoded(".jpg", picture(640, 480))[:700], 422),
    "too many bytes": (PNG + b"\0" * 200_000, 413),
}


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("as_form", [False, True])
def test_what_is_no_picture_is_refused_by_its_content(small_limits, kind, as_form):
    data, status = REFUSED[kind]
    body, headers = form(("photo.jpg", data)) if as_form else (data, {"Content_Type": "image/jpeg"})
    answer = small_limits.depth(body, **headers)
    assert answer.status == status, answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["status"] == status
    assert "--max-pixels" not in answer.json["detail"], "its cure is not the client's"
    assert "/" not in answer.json["detail"].replace("image/", "")


@pytest.fixture(scope="module")
def small_limits():
    with running_depth(limits=Limits(picture_bytes=200_000, pictures=2)) as running:
        yield running


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"--a-boundary--\r\n", 400),
        (b'--a-boundary\r\nContent-Disposition: form-data; name="image"\r\n\r\nabc', 400),
        (b"--a-boundary\r\n\r\nabc\r\n--a-boundary--\r\n", 400),
        (form(("a", PNG), field="file")[0], 400),
        (form(("a", PNG), ("b", PNG), ("c", PNG))[0], 413),
        (form(("a", PNG), ("b", b"no picture"))[0], 415),
        (form(("a", b""))[0], 400),
    ],
)
def test_a_form_that_is_wrong_is_refused(small_limits, body, status):
    answer = small_limits.depth(body, Content_Type="multipart/form-data; boundary=a-boundary")
    assert answer.status == status, answer.body


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary="])
def test_a_form_without_a_boundary_is_refused(small_limits, content_type):
    assert small_limits.depth(b"abc", Content_Type=content_type).status == 400


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?colormap=pink", 422),
        ("?layout=cube", 422),
        ("?size=huge", 422),
        ("?boxes=1,2,3", 422),
        ("?boxes=1,2,0,4", 422),
        ("?boxes=900,0,4,4", 422),
        ("?model=resnet", 422),
        ("?colourmap=viridis", 422),
        ("?size=", 422),
        ("?size=source&size=network", 422),
    ],
)
def test_an_option_that_is_wrong_is_refused_in_one_sentence(client, query, status):
    answer = client.depth(PNG, query, Accept="application/json")
    assert answer.status == status
    assert answer.json["title"]
    assert answer.json["detail"]


def test_an_option_that_there_is_not_is_told_with_those_that_there_are(client):
    answer = client.depth(PNG, "?colourmap=viridis")
    assert answer.json["detail"] == (
        "there is no option 'colourmap' (choose from model, colormap, layout, size, boxes)"
    )


def test_an_option_that_is_given_twice_is_refused_and_not_chosen_from(client):
    answer = client.depth(PNG, "?model=nano&size=source&model=nano")
    assert (answer.status, answer.json["detail"]) == (422, "model is given twice (say it once)")


@pytest.mark.parametrize(
    ("content_type", "cure"),
    [
        (
            "application/x-www-form-urlencoded",
            "send it with curl --data-binary @photo.jpg or -F image=@photo.jpg",
        ),
        ("application/json", "send the file itself as the body, or as the field image of a form"),
        ("image/png", "check that it opens elsewhere"),
    ],
)
def test_what_is_no_picture_is_told_the_cure_for_how_it_was_sent(client, content_type, cure):
    answer = client.depth(PNG.replace(b"\r\n", b""), Content_Type=content_type)
    assert answer.status == 415
    assert cure in answer.json["detail"]
    assert client.depth(PNG, Content_Type=content_type).status == 200, "curl says so with --data-binary, too"


@pytest.mark.parametrize(
    ("start", "what"),
    [(b"PK\x03\x04", "zip"), (b"\0\0\0\x18ftypmp42", "film"), (b"\x1a\x45\xdf\xa3", "film")],
)
def test_a_film_or_a_zip_is_told_where_it_goes(client, start, what):
    answer = client.depth(start + bytes(600))
    said = f"the picture is a {what} (send it as a job, to a service with --jobs)"
    assert (answer.status, answer.json["detail"]) == (415, said)


def test_a_path_and_a_method_that_there_is_not_are_problems_too(client):
    nothing = client.ask("/v1/nothing").json
    assert (nothing["status"], nothing["detail"]) == (
        404,
        "there is nothing at this address (see /openapi.json)",
    )
    wrong = client.ask("/v1/depth", method="PUT", body=b"")
    assert (wrong.status, wrong.headers["allow"]) == (405, "OPTIONS, POST")
    assert wrong.json["detail"] == "this address takes OPTIONS, POST, not PUT (see /openapi.json)"
    wrong = client.ask("/openapi.json", method="DELETE")
    assert (wrong.status, wrong.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert client.ask("/openapi.json", method="HEAD").status == 200
    assert client.ask("/v1/depth", method="OPTIONS").status == 204


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("/v1/depth/", "../depth"),
        ("/v1/depth/?layout=overlay&boxes=1,2,3,4", "../depth?layout=overlay&boxes=1,2,3,4"),
        ("/v1/depth/?model=a%20b", "../depth?model=a%20b"),
    ],
)
def test_a_slash_too_many_is_led_back_relatively(client, asked, there):
    answer = client.ask(asked, PNG)
    assert (answer.status, answer.headers["location"]) == (307, there)
    assert client.ask("/healthz/").status == 200


def test_a_proxy_may_ask_by_the_whole_path_of_its_host(network):
    with running_depth(network, root_path="/a/depth/") as client:
        assert client.ask("/a/depth/v1/depth", PNG).status == 200
        assert client.ask("/a/depth/v1/depth/", PNG).headers["location"] == "../depth"
        assert client.ask("/a/depth").body == client.ask("/a/depth/").body == client.ask("/").body
        assert client.ask("/a/depth", PNG).headers["location"] == "depth/", "which a GET follows here"
        assert [client.ask(path).status for path in ("/readyz", "/metrics", "/a/readyz")] == [200, 200, 404]


@pytest.mark.parametrize("path", ["/v1/nothing/", "/v1/depth//", "//", "//elsewhere.example/"])
def test_a_slash_behind_an_address_that_there_is_not_changes_nothing(client, path):
    assert client.ask(path).status == 404


def test_a_network_that_fails_is_a_problem_and_the_next_picture_is_answered(network):
    network.error = RuntimeError("a secret of the machine")
    with running_depth(network) as client:
        answer = client.depth(PNG)
        assert answer.status == 500
        assert "secret" not in answer.body.decode()
        network.error = None
        assert client.depth(PNG).status == 200


def test_an_upload_that_says_nothing_is_not_waited_for(monkeypatch):
    monkeypatch.setattr("streamdepth.server.service.PATIENCE", Patience(pause=0.2))
    with running_depth() as client, connected(client) as silent:
        silent.sendall(HEAD + b"Content-Length: 5\r\n\r\n12")
        began = time.monotonic()
        assert silent.recv(10) == b""
        assert time.monotonic() - began < BOUND


def test_what_can_be_accepted_is_named_once(client):
    detail = client.depth(PNG, Accept="text/html").json["detail"]
    assert detail.count("application/json") == 1
