"""Pages of both services below a path of a host, as deploy/nginx/path.conf has them there, in a real browser."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
from depth_services import Network, running_depth, until
from nginx import below_a_path, needs_nginx
from pages import film
from playwright.sync_api import expect
from services import running_service

pytestmark = needs_nginx
PATIENCE = 20_000
DONE = "Done: your film beside its depth."


@pytest.fixture(scope="module")
def browser(camera_browser):
    return camera_browser.new_context()


@pytest.fixture(scope="module")
def depth(tmp_path_factory):
    """The address of a depth service below a path."""
    folder = tmp_path_factory.mktemp("nginx")
    with (
        running_depth(Network(), jobs=tmp_path_factory.mktemp("jobs")) as service,
        below_a_path(folder, service.url.rpartition(":")[2]) as address,
    ):
        yield address


@pytest.fixture
def live(tmp_path):
    """A live page, and its address below a path."""
    with running_service() as service, below_a_path(tmp_path, service.url.rpartition(":")[2]) as address:
        yield service, address


@pytest.mark.parametrize("page_at", ["/depth/", "/depth", "/without"])
def test_the_page_shows_the_depth_of_a_picture_and_of_a_film(new_page, depth, photo, tmp_path, page_at):
    page = new_page(urljoin(depth, page_at))
    page.set_input_files("#file", photo)
    expect(page.locator("#word")).to_have_text("Done, by green.")
    page.set_input_files("#file", film(tmp_path / "film.mp4"))
    expect(page.locator("#word")).to_have_text(DONE, timeout=PATIENCE)
    page.reload()
    expect(page.locator("#word")).to_have_text(DONE, timeout=PATIENCE)
    assert page.url.startswith(urljoin(depth, f"{page_at.rstrip('/')}/"))


def test_a_page_whose_slash_a_proxy_takes_away_is_there_as_well(new_page, depth, photo):
    page = new_page(urljoin(depth, "/bare"))
    page.set_input_files("#file", photo)
    expect(page.locator("#word")).to_have_text("Done, by green.")
    assert page.url == urljoin(depth, "/bare")


def test_a_film_is_remembered_for_its_own_service(new_page, depth, tmp_path):
    page = new_page(f"{depth}/")
    page.set_input_files("#file", film(tmp_path / "film.mp4"))
    expect(page.locator("#word")).to_have_text(DONE, timeout=PATIENCE)
    page.goto(urljoin(depth, "/without/"))
    expect(page.locator("#choose")).to_have_text("Choose a picture or a film")
    expect(page.locator("#film")).to_be_hidden()
    page.goto(f"{depth}/")
    expect(page.locator("#word")).to_have_text(DONE, timeout=PATIENCE)


def test_the_camera_of_a_browser_is_sent_and_seen_and_gone_when_the_page_is(browser, depth):
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{depth}/")
    page.click("#live")
    page.wait_for_url("**/depth/live/*")
    page.click("#camera_use")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.3")
    gone = []
    page.on("request", lambda request: request.method == "DELETE" and gone.append(request.url))
    page.click("#camera_use")
    until(lambda: page.wait_for_timeout(20) or gone)
    assert gone[0].startswith(f"{depth}/whip/")
    page.close()


def test_the_live_page_plays_and_hangs_up(viewed, live):
    service, address = live
    viewed.tab.goto(f"{address}/")
    viewed.until(viewed.plays)
    assert service.viewers() == 1
    viewed.tab.goto("about:blank")
    until(lambda: service.viewers() == 0)
    assert viewed.complaints == []


def test_a_live_page_without_webrtc_shows_single_pictures(viewed, live):
    viewed.tab.add_init_script("delete window.RTCPeerConnection")
    viewed.tab.goto(f"{live[1]}/")
    viewed.until(lambda: viewed.tab.evaluate("document.getElementById('pictures').naturalWidth") > 0)
