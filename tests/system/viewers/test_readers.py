"""Players that are not made of what sends, and that read WHEP in their own way."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from pathlib import Path

import pytest
from places import FAKES

TOKEN = "correct-horse"
PYTHON = "/usr/bin/python3"
GSTREAMER = (
    "import gi; gi.require_version('GstWebRTC', '1.0'); from gi.repository import Gst, GstWebRTC; Gst.init(None);"
    "assert all(map(Gst.ElementFactory.find, ('webrtcbin', 'nicesrc', 'vp8dec', 'appsink')))"
)


def test_gstreamer_plays(running_service, until):
    if not Path(PYTHON).exists() or subprocess.run([PYTHON, "-c", GSTREAMER], capture_output=True).returncode:
        pytest.skip("not installed: python3-gi gir1.2-gst-plugins-bad-1.0 gstreamer1.0-nice")
    viewer = FAKES / "gstreamer_viewer.py"
    with running_service(token=TOKEN) as service:
        words = [PYTHON, str(viewer), f"{service.url}/whep", TOKEN]
        told = subprocess.run(words, capture_output=True, text=True, timeout=60)
        assert told.returncode == 0, told.stderr
        stamps = json.loads(told.stdout)
        assert stamps == sorted(set(stamps))
        assert 0 < stamps[0] <= service.feed.number
        until(
            lambda: (
                json.loads(service.ask("/api/state", Authorization=f"Bearer {TOKEN}")[2])["viewers"]["now"]
                == 0
            )
        )


def test_a_reader_that_tells_its_addresses_later_with_any_etag_plays(service, new_watcher, stamp_of):
    """As MediaMTX's page does: an offer without candidates, then each of them with `If-Match: *`."""

    async def scenario():
        watcher = new_watcher(service)
        whole = await watcher.offer()
        candidates = re.findall(r"a=candidate:.*\r\n", whole)
        ufrag, pwd = (re.search(f"a=ice-{name}:.*\r\n", whole)[0] for name in ("ufrag", "pwd"))
        watcher.offer = lambda: asyncio.sleep(0, re.sub(r"a=(candidate|end-of-candidates).*\r\n", "", whole))
        try:
            await watcher.watch()
            section = re.search(r"m=video.*\r\n", whole)[0] + "a=mid:0\r\n"
            kind = {"Content-Type": "application/trickle-ice-sdpfrag", "If-Match": "*"}
            for candidate in candidates:
                fragment = (ufrag + pwd + section + candidate).encode()
                status, _, body = await asyncio.to_thread(
                    service.ask, watcher.location, "PATCH", fragment, **kind
                )
                assert (status, body) == (204, b"")
            return [stamp_of(await watcher.picture()) for _ in range(5)]
        finally:
            await watcher.connection.close()

    stamps = asyncio.run(scenario())
    assert stamps == sorted(set(stamps))
