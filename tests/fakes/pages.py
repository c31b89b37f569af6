"""Pages in a real browser that complain of nothing, and what is given to them."""

from __future__ import annotations

import av
import pytest
from pictures import encoded, picture, written
from stamped_feed import PATIENCE


@pytest.fixture
def new_page(browser):
    from playwright.sync_api import expect

    expect.set_options(timeout=1000 * PATIENCE)
    pages = []

    def new_page(address, size=None):
        page = browser.new_page()
        page.set_viewport_size(size or {"width": 1100, "height": 900})
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(address)
        pages.append(page)
        return page

    yield new_page
    for page in pages:
        assert page.complaints == []
        page.close()


@pytest.fixture
def photo(tmp_path):
    """Green, which is near here, on the right at the top."""
    return written(tmp_path / "photo.png", encoded(".png", picture(320, 240)))


def film(path, frames=30, size=(64, 48)):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for _ in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(*size), format="bgr24")))
        container.mux(stream.encode(None))
    return path


def slow_upload(page, bytes_a_second):
    """The browser sends no faster from now on; returns what ends that."""
    devtools = page.context.new_cdp_session(page)
    usual = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    devtools.send("Network.enable")
    slow = {**usual, "uploadThroughput": bytes_a_second}
    devtools.send("Network.emulateNetworkConditions", slow)
    return lambda: devtools.send("Network.emulateNetworkConditions", usual)
