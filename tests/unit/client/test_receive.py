"""Where a program asks for a live stream, by the address that a browser shows."""

from __future__ import annotations

import pytest

from streamdepth.client.receive import whep_address

HOST = "https://house.example"


@pytest.mark.parametrize(
    ("page", "camera", "whep"),
    [
        ("", "", "/whep"),
        ("/#token=secret", "", "/whep"),
        ("", "yard", "/whep/yard"),
        ("", "../yard", "/whep/..%2Fyard"),
        ("/cameras", "yard", "/whep/yard"),
        ("/cameras/front", "", "/whep/front"),
        ("/cameras/front", "yard", "/whep/yard"),
        ("/live/a-name?x=1", "", "/whep/a-name"),
        ("/depth", "", "/depth/whep"),
        ("/depth/", "yard", "/depth/whep/yard"),
        ("/depth/cameras/front#token=secret", "", "/depth/whep/front"),
        ("/cameras/house/", "", "/cameras/house/whep"),
        ("/live/", "", "/live/whep"),
    ],
)
def test_the_address_of_a_page_says_where_its_stream_is(page, camera, whep):
    assert whep_address(f"{HOST}{page}", camera) == f"{HOST}{whep}?content=depth"
