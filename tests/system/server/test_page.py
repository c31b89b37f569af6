"""The page of the depth service in a real browser, at the size of a desktop and of a phone."""

from __future__ import annotations

import threading

import cv2
import numpy as np
import pytest
from depth_services import PATIENT, Network, loaded, running_depth
from pages import film, slow_upload
from pictures import encoded, picture, written
from playwright.sync_api import expect

from streamdepth.http.tokens import Tokens

PHONE = {"width": 390, "height": 800}


@pytest.fixture(scope="module")
def service():
    with running_depth(Network("green"), Network("other")) as running:
        yield running


def given(page, photo):
    page.set_input_files("#file", photo)
    expect(page.locator("#word")).to_have_text("Done, by green.")
    return page


@pytest.mark.parametrize("size", [None, PHONE], ids=["desktop", "phone"])
def test_a_picture_is_shown_beside_its_heat_map_and_says_its_depth(new_page, service, photo, size):
    page = given(new_page(service.url, size), photo)
    box = page.locator("#heat").bounding_box()
    assert box["width"] >= 300
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0, "nothing is cut off"
    told = []
    for x in (0.95, 0.05):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + 0.1 * box["height"])
        told.append(page.locator("#point").text_content())
    assert told[0].endswith(" % of the picture (value 255.00)")
    assert told[1] == "nearer than 0 % of the picture (value 0.00)"
    colours = page.evaluate(
        "() => [...document.getElementById('colours').getContext('2d').getImageData(255, 0, 1, 1).data]"
    )
    assert colours[:3] == [252, 255, 164], "the near end of the legend is the last colour of inferno"


def test_it_is_loaded_again_where_a_part_did_not_come(new_page, service, photo, browser):
    browser.route("**/static/picture/page.js", lambda route: route.abort(), times=1)
    page = new_page(service.url)
    page.wait_for_function("() => performance.getEntriesByType('navigation')[0].type === 'reload'")
    given(page, photo)


def test_the_slider_shows_more_of_one_or_of_the_other(new_page, service, photo):
    page = given(new_page(service.url), photo)
    edge = page.locator("#edge")
    middle = edge.bounding_box()["x"]
    page.locator("#split").focus()
    page.keyboard.press("End")
    assert edge.bounding_box()["x"] < middle
    page.keyboard.press("Home")
    assert edge.bounding_box()["x"] > middle


def test_the_keyboard_reads_depth_and_a_screen_reader_hears_it(new_page, service, photo):
    page = given(new_page(service.url), photo)
    page.locator("#figure").focus()
    for _ in range(30):
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowRight")
    expect(page.locator("#point")).to_contain_text("(value 255.00)")
    assert page.locator("#point").get_attribute("aria-live") == "polite"
    figure = page.get_by_role("application", name="bright is near", description="move with the arrows")
    expect(figure).to_be_focused()


def test_a_picture_that_is_pasted_or_dropped_is_taken(new_page, service):
    page = new_page(service.url)
    data = list(encoded(".png", picture()))
    for event, holder in (("paste", "clipboardData"), ("drop", "dataTransfer")):
        page.evaluate(
            """([name, holder, data]) => {
                const transfer = new DataTransfer();
                transfer.items.add(new File([new Uint8Array(data)], "a.png", { type: "image/png" }));
                const kind = name === "paste" ? ClipboardEvent : DragEvent;
                dispatchEvent(new kind(name, { [holder]: transfer, bubbles: true, cancelable: true }));
            }""",
            [event, holder, data],
        )
        expect(page.locator("#word")).to_have_text("Done, by green.")
        page.evaluate("() => (document.getElementById('word').textContent = '')")


def test_of_several_files_the_page_says_which_one_it_shows(new_page, service, photo):
    page = new_page(service.url)
    data = list(encoded(".png", picture()))
    page.evaluate(
        """(data) => {
            const transfer = new DataTransfer();
            for (const name of ["a.png", "b.png"]) {
                transfer.items.add(new File([new Uint8Array(data)], name, { type: "image/png" }));
            }
            dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, cancelable: true }));
        }""",
        data,
    )
    expect(page.locator("#word")).to_have_text("Done, by green.")
    expect(page.locator("#others")).to_have_text("One file at a time: of 2 this is a.png.")
    given(page, photo)
    expect(page.locator("#others")).to_have_text("")


def test_colours_and_network_can_be_chosen(new_page, service, photo):
    page = given(new_page(service.url), photo)
    before = page.locator("#heat").get_attribute("src")
    page.locator("#colormap").select_option("viridis")
    expect(page.locator("#heat")).not_to_have_attribute("src", before)
    page.locator("#model").select_option("other")
    expect(page.locator("#word")).to_have_text("Done, by other.")


@pytest.mark.parametrize(
    ("label", "name"),
    [("Heat map (PNG)", "heat.png"), ("16 bits (PNG)", "depth.png"), ("Numbers (NPY)", "depth.npy")],
)
def test_the_depth_can_be_saved(new_page, service, photo, label, name, tmp_path):
    page = given(new_page(service.url), photo)
    with page.expect_download() as download:
        page.get_by_role("button", name=label).click()
    assert download.value.suggested_filename == name
    path = tmp_path / name
    download.value.save_as(path)
    values = np.load(path) if name.endswith("npy") else cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert values.shape[:2] == (240, 320)
    assert values.dtype == {"heat.png": np.uint8, "depth.png": np.uint16, "depth.npy": np.float32}[name]


def test_what_is_no_picture_is_told_in_one_sentence(new_page, service, tmp_path):
    page = new_page(service.url)
    page.set_input_files("#file", written(tmp_path / "a.png", b"no picture at all"))
    expect(page.locator("#word.wrong")).to_contain_text("The picture is not an image")


