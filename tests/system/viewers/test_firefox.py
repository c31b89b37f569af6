"""Firefox as it comes: it hides its addresses and says that there are no more, so that it is found by its packets."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from fractions import Fraction

import pytest
from firefox import FIREFOX, running_firefox
from own_views import MOST_ERROR, SIZE, TrueDepth, drawn_by, error_of
from screens import started_x_server

from streamdepth.rendering import Renderer
from streamdepth.sources.demo.source import DemoScene
from streamdepth.sources.replay.paced import HeldPicture

PLAYS = "document.querySelector('video').currentTime > 0.2 && document.querySelector('video').videoWidth > 0"


@pytest.fixture(scope="module")
def firefox(tmp_path_factory):
    if FIREFOX is None:
        pytest.skip("not installed: firefox-esr")
    with ExitStack() as stack:
        screen = None if shutil.which("Xvfb") is None else stack.enter_context(started_x_server())
        yield stack.enter_context(running_firefox(tmp_path_factory.mktemp("firefox"), screen))


def test_it_hides_its_addresses_and_says_that_there_are_no_more(firefox, service):
    firefox.open(service.sink.address)
    firefox.evaluate("""(() => {
      window.mine = new RTCPeerConnection();
      mine.addTransceiver("video", { direction: "recvonly" });
      mine.setLocalDescription();
    })()""")
    firefox.until("mine.iceGatheringState === 'complete'")
    sdp = firefox.evaluate("mine.localDescription.sdp")
    candidates = [line.split()[4] for line in sdp.splitlines() if line.startswith("a=candidate:")]
    assert candidates
    assert all(address.endswith(".local") for address in candidates)
    assert "a=end-of-candidates" in sdp


def test_it_plays_shows_figures_and_turns_the_picture(firefox, service, until):
    firefox.open(service.sink.address)
    firefox.until(PLAYS)
    firefox.until("document.querySelector('#figures').value.includes('pictures a second')")
    until(lambda: service.viewers() == 1)  # the page of before says goodbye
    firefox.until("!document.querySelector('#controls').hidden")
    firefox.choose("#layout", "side-by-side")
    until(lambda: service.renderer.look.layout == "side-by-side")


def test_it_draws_a_view_of_its_own(firefox, running_stream, until):
    if shutil.which("Xvfb") is None:
        pytest.skip("not installed: xvfb, and without a screen Firefox has no WebGL")
    scene = DemoScene(*SIZE, Fraction(15), 10)
    with running_stream(HeldPicture(scene), TrueDepth(scene), Renderer()) as stream:
        firefox.open(stream.sink.address)
        firefox.until(PLAYS)
        firefox.until("!document.querySelector('#own_row').hidden")
        firefox.evaluate("document.querySelector('#own').click()")
        until(lambda: drawn_by(firefox.evaluate) is not None, 30)
        firefox.choose("#colormap", "gray")
        firefox.choose("#layout", "depth")
        until(lambda: error_of(firefox.evaluate, stream) <= MOST_ERROR, 30)
        firefox.choose("#layout", "points")
        until(lambda: drawn_by(firefox.evaluate).shape[:2] != SIZE[::-1], 30)
        until(lambda: [one["content"] for one in stream.state()["encoders"]] == ["depth"])
        firefox.evaluate("document.querySelector('#own').click()")  # it is remembered


def test_it_plays_again_after_a_reload_and_holds_one_place(firefox, service, until):
    firefox.open(service.sink.address)
    firefox.until(PLAYS)
    firefox.reload()
    firefox.until(PLAYS)
    until(lambda: service.viewers() == 1)


def test_it_plays_again_when_the_server_was_started_again(firefox, running_service):
    with running_service() as first:
        port = int(first.url.rpartition(":")[2])
        firefox.open(first.sink.address)
        firefox.until(PLAYS)
    firefox.evaluate("(() => { window.before = document.querySelector('video').srcObject })()")
    with running_service(port=port):
        firefox.until(f"document.querySelector('video').srcObject !== before && {PLAYS}")


LONGER_THAN_A_SILENCE = 7.0
"""Seconds; what the page of a sender takes for a dead line is five."""


def test_it_sends_a_camera_without_a_break_and_sends_it_again_after_a_reload(firefox, camera_service):
    with camera_service() as service:
        firefox.open(service.sink.address)
        firefox.until("!document.querySelector('#camera').hidden")
        firefox.evaluate("document.querySelector('#camera_use').click()")
        firefox.until("document.querySelector('#camera_word').value === 'your camera is being sent'")
        firefox.until(PLAYS)
        firefox.evaluate("(() => { window.began = performance.now() })()")
        firefox.until(f"performance.now() - began > {1000 * LONGER_THAN_A_SILENCE}")
        assert service.source.outages.reconnects == 0
        firefox.reload()
        firefox.until("document.querySelector('#camera_word').value === 'your camera is being sent'")
        firefox.until(PLAYS)
