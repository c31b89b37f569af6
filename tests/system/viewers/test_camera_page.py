""" "Use my camera" in a real browser, whose camera draws a green picture with a wheel that turns."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from stamped_feed import PATIENCE

from streamdepth.rendering import Renderer

READ = """() => {
  const video = document.querySelector("video");
  if (!video.videoWidth) return null;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [64, 36];
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0, 64, 36);
  return [...context.getImageData(0, 0, 64, 36).data];
}"""


@pytest.fixture
def service(camera_service):
    renderer = Renderer(layout="side-by-side", colormap="gray")
    with camera_service(renderer=renderer, size=(640, 480)) as running:
        yield running


@pytest.fixture
def new_page(camera_browser):
    pages = []

    def new_page(**options):
        page = camera_browser.new_page(viewport={"width": 1000, "height": 700}, **options)
        page.set_default_timeout(1000 * PATIENCE)
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "console",
            lambda line: page.complaints.append(line.text) if "Content Security" in line.text else None,
        )
        pages.append(page)
        return page

    yield new_page
    for page in pages:
        page.close()


@pytest.fixture
def page(new_page):
    return new_page()


def open_page(page, service):
    page.goto(service.sink.address)
    page.wait_for_selector("#camera_use", state="visible")
    return page


def told(page):
    return page.evaluate("document.getElementById('camera_word').value")


def word(page):
    return page.text_content("#word")


def plays(page):
    """Whether the video went on since the last time that this was asked."""
    now = page.evaluate("document.querySelector('video').currentTime")
    before, page.played = getattr(page, "played", now), now
    return now > before


def shown(page):
    """(36, 64, 3) RGB of the video, or None."""
    pixels = page.evaluate(READ)
    return None if pixels is None else np.array(pixels, np.uint8).reshape(36, 64, 4)[..., :3]


def is_sent(page, until):
    until(lambda: told(page) == "your camera is being sent")


def live(service, until):
    until(lambda: json.loads(service.ask("/healthz")[2])["condition"] == "live")


def shows_camera_and_depth(page):
    """Whether the left half is the green camera, and the right half its depth in grey: what is light is near."""
    image = shown(page)
    if image is None:
        return False
    camera, depth = (half.astype(int) for half in (image[:, :32], image[:, 32:]))
    is_green = camera[..., 1].mean() > 2 * max(camera[..., 0].mean(), camera[..., 2].mean())
    is_grey = np.abs(depth - depth.mean(axis=2, keepdims=True)).mean() < 6
    likeness = np.corrcoef(camera[..., 1].ravel(), depth[..., 1].ravel())[0, 1]
    return bool(is_green and is_grey and likeness > 0.8)


def test_the_camera_of_the_page_comes_back_as_depth_on_the_same_page(page, service, until, tmp_path):
    open_page(page, service)
    until(lambda: "waiting for a camera" in word(page))
    assert page.locator("#camera_use").bounding_box()["height"] >= 50, "it is what there is to do"
    page.click("#camera_use")
    is_sent(page, until)
    assert page.locator("#camera_use").bounding_box()["height"] < 50
    until(lambda: plays(page))
    until(lambda: shows_camera_and_depth(page))
    until(lambda: word(page) == "")
    page.screenshot(path=str(tmp_path / "camera.png"))
    assert cv2.imread(str(tmp_path / "camera.png")).shape == (700, 1000, 3)
    assert page.text_content("#camera_use") == "Stop my camera"
    assert service.state()["source"]["kind"] == "browser"
    assert page.complaints == []


def test_it_can_be_stopped_and_started_again(page, service, until):
    open_page(page, service)
    page.click("#camera_use")
    live(service, until)
    until(lambda: plays(page))
    page.click("#camera_use")
    until(lambda: "the camera is away, ended by the other side: use yours here" in word(page))
    assert told(page) == ""
    page.click("#camera_use")
    live(service, until)
    until(lambda: word(page) == "")
    until(lambda: plays(page))


def test_a_second_camera_is_refused_with_a_reason(page, new_page, service, until):
    open_page(page, service).click("#camera_use")
    live(service, until)
    other = open_page(new_page(), service)
    other.click("#camera_use")
    until(lambda: "another camera is being sent already" in told(other))
    assert other.text_content("#camera_use") == "Use my camera"
    until(lambda: plays(other))
    is_sent(page, until)


def test_after_a_reload_the_camera_goes_on(page, service, until):
    posted = []
    page.on("response", lambda a: a.url.endswith("/whip") and posted.append(a.status))
    open_page(page, service).click("#camera_use")
    live(service, until)
    page.reload()
    is_sent(page, until)
    live(service, until)
    until(lambda: plays(page))
    assert posted[-1] == 201
    assert len(posted) >= 2


def test_a_page_that_is_left_hangs_up(page, service, until):
    open_page(page, service).click("#camera_use")
    live(service, until)
    page.goto("about:blank")
    until(lambda: service.source.condition.reason == "ended by the other side")


def test_it_connects_again_by_itself_when_the_server_hung_up(page, service, until):
    sent = []
    page.on("response", lambda a: a.status == 201 and "/whip" in a.url and sent.append(a.headers["location"]))
    open_page(page, service).click("#camera_use")
    is_sent(page, until)
    assert service.ask(f"/{sent[0]}", "DELETE")[0] == 200
    until(lambda: page.wait_for_timeout(20) or len(sent) > 1)
    live(service, until)
    is_sent(page, until)


@pytest.mark.parametrize("place", ["whip", "api/ice-servers"])
def test_a_camera_outlives_a_proxy_whose_service_is_away(page, service, until, place):
    open_page(page, service)
    until(lambda: "waiting for a camera" in word(page))
    page.route(f"**/{place}", lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>"), times=2)
    page.click("#camera_use")
    is_sent(page, until)


def test_there_is_no_button_where_the_source_is_another(page, running_service, until):
    with running_service() as service:
        page.goto(service.sink.address)
        until(lambda: page.evaluate("document.querySelector('video').currentTime > 0.2"))
        assert not page.is_visible("#camera_use")


PROBLEMS = {
    "a denied permission": ("NotAllowedError", "allow it beside the address"),
    "no camera": ("NotFoundError", "there is no camera on this device"),
    "a camera in use": ("NotReadableError", "another program holds the camera"),
}


@pytest.mark.parametrize("case", PROBLEMS.values(), ids=PROBLEMS)
def test_it_says_in_words_why_there_is_no_camera(page, service, until, case):
    name, words = case
    page.add_init_script(
        f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{name}'); }}"
    )
    open_page(page, service).click("#camera_use")
    until(lambda: words in told(page))
    assert page.text_content("#camera_use") == "Use my camera"


def test_where_browsers_give_no_camera_it_says_what_to_do(page, service, until):
    page.add_init_script("Object.defineProperty(Navigator.prototype, 'mediaDevices', { value: undefined });")
    open_page(page, service).click("#camera_use")
    until(lambda: "--cert and --key" in told(page))


def test_one_of_several_cameras_is_chosen(page, service, until):
    page.add_init_script("""
        const list = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
        navigator.mediaDevices.enumerateDevices = async () => {
          const [camera] = (await list()).filter(({ kind }) => kind === "videoinput");
          return [camera, { kind: "videoinput", label: "another one", deviceId: "other" }];
        };
        const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        window.asked = [];
        navigator.mediaDevices.getUserMedia = ({ video, audio }) => {
          window.asked.push(video.deviceId?.exact ?? null);
          return get({ video: { ...video, deviceId: undefined }, audio });
        };
    """)
    open_page(page, service).click("#camera_use")
    is_sent(page, until)
    until(lambda: page.is_visible("#camera_which"))
    page.select_option("#camera_which", label="another one")
    until(lambda: page.evaluate("asked.at(-1)") == "other")
    is_sent(page, until)


def test_a_phone_has_front_and_back(new_page, service, until):
    phone = new_page(has_touch=True, is_mobile=True)
    phone.add_init_script("""
        navigator.mediaDevices.enumerateDevices = async () =>
          ["0", "1"].map((deviceId) => ({ kind: "videoinput", label: "", deviceId }));
        const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        window.asked = [];
        navigator.mediaDevices.getUserMedia = (wanted) => {
          window.asked.push(wanted.video.facingMode?.ideal ?? null);
          return get({ video: true });
        };
    """)
    open_page(phone, service)
    assert phone.locator("#camera_which option").all_text_contents() == ["Back camera", "Front camera"]
    phone.click("#camera_use")
    is_sent(phone, until)
    phone.select_option("#camera_which", label="Front camera")
    until(lambda: phone.evaluate("asked.join()") == "environment,user")
    is_sent(phone, until)


@pytest.mark.parametrize("size", [(390, 844), (1280, 720)])
def test_nothing_of_it_is_cut_off(page, service, until, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    open_page(page, service).click("#camera_use")
    live(service, until)
    until(lambda: page.is_visible("#controls"))
    inside = """() => [...document.querySelectorAll("#camera > *, #controls > *")]
      .filter((part) => part.offsetParent !== null).every((part) => {
        part.scrollIntoView({ block: "nearest" });
        const box = part.getBoundingClientRect();
        return box.left >= 0 && box.right <= innerWidth + 1 && box.bottom <= innerHeight + 1;
      })"""
    assert page.evaluate(inside)
