"""What is imported before a run begins is what that run needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROBE = """
import sys
from streamdepth.run.importing import import_for
from streamdepth.run.spec import OutputSpec, RunSpec

import_for(RunSpec(output=OutputSpec(webrtc=sys.argv[1] == "page")))
print(*(name for name, module in list(sys.modules.items()) if type(module).__name__ != "_LazyModule"))
if "aioice" in sys.modules:
    from aioice.mdns import dns

    dns.message.make_query("name.local", "A")
    assert {type(sys.modules[name]).__name__ for name in ("dns.message", "dns.name")} == {"module"}
"""


@pytest.mark.parametrize("shown", ["page", "window"])
def test_what_shows_a_page_is_there_for_runs_that_have_one(shown):
    done = subprocess.run(
        [sys.executable, "-c", PROBE, shown], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(done.stdout.split())
    assert {"streamdepth.engine.load", "streamdepth.rendering.renderer"} <= loaded
    web = {"streamdepth.viewers.sink", "streamdepth.live.encoder", "aiortc", "starlette"}
    assert loaded & web == (web if shown == "page" else set())
    assert not loaded & {"dns.message", "dns.zone", "dns.name"}, "for browsers alone that hide their address"
