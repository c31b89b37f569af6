"""The page in a real browser."""

from __future__ import annotations

import asyncio
import threading

import cv2
import pytest

READ_STAMP = """() => {
  const video = document.querySelector("video");
  if (!video.videoWidth) return null;
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  const light = (x, y) => context.getImageData(x, y, 1, 1).data;
  let stamp = 0;
  for (let bit = 0; bit < 16; bit++) if (light(bit * 16 + 8, 8)[1] > 128) stamp |= 1 << bit;
  const fields = [50, 160, 270].map((x) => [...light(x, 200)].slice(0, 3));
  return { stamp, fields, width: video.videoWidth, height: video.videoHeight };
}"""


@pytest.fixture
def page(browser):
    page = browser.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on(
        "console",
        lambda line: page.complaints.append(line.text) if "Content Security" in line.text else None,
    )
    yield page
    page.close()


def open_page(page, service, until):
    page.goto(service.sink.address)
    until(lambda: plays(page))


def plays(page):
    return page.evaluate("document.querySelector('video').currentTime > 0.2")


def seen(page, until):
    """What the canvas shows once there is a picture with a stamp."""
    return until(lambda: (read := page.evaluate(READ_STAMP)) and read["stamp"] and read)


def word(page):
    return page.text_content("#word")


def test_it_plays_the_right_picture_of_now(page, service, until):
    open_page(page, service, until)
    shown = seen(page, until)
    assert (shown["width"], shown["height"]) == (320, 240)
    for field, expected in zip(shown["fields"], ([0, 0, 200], [0, 200, 0], [200, 0, 0]), strict=True):
        assert all(abs(a - b) < 16 for a, b in zip(field, expected, strict=True)), shown
    until(lambda: 0 <= service.feed.number - page.evaluate(READ_STAMP)["stamp"] < 15)
    assert page.complaints == []


def test_it_plays_on_at_the_rate_of_the_source(page, service, until):
    open_page(page, service, until)
    count = """() => document.querySelector("video").getVideoPlaybackQuality().totalVideoFrames"""
    first, began = page.evaluate(count), service.feed.number
    until(lambda: service.feed.number - began >= 60)
    assert page.evaluate(count) - first >= 45


def test_it_tells_figures_and_the_depth_under_the_pointer(page, service, until):
    open_page(page, service, until)
    until(lambda: "29.5 depth maps/s" in page.text_content("#figures"))
    assert "320x240 H264" in page.text_content("#figures")
    until(lambda: word(page) == "")
    box = page.locator("video").bounding_box()
    # the picture is 4:3 in a wider stage: it fills the height, and the eighth column of depth is at its right end
    right = box["x"] + box["width"] / 2 + box["height"] * 4 / 3 * 0.48

    def pointed():
        page.mouse.move(right, box["y"] + box["height"] / 2)
        page.mouse.move(right - 1, box["y"] + box["height"] / 2)
        return page.text_content("#pointer")

    assert until(pointed) == "depth 10.0, nearer than 88 %"


def test_it_plays_again_after_a_reload_and_the_first_viewing_is_gone(page, service, until):
    open_page(page, service, until)
    page.reload()
    until(lambda: plays(page))
    assert seen(page, until)["stamp"] > 0
    until(lambda: service.viewers() == 1)


def test_it_comes_back_by_itself_when_the_server_hung_up(page, service, until):
    viewings = []
    page.on("response", lambda answer: answer.status == 201 and viewings.append(answer.headers["location"]))
    open_page(page, service, until)
    first = viewings[-1]
    before = service.feed.number
    assert service.ask(first, "DELETE")[0] == 200
    until(lambda: page.wait_for_timeout(20) or len(viewings) > 1)
    until(lambda: seen(page, until)["stamp"] > before)


def test_it_says_what_is_wrong_with_the_token(page, running_service, until):
    with running_service(token="correct-horse") as service:
        page.goto(service.url)
        until(lambda: "token is missing or wrong" in word(page))
        page.goto(service.sink.address)
        until(lambda: plays(page))


def test_it_says_that_too_many_watch(page, running_service, watching, until):
    async def scenario(service):
        async with watching(service):
            await asyncio.to_thread(done.wait, 20)

    done = threading.Event()
    with running_service(max_viewers=1) as service:
        holder = threading.Thread(target=lambda: asyncio.run(scenario(service)))
        holder.start()
        try:
            until(lambda: service.viewers() == 1)
            page.goto(service.sink.address)
            until(lambda: "1 watch already" in word(page))
        finally:
            done.set()
            holder.join(10)


def test_it_says_that_the_picture_stands_still(page, running_service, until):
    with running_service() as service:
        open_page(page, service, until)
        service.feed.stop()
        until(lambda: "stands still" in word(page))


def test_its_controls_change_the_look_for_all_who_watch(page, service, until):
    open_page(page, service, until)
    until(lambda: page.is_visible("#controls"))
    page.select_option("#layout", "depth")
    until(lambda: service.renderer.look.layout == "depth")
    page.check("#invert")
    until(lambda: service.renderer.look.invert)
    page.locator("#alpha").fill("0.25")
    until(lambda: service.renderer.look.alpha == 0.25)
    service.renderer.next_colormap()  # another viewer
    until(lambda: page.input_value("#colormap") == service.renderer.look.colormap)
    assert page.complaints == []


def test_its_keys_do_the_same_and_the_question_mark_lists_them(page, service, until):
    open_page(page, service, until)
    until(lambda: page.is_visible("#controls"))
    for key in ("c", "l", "i", "+"):
        before = service.renderer.look
        page.keyboard.press(key)
        until(lambda before=before: service.renderer.look != before)
    page.keyboard.press("?")
    assert page.is_visible("#keys")
    page.keyboard.press("Escape")
    assert not page.is_visible("#keys")


def test_a_snapshot_is_the_picture_that_is_shown(page, service, until, tmp_path):
    open_page(page, service, until)
    until(lambda: page.is_visible("#controls"))
    with page.expect_download(timeout=10_000) as waiting:
        page.click("button[data-key=s]")
    saved = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(saved)
    assert saved.suffix == ".png"
    image = cv2.imread(str(saved))
    assert image.shape[:2] == (240, 320)
    assert abs(int(image[200, 50, 0]) - 200) < 16


@pytest.mark.parametrize("size", [(390, 844), (1280, 720)])
def test_nothing_of_it_is_cut_off(page, service, until, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    open_page(page, service, until)
    until(lambda: page.is_visible("#controls"))
    inside = """() => {
      const parts = [...document.querySelectorAll("#controls > *, #video")].filter((part) => !part.hidden);
      return parts.every((part) => {
        const box = part.getBoundingClientRect();
        const fits = box.right <= innerWidth && box.bottom <= innerHeight;
        return fits && box.left >= 0 && box.top >= 0 && box.height > 0;
      });
    }"""
    assert page.evaluate(inside)
