"""Sends GStreamer's ball by its WebRTC element, with sound first in one BUNDLE: URL, token. Ends when told by a line.

For the Python of the system, which has GStreamer.
"""

import sys
import time
import urllib.request
from urllib.parse import urljoin

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import Gst, GstSdp, GstWebRTC  # noqa: E402 (versions are required first)

PIPELINE = """
webrtcbin name=peer bundle-policy=max-bundle
audiotestsrc is-live=true ! opusenc ! rtpopuspay pt=97 ! peer.
videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=30/1
  ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 ! video/x-h264,profile=constrained-baseline
  ! rtph264pay pt=96 config-interval=-1 aggregate-mode=zero-latency
  ! application/x-rtp,media=video,encoding-name=H264,payload=96 ! peer.
"""

PATIENCE = 30.0

kept = []


def wait_for(peer, *signal):
    """What a signal of the element promises; its answer belongs to the promise, which is kept."""
    promise = Gst.Promise.new()
    peer.emit(*signal, promise)
    promise.wait()
    kept.append((promise, promise.get_reply()))
    return kept[-1][1]


def wait_until(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def main(url, token):
    Gst.init(None)
    pipeline = Gst.parse_launch(PIPELINE)
    peer = pipeline.get_by_name("peer")
    pipeline.set_state(Gst.State.PLAYING)
    wait_until(lambda: len(peer.sinkpads) == 2 and all(pad.get_current_caps() for pad in peer.sinkpads))
    offer = wait_for(peer, "create-offer", None).get_value("offer")
    wait_for(peer, "set-local-description", offer)
    gathered = GstWebRTC.WebRTCICEGatheringState.COMPLETE
    wait_until(lambda: peer.get_property("ice-gathering-state") == gathered)
    sdp = peer.get_property("local-description").sdp.as_text()
    headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(url, sdp.encode(), headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        answer, location = response.read().decode(), response.headers["Location"]
    _, parsed = GstSdp.SDPMessage.new_from_text(answer)
    description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, parsed)
    wait_for(peer, "set-remote-description", description)
    sys.stdin.readline()
    urllib.request.urlopen(
        urllib.request.Request(urljoin(url, location), method="DELETE", headers=headers), timeout=PATIENCE
    )
    pipeline.set_state(Gst.State.NULL)


if __name__ == "__main__":
    main(*sys.argv[1:])
