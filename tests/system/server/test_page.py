"""The page of the depth service in a real browser, at the size of a desktop and of a phone."""

from __future__ import annotations

import threading

import av
import cv2
import numpy as np
import pytest
from depth_services import BOUND, Network, loaded, running_depth, until
from pictures import encoded, picture, written
from playwright.sync_api import expect

from streamdepth.http.tokens import Tokens

PHONE = {"width": 390, "height": 800}


@pytest.fixture(scope="module")
def service():
    with running_depth(Network("green"), Network("other")) as running:
        yield running


@pytest.fixture
def new_page(browser):
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
    assert told[0].startswith("depth 255.00: nearer than ")
    assert told[1].startswith("depth 0.00: nearer than 0 %")
    colours = page.evaluate(
        "() => [...document.getElementById('colours').getContext('2d').getImageData(255, 0, 1, 1).data]"
    )
    assert colours[:3] == [252, 255, 164], "the near end of the legend is the last colour of inferno"


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
    expect(page.locator("#point")).to_contain_text("depth 255.00")
    assert page.locator("#point").get_attribute("aria-live") == "polite"
    assert "bright is near" in page.locator("#figure").get_attribute("aria-label")


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
    expect(page.locator("#word.wrong")).to_contain_text("the picture is not an image")


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


def test_it_waits_for_the_network_and_tells_a_service_that_is_gone(new_page, photo):
    gate = threading.Event()

    def load():
        assert gate.wait(BOUND)
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


def test_nothing_comes_from_another_host(new_page, service, photo):
    page = new_page("about:blank")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(service.url)
    given(page, photo)
    assert all(url.startswith((service.url, "blob:", "data:")) for url in asked)
    assert b"http://" not in service.ask("/").body


def film(path, frames=30):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(), format="bgr24")))
        container.mux(stream.encode(None))
    return path


def test_a_film_is_rendered_and_plays(new_page, tmp_path):
    network = Network()
    with running_depth(network, jobs=tmp_path / "jobs") as service:
        page = new_page(service.url)
        expect(page.locator("#colormap option")).not_to_have_count(0)
        network.gate.clear()
        page.set_input_files("#file", film(tmp_path / "a.mp4"))
        expect(page.locator("#word")).to_contain_text("The film is being rendered")
        expect(page.locator("#progress")).to_be_visible()
        network.gate.set()
        expect(page.locator("#word")).to_have_text("Done: your film beside its depth.", timeout=15_000)
        movie = page.locator("#movie")
        expect(movie).to_be_visible()
        movie.evaluate("video => { video.muted = true; return video.play(); }")
        until(lambda: movie.evaluate("video => [video.videoWidth, video.videoHeight]") == [128, 48])
        assert page.get_by_text("Save the film").get_attribute("href").startswith("blob:")


def test_a_film_can_be_cancelled_and_one_that_is_none_is_told(new_page, tmp_path):
    network = Network()
    with running_depth(network, jobs=tmp_path / "jobs") as service:
        page = new_page(service.url)
        expect(page.locator("#colormap option")).not_to_have_count(0)
        network.gate.clear()
        page.set_input_files("#file", film(tmp_path / "a.mp4"))
        expect(page.locator("#word")).to_contain_text("The film is being rendered")
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator("#film")).to_be_hidden()
        network.gate.set()
        page.set_input_files("#file", written(tmp_path / "b.mp4", b"#EXTM3U"))
        expect(page.locator("#word.wrong")).to_contain_text("no film that is read here")
    with running_depth() as service:
        page = new_page(service.url)
        page.set_input_files("#file", film(tmp_path / "a.mp4"))
        expect(page.locator("#word.wrong")).to_contain_text("no films")
