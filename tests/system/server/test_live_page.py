"""The page of the depth service sends this device's camera to a live page of its own, in a real browser."""

from __future__ import annotations

import pytest
from depth_services import Network, running_depth, until
from playwright.sync_api import expect

from streamdepth.http.tokens import Tokens
from streamdepth.server.live import runs

TOKEN = "a-token-of-a-viewer"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
PATIENCE = 30_000
IS_INSIDE = "() => document.documentElement.scrollWidth <= innerWidth"
PLAYS = "() => document.querySelector('video').currentTime > 0.3"
IS_GREEN = """() => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [16, 9];
  const context = canvas.getContext("2d");
  context.drawImage(document.querySelector("video"), 0, 0, 16, 9);
  const [red, green, blue] = context.getImageData(8, 8, 1, 1).data;
  return green > red && green > blue;
}"""


@pytest.fixture
def page(camera_browser):
    page = camera_browser.new_page(viewport=DESKTOP)
    page.set_default_timeout(PATIENCE)
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    page.close()


def test_the_camera_of_this_device_is_sent_and_seen_and_gone_when_the_page_is(page, monkeypatch, tmp_path):
    with running_depth(Network(), tokens=Tokens((TOKEN,))) as client:

        def cameras():
            lines = client.ask("/metrics", Authorization=f"Bearer {TOKEN}").body.decode().splitlines()
            return next(line for line in lines if line.startswith("streamdepth_live_cameras "))

        page.goto(f"{client.url}/#token={TOKEN}")
        page.click("#live")
        page.wait_for_url("**/live/*")
        expect(page.locator("#word")).to_contain_text("waiting for a camera", timeout=PATIENCE)
        assert page.locator("#camera_use").bounding_box()["height"] >= 50, "it is what there is to do"
        assert cameras().endswith(" 0.0"), "a page alone takes no place"
        page.click("#camera_use")
        page.wait_for_function(PLAYS)
        page.wait_for_function(
            IS_GREEN
        )  # as Chromium's stand-in for a camera is, through the colours of depth
        expect(page.locator("#camera_word")).to_have_text("your camera is being sent", timeout=PATIENCE)
        expect(page.locator("#word")).to_have_text("", timeout=PATIENCE)
        assert cameras().endswith(" 1.0")
        for name, size in {"desktop": DESKTOP, "phone": PHONE}.items():
            page.set_viewport_size(size)
            assert page.evaluate(IS_INSIDE), f"{name}: something is cut off"
            page.screenshot(path=str(tmp_path / f"{name}.png"))
        monkeypatch.setattr(runs, "GONE", 0.5)
        page.goto("about:blank")
        until(lambda: cameras().endswith(" 0.0"))
        assert page.complaints == []
