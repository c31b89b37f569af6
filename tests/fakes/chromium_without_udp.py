"""A program for tests: a real Chromium opens the page where WebRTC does not come through; prints JSON.

    python tests/fakes/chromium_without_udp.py ADDRESS

`seen` are the numbers of two pictures that it shows, `says` is what the page says of its connection.
"""

from __future__ import annotations

import base64
import json
import sys
import tempfile
import time

import numpy as np
from page_pixels import PIXELS_OF
from playwright.sync_api import sync_playwright
from services import CHROMIUM, CHROMIUM_ARGUMENTS
from stamped_feed import stamp_of

PATIENCE = 40.0
READ = f"""() => {{
  const image = document.getElementById("pictures");
  if (image.hidden || !image.naturalWidth) return null;
  return ({PIXELS_OF})(image, image.naturalWidth, image.naturalHeight);
}}"""


def shown(page, after):
    """The number of a picture that comes after another."""
    end = time.monotonic() + PATIENCE
    while True:
        read = page.evaluate(READ)
        if read is not None:
            data = np.frombuffer(base64.b64decode(read["pixels"]), np.uint8)
            number = stamp_of(data.reshape(read["height"], read["width"], 3))
            if number > after:
                return number
        assert time.monotonic() < end, page.text_content("body")
        page.wait_for_timeout(50)


def main():
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, headless=True, args=list(CHROMIUM_ARGUMENTS)
        )
        page = context.new_page()
        page.goto(sys.argv[1])
        first = shown(page, 0)
        seen = [first, shown(page, first)]
        page.wait_for_function("document.querySelector('#word').textContent === ''")
        page.wait_for_function("document.querySelector('#figures').value !== ''")
        told = {"seen": seen, "says": page.text_content("#way"), "controls": page.is_visible("#controls")}
        sys.stdout.write(json.dumps(told))
        context.close()


if __name__ == "__main__":
    main()