def test_a_picture_that_the_browser_does_not_know_has_its_heat_map(new_page, service, tmp_path):
    page = new_page(service.url)
    given(page, written(tmp_path / "a.tiff", encoded(".tiff", picture(320, 240))))
    expect(page.locator("#picture")).to_be_hidden()
    assert page.locator("#heat").bounding_box()["width"] == 320


def test_a_token_that_is_missing_or_wrong_is_asked_for(new_page, photo):
    with running_depth(Network(), tokens=Tokens.of("right-token")) as service:
        page = new_page(service.url)
        token = page.get_by_label("This service asks for a token")
        token.fill("wrong-token")
        page.get_by_role("button", name="Go on").click()
        expect(page.locator("#word")).to_have_text("That token is wrong.")
        token.fill("right-token")
        page.get_by_role("button", name="Go on").click()
        expect(token).to_be_hidden()
        given(page, photo)
        given(new_page(f"{service.url}/#token=right-token"), photo)


@pytest.mark.parametrize("written", ["Zm9v+YmFy/w==", "Zm9v%2BYmFy%2Fw%3D%3D"])
def test_a_token_in_base64_is_read_as_it_was_made_and_as_it_is_printed(new_page, photo, written):
    with running_depth(Network(), tokens=Tokens.of("Zm9v+YmFy/w==")) as service:
        given(new_page(f"{service.url}/#token={written}"), photo)


def test_a_picture_or_a_film_that_comes_before_the_token_is_answered_with_it(new_page, photo, tmp_path):
    with running_depth(Network(), tokens=Tokens.of("right-token"), jobs=tmp_path / "jobs") as service:
        for given_early, done in ((photo, "Done, by green."), (film(tmp_path / "a.mp4"), "Done: your film")):
            page = new_page(service.url)
            token = page.get_by_label("This service asks for a token")
            expect(token).to_be_visible()
            page.set_input_files("#file", given_early)
            expect(page.locator("#word")).not_to_have_text("Working …")
            expect(page.locator("#word")).not_to_contain_text("wrong")
            token.fill("right-token")
            page.get_by_role("button", name="Go on").click()
            expect(page.locator("#word")).to_contain_text(done)


def test_it_waits_for_the_network_and_tells_a_service_that_is_gone(new_page, photo):
    gate = threading.Event()

    def load():
        assert gate.wait(PATIENT)
        return loaded(Network())

    with running_depth(load=load) as service:
        page = new_page(service.url)
        expect(page.locator("#word")).to_have_text("The network is being loaded …")
        page.set_input_files("#file", photo)
        gate.set()
        expect(page.locator("#word")).to_have_text("Done, by green.")
        expect(page.locator("#colormap option")).not_to_have_count(0)
    page.locator("#colormap").select_option("magma")
    expect(page.locator("#word.wrong")).to_contain_text("The service does not answer")
    expect(page.locator("#result.away")).to_be_visible()


LOST_ONCE = """(name) => {
  const whole = Response.prototype[name];
  Response.prototype[name] = function () {
    Response.prototype[name] = whole;
    return Promise.reject(new TypeError("network error"));
  };
}"""


@pytest.mark.parametrize("read", ["arrayBuffer", "json"])
def test_an_answer_that_was_cut_off_is_asked_for_again(new_page, service, photo, browser, read):
    page = new_page("about:blank")
    page.add_init_script(f"({LOST_ONCE})('{read}')")
    page.goto(service.url)
    given(page, photo)
    expect(page.locator("#colormap option").first).to_be_attached()


def test_a_proxy_whose_service_is_away_is_asked_again(new_page, service, photo):
    page = new_page(service.url)
    page.route("**/v1/depth*", lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>"), times=1)
    given(page, photo)


def test_nothing_comes_from_another_host(new_page, service, photo):
    page = new_page("about:blank")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(service.url)
    given(page, photo)
    assert all(url.startswith((service.url, "blob:", "data:")) for url in asked)
    assert b"http://" not in service.ask("/").body


def test_the_depth_of_one_picture_is_not_left_beside_what_is_wrong_with_the_next(
    new_page, service, photo, tmp_path
):
    page = given(new_page(service.url), photo)
    page.set_input_files("#file", written(tmp_path / "a.png", b"no picture at all"))
    expect(page.locator("#word.wrong")).to_contain_text("The picture is not an image")
    expect(page.locator("#result")).to_be_hidden()
    given(page, photo)
    expect(page.locator("#result")).to_be_visible()


def test_a_browser_without_webrtc_shows_single_pictures_and_says_what_a_camera_needs(new_page):
    with running_depth(Network()) as client:
        page = new_page("about:blank")
        page.add_init_script("delete window.RTCPeerConnection")
        page.goto(f"{client.url}/live")
        page.get_by_role("button", name="Use my camera").click()
        expect(page.locator("#camera_word")).to_contain_text("this browser has no WebRTC")
        expect(page.get_by_text("the server does not answer")).to_be_hidden()


QUICK = (
    "((usual) => { AbortSignal.timeout = (ms) => usual.call(AbortSignal, ms / 20); })(AbortSignal.timeout)"
)
"""Three seconds for what may take a minute."""


def test_a_large_picture_over_a_slow_line_is_waited_for(new_page, service, tmp_path):
    large = written(tmp_path / "a.bmp", encoded(".bmp", picture(2400, 2200)))
    page = new_page(service.url)
    expect(page.locator("#colormap option")).not_to_have_count(0)
    page.evaluate(QUICK)
    slow_upload(page, 4_000_000)
    page.set_input_files("#file", large)
    expect(page.locator("#word")).to_have_text("Done, by green.", timeout=60_000)
