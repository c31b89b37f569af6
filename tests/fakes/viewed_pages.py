"""The page of a stream in a tab of a real browser, as a viewer has it."""

from __future__ import annotations

import base64
import os
import time

import numpy as np
import pytest
from page_pixels import PIXELS_OF
from processor_waits import Promise, with_all_below
from stamped_feed import PATIENCE, stamp_of


def between(counted, other):
    """What is counted just before and just after another count is taken, and that: any of them may have to wait."""
    before = counted()
    taken = other()
    return before, counted(), taken


READ_CANVAS = f"""() => {{
  const video = document.querySelector("video");
  return video.videoWidth ? ({PIXELS_OF})(video, video.videoWidth, video.videoHeight) : null;
}}"""

STAND_IN = (2, 2)
"""The size of the black that Chromium plays until the first picture of a stream is decoded."""


class Viewed:
    """The page in a tab of the browser, as a viewer has it."""

    def __init__(self, tab):
        self.tab = tab
        self.complaints = []
        """What went wrong in it: errors of scripts, and whatever its own policy forbids."""
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.on("console", self._heed)

    def _heed(self, line):
        if "Content Security" in line.text:
            self.complaints.append(line.text)

    def open(self, service):
        """Go there and wait until it plays and can be turned."""
        self.tab.goto(service.sink.address)
        self.until(self.plays)
        self.until(lambda: self.tab.is_visible("#controls"))
        return self

    def until(self, condition, patience=PATIENCE):
        """Wait for a condition while the browser goes on; what it gave."""
        end = time.monotonic() + patience
        while not (value := condition()):
            assert time.monotonic() < end, "it did not come about"
            self.tab.wait_for_timeout(20)
        return value

    def soon(self, condition, seconds):
        """Wait for what is promised within so many seconds, of a browser and servers that have the processors."""
        promise = Promise(seconds, *with_all_below(os.getpid()))
        promise.await_until(condition, lambda: self.tab.wait_for_timeout(20))

    def plays(self):
        return self.tab.evaluate("document.querySelector('video').currentTime > 0.2")

    def canvas(self):
        """(H, W, 3) uint8 RGB: what the video shows now, or None before the first picture."""
        read = self.tab.evaluate(READ_CANVAS)
        if read is None or (read["width"], read["height"]) == STAND_IN:
            return None
        data = np.frombuffer(base64.b64decode(read["pixels"]), np.uint8)
        return data.reshape(read["height"], read["width"], 3)

    def stamp(self):
        """The number in the picture; 0 before the first picture."""
        canvas = self.canvas()
        return 0 if canvas is None else stamp_of(canvas)

    def told(self, part):
        """The text of a part of the page, by its id."""
        return self.tab.text_content(f"#{part}")


@pytest.fixture
def viewed(browser):
    tab = browser.new_page()
    yield Viewed(tab)
    tab.close()
