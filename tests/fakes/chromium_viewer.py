"""A program for tests: a real Chromium watches for a while, others come and go beside it; prints JSON.

    python tests/fakes/chromium_viewer.py ADDRESS --seconds 20 --joins 5

`gaps` are the longest between two pictures that were shown, `joins` from the page's request for a stream to the first
picture, both in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time

from playwright.sync_api import sync_playwright
from services import CHROMIUM, CHROMIUM_ARGUMENTS

WATCH = """document.addEventListener("DOMContentLoaded", () => {
  const video = document.querySelector("video");
  window.seen = { first: null, last: null, gaps: [] };
  const look = () => {
    const now = performance.now();
    if (seen.first === null) seen.first = now;
    else seen.gaps.push(now - seen.last);
    seen.last = now;
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
})"""
TO_FIRST = """() => {
  const began = performance.getEntriesByType("resource").find((entry) => entry.name.endsWith("/api/ice-servers"));
  return seen.first - began.startTime;
}"""
GAPS = "[...seen.gaps, performance.now() - seen.last]"
# Pages that are not in front still have to play.
ALL_PLAY = (
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
)
PATIENCE = 20.0


def watching(context, address):
    """A page that shows a picture."""
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(address)
    end = time.monotonic() + PATIENCE
    while not page.evaluate("seen.first !== null"):
        assert time.monotonic() < end, page.text_content("#word")
        page.wait_for_timeout(20)
    return page


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--joins", type=int, default=0)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        arguments = [*CHROMIUM_ARGUMENTS, *ALL_PLAY]
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, headless=True, args=arguments
        )
        steady, began, joins = watching(context, wanted.address), time.monotonic(), []
        for _ in range(wanted.joins):
            page = watching(context, wanted.address)
            joins.append(round(page.evaluate(TO_FIRST)))
            page.close()
        steady.bring_to_front()
        steady.wait_for_timeout(max(0.0, wanted.seconds - (time.monotonic() - began)) * 1000)
        gaps = sorted(steady.evaluate(GAPS), reverse=True)
        lost = steady.evaluate("document.querySelector('video').getVideoPlaybackQuality().droppedVideoFrames")
        told = {
            "pictures": len(gaps),
            "gaps": [round(gap) for gap in gaps[:5]],
            "joins": joins,
            "dropped": lost,
        }
        sys.stdout.write(json.dumps(told))
        context.close()


if __name__ == "__main__":
    main()
