"""What the page tells of the stream, in a real browser: figures, latency, the depth at a point."""

from __future__ import annotations

import re
import statistics
import time
from fractions import Fraction

import cv2
import numpy as np

from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.frames import DepthMap
from streamdepth.rendering import Renderer
from streamdepth.sources.demo.source import DemoScene
from streamdepth.sources.replay.paced import HeldPicture

AGREES_WITHIN = 10.0
"""Milliseconds: a third of the time between two pictures, so that no picture can be taken for its neighbour."""

NOTE_STAMPS = """() => {
  const video = document.querySelector("video");
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  [canvas.width, canvas.height] = [256, 16];
  window.notes = [];
  const next = () => video.requestVideoFrameCallback((_now, { expectedDisplayTime }) => {
    context.drawImage(video, 0, 0, 256, 16, 0, 0, 256, 16);
    const row = context.getImageData(0, 8, 256, 1).data;
    let stamp = 0;
    for (let bit = 0; bit < 16; bit++) if (row[(bit * 16 + 8) * 4 + 1] > 128) stamp |= 1 << bit;
    window.notes.push([stamp, performance.timeOrigin + expectedDisplayTime]);
    if (window.notes.length > 150) window.notes.shift();
    next();
  });
  next();
}"""


def told_latency(viewed):
    """Median and 95th percentile that the page tells, in milliseconds; None while it tells none."""
    rows = all_figures(viewed)
    names = ("From camera to screen", "95 of 100 pictures within")
    return rows and tuple(float(rows[name].removesuffix(" ms")) for name in names)


def seen_latencies(viewed, service):
    """By the stamps in the pictures and the wall clock, which know nothing of timestamps and data channels."""
    monotonic_to_wall = time.time() - time.monotonic()
    captured_at = service.feed.captured_at
    return [
        shown_at - (captured_at[stamp] + monotonic_to_wall) * 1000
        for stamp, shown_at in viewed.tab.evaluate("window.notes")
        if stamp in captured_at
    ]


def test_the_latency_that_it_tells_is_that_of_the_stamps_in_its_pictures(viewed, running_service):
    with running_service() as service:
        viewed.open(service)
        viewed.tab.evaluate(NOTE_STAMPS)
        viewed.tab.keyboard.press("d")
        viewed.until(lambda: len(viewed.tab.evaluate("window.notes")) >= 100, patience=30)

        def told_rightly():
            told, seen = told_latency(viewed), seen_latencies(viewed, service)
            return told if told and abs(told[0] - statistics.median(seen)) <= AGREES_WITHIN else None

        median, most = viewed.until(told_rightly)
        assert median <= most


def test_it_says_less_where_the_browser_does_not_tell_which_picture_it_shows(viewed, service):
    viewed.tab.add_init_script(
        """{
          const real = HTMLVideoElement.prototype.requestVideoFrameCallback;
          HTMLVideoElement.prototype.requestVideoFrameCallback = function (callback) {
            return real.call(this, (now, metadata) => {
              const { rtpTimestamp, ...rest } = metadata;
              callback(now, rest);
            });
          };
        }"""
    )
    viewed.open(service)
    viewed.tab.keyboard.press("d")
    viewed.until(lambda: "Sent as" in viewed.told("all-figures"))
    assert "on the server30 ms" in viewed.told("all-figures")
    assert "From camera to screen" not in viewed.told("all-figures")


FIGURES = {
    "Depth maps": r"29\.5 a second",
    "Pictures without depth": "2",
    "Pictures not sent to you": "0",
    "To find depth in a picture": "10 ms",
    "Source": "live",
    "Shown here": r"\d\d\.\d a second",
    "From camera to screen": r"[\d.]+ ms",
    "Sent as": "H264 320x240",
    "At most": r"[\d.]+ [kM]b/s",
    "Lost on the way": "0 %, 0 in all",
    "To the server and back": r"[\d.]+ ms",
}
TRIES = 5


def undisturbed(viewed):
    """The rows that are not as they should be, in a viewing during which this machine had time for it, if there is one.

    Pictures that were left out because it had none are counted for as long as the viewing lasts: it begins anew.
    """
    for number in range(TRIES):
        if number:
            viewed.tab.reload()
            viewed.until(viewed.plays)
            viewed.tab.keyboard.press("d")
        rows = viewed.until(lambda: all_figures(viewed))
        seen = {name: rows.get(name, "") for name in FIGURES}
        others = {name: text for name, text in seen.items() if not re.fullmatch(FIGURES[name], text)}
        if not others:
            break
    return others


def test_one_line_says_how_it_goes_and_a_key_shows_all_figures(viewed, service):
    viewed.open(service)
    viewed.until(lambda: re.fullmatch(r"live, \d\d pictures a second", viewed.told("figures")))
    assert not viewed.tab.is_visible("#details")
    viewed.tab.keyboard.press("d")
    assert viewed.tab.get_attribute("button[data-key=d]", "aria-expanded") == "true"
    assert undisturbed(viewed) == {}
    viewed.tab.keyboard.press("d")
    assert not viewed.tab.is_visible("#details")
    assert viewed.complaints == []


