"""A program for tests: a real Chromium watches for a while, others come and go beside it; prints JSON.

    python tests/fakes/chromium_viewer.py ADDRESS SERVER --seconds 20 --joins 5

`gaps` are the longest between two pictures that were shown, `joins` from the page's request for a stream to the first
picture, both in milliseconds, less those in which others had the processors of the browser and of the process SERVER.
`waited` are the seconds of that in all.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time

from playwright.sync_api import sync_playwright
from processor_waits import NotedWaits
from services import CHROMIUM, CHROMIUM_ARGUMENTS

WATCH = """document.addEventListener("DOMContentLoaded", () => {
  const video = document.querySelector("video");
  window.seen = { first: null, last: null, gaps: [] };
  const look = () => {
    const now = performance.now();
    if (seen.first === null) seen.first = now;
    else seen.gaps.push([seen.last, now]);
    seen.last = now;
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
})"""
TO_FIRST = """() => {
  const began = performance.getEntriesByType("resource").find((entry) => entry.name.endsWith("/api/ice-servers"));
  return [began.startTime, seen.first].map((moment) => performance.timeOrigin + moment);
}"""
GAPS = """[...seen.gaps, [seen.last, performance.now()]].map(
  (gap) => gap.map((moment) => performance.timeOrigin + moment))"""
# Pages that are not in front still have to play.
ALL_PLAY = (
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
)
PATIENCE = 30.0


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


def undisturbed(span, waits):
    """Milliseconds of a span between two moments in milliseconds."""
    begin, end = (moment / 1000 for moment in span)
    return round(1000 * max(0.0, end - begin - waits.within(begin, end)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("server", type=int)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--joins", type=int, default=0)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        arguments = [*CHROMIUM_ARGUMENTS, *ALL_PLAY]
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, headless=True, args=arguments
        )
        with NotedWaits(os.getpid(), wanted.server) as waits:
            steady, began, joins = watching(context, wanted.address), time.time(), []
            for _ in range(wanted.joins):
                page = watching(context, wanted.address)
                joins.append(page.evaluate(TO_FIRST))
                page.close()
            steady.bring_to_front()
            steady.wait_for_timeout(max(0.0, wanted.seconds - (time.time() - began)) * 1000)
            gaps, ended = steady.evaluate(GAPS), time.time()
        lost = steady.evaluate("document.querySelector('video').getVideoPlaybackQuality().droppedVideoFrames")
        told = {
            "pictures": len(gaps),
            "gaps": sorted((undisturbed(gap, waits) for gap in gaps), reverse=True)[:5],
            "joins": [undisturbed(join, waits) for join in joins],
            "waited": round(waits.within(began, ended), 1),
            "dropped": lost,
        }
        sys.stdout.write(json.dumps(told))
        context.close()


if __name__ == "__main__":
    main()
