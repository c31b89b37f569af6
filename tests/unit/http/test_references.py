"""Addresses within a service, which hold below any path of its host."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest

from streamdepth.http.references import reference


@pytest.mark.parametrize(
    "place", ["https://house.example", "https://house.example/depth", "http://[::1]:8000/a/b"]
)
@pytest.mark.parametrize(
    ("asked", "target"),
    [
        ("/", "/static"),
        ("/cameras/front", "/static"),
        ("/whep", "/whep/an-id"),
        ("/whep/front", "/whep/front/an-id"),
        ("/whep/front/", "/whep/front/an-id"),
        ("/offer", "/whep/an-id"),
        ("/v1/jobs", "/v1/jobs/an-id"),
        ("/v1/jobs/an-id", "/v1/jobs/an-id"),
        ("/live", "/live/a-name"),
        ("/cameras/", "/cameras"),
        ("/whep", "/"),
    ],
)
def test_it_leads_to_the_target_below_any_path(place, asked, target):
    said = reference(asked, target)
    assert not said.startswith("/")
    assert urljoin(f"{place}{asked}", said) == f"{place}{target}"