def test_a_slow_rate_is_written_as_people_write_it(viewed, service):
    viewed.open(service)
    written = viewed.tab.evaluate(
        """async () => {
          const { perSecond } = await import("/static/live/figures.js");
          return [0, 0.44, 0.96, 1.4, 29.97].map(perSecond);
        }"""
    )
    assert written == ["0.0 pictures", "0.4 pictures", "1 picture", "1 picture", "30 pictures"]


def test_it_tells_who_gets_the_same_packets_and_leaves_another_codec_out(viewed, running_service):
    with running_service() as service:
        others = [service.encoder.subscribe(VideoCodec.VP8)]
        viewed.open(service)
        viewed.tab.keyboard.press("d")

        def encoded(for_whom):
            return (
                (all_figures(viewed) or {}).get("To encode a picture", "").endswith(f", once for {for_whom}")
            )

        viewed.until(lambda: encoded("you"))
        others.append(service.encoder.subscribe(VideoCodec.H264))
        viewed.until(lambda: encoded("all 2"))
        for other in others:
            other.close()


def all_figures(viewed):
    """The rows of the panel, by their names; None while one that takes seconds to be known is not there."""
    rows = dict(
        viewed.tab.evaluate(
            """[...document.querySelectorAll("#all-figures dt")].map(
                 (term) => [term.textContent, term.nextElementSibling.textContent])"""
        )
    )
    return rows if {"From camera to screen", "Shown here", "Sent as"} <= rows.keys() else None


class TrueDepth:
    """Gives the true inverse depth of one moment of the demo scene, at a quarter of its size."""

    def __init__(self, scene, slot=0):
        true = scene.true_inverse_depth(slot)
        self.values = cv2.resize(true, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_NEAREST)

    def estimate(self, image):
        return DepthMap(self.values)


def test_the_depth_under_the_pointer_is_that_of_the_scene_there(viewed, running_stream):
    scene = DemoScene(640, 480, Fraction(30), 10)
    engine = TrueDepth(scene)
    with running_stream(HeldPicture(scene), engine, Renderer()) as service:
        viewed.open(service)
        box = viewed.tab.locator("video").bounding_box()
        scale = min(box["width"] / 640, box["height"] / 480)
        left = box["x"] + (box["width"] - 640 * scale) / 2
        top = box["y"] + (box["height"] - 480 * scale) / 2
        for row, column in ((110, 80), (70, 20), (95, 120), (60, 90)):  # of the depth map, 160x120
            true = float(engine.values[row, column])
            nearer = float(np.mean(engine.values < engine.values[row, column]))
            words = f"nearer than {round(nearer * 100)} % (value {true:.3g})"

            def pointed(x=left + (column + 0.5) * 4 * scale, y=top + (row + 0.5) * 4 * scale):
                viewed.tab.mouse.move(x - 0.3, y)
                viewed.tab.mouse.move(x, y)
                return viewed.told("pointer")

            viewed.until(lambda words=words, pointed=pointed: same_depth(pointed(), words))


def same_depth(told, expected):
    """Whether two read-outs say the same, to the three digits that are shown."""
    numbers = [[float(word) for word in re.findall(r"[\d.]+(?:e-?\d+)?", text)] for text in (told, expected)]
    if len(numbers[0]) != 2:
        return False
    (share, depth), (true_share, true_depth) = numbers
    return abs(depth - true_depth) <= 0.005 * true_depth + 1e-4 and abs(share - true_share) <= 1


def test_what_is_under_a_pointer_that_rests_goes_on_and_goes_with_the_server(viewed, running_stream):
    scene = DemoScene(64, 48, Fraction(10), 10)
    engine = TrueDepth(scene)
    with running_stream(HeldPicture(scene), engine, Renderer(stabilise=False)) as service:
        viewed.open(service)
        box = viewed.tab.locator("#stage").bounding_box()
        viewed.tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        first = viewed.until(lambda: viewed.told("pointer"))
        engine.values = engine.values * np.float32(3)
        viewed.until(lambda: viewed.told("pointer") not in ("", first))
    viewed.until(lambda: viewed.told("pointer") == "")
    assert viewed.told("figures") == ""


def test_what_is_too_much_for_the_machine_stands_below_the_picture_and_not_over_it(viewed, running_service):
    said = ["this machine does not keep up with pictures of 7680x4320: they are shown 5.7 s late"]
    with running_service(behind=lambda: said[0]) as service:
        viewed.open(service)
        viewed.until(lambda: viewed.told("behind") == said[0])
        assert service.state()["behind"] == said[0]
        assert viewed.told("word") == ""
        said[0] = ""
        viewed.until(lambda: viewed.told("behind") == "")
