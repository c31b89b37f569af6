from __future__ import annotations

import pytest

from streamdepth.http.refusal import Refused
from streamdepth.server.negotiation import Form, choose

OFFERS = tuple(form.value for form in Form)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, Form.HEAT),
        ("", Form.HEAT),
        ("*/*", Form.HEAT),
        ("image/*", Form.HEAT),
        ("image/png", Form.HEAT),
        ("IMAGE/PNG", Form.HEAT),
        ("image/png; depth=16", Form.DEEP),
        ('image/png;depth="16"', Form.DEEP),
        ("image/jpeg", Form.JPEG),
        ("application/json, */*;q=0.1", Form.JSON),
        ("image/png;q=0.5, application/x-npy;q=0.8", Form.NPY),
        ("image/png;q=0, image/*", Form.JPEG),
        ("text/html, application/xhtml+xml, image/avif, image/webp, */*;q=0.8", Form.HEAT),
        ("nonsense, application/json", Form.JSON),
        ("application/json; Charset=UTF-8", Form.JSON),
        ("image/png;charset=utf-8;depth=16, application/json;q=0.9", Form.DEEP),
    ],
)
def test_what_the_client_likes_best_is_taken(accept, chosen):
    assert choose(accept, OFFERS) == chosen.value


@pytest.mark.parametrize(
    "accept", ["text/html", "image/webp", "image/png;depth=8", "*/*;q=0", "image/png;q=x", "/"]
)
def test_what_there_is_not_is_refused_with_what_there_is(accept):
    with pytest.raises(Refused, match="image/png;depth=16") as refused:
        choose(accept, OFFERS)
    assert refused.value.status == 406


def test_each_form_has_a_suffix_for_its_file():
    assert {form.suffix for form in Form} == {".png", ".jpg", ".npy", ".json"}
    assert Form.DEEP.media_type == "image/png"
