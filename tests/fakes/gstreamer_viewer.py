"""Watches by GStreamer's WebRTC element, by WHEP: URL, token; prints the stamps of the pictures that it gets as JSON.

For the Python of the system, which has GStreamer.
"""

import json
import queue
import sys
import time
import urllib.request
from urllib.parse import urljoin

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import Gst, GstSdp, GstWebRTC  # noqa: E402 (versions are required first)

PATIENCE = 30.0
PICTURES = 20
CELL, BITS = 16, 16
VIDEO = "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000"
SHOWN = "rtpvp8depay ! vp8dec ! videoconvert ! video/x-raw,format=GRAY8 ! appsink name=shown sync=false"


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


def stamp_of(sample):
    """The number on top of a grey picture."""
    width = sample.get_caps().get_structure(0).get_value("width")
    buffer = sample.get_buffer()
    data = buffer.extract_dup(0, buffer.get_size())
    row = (CELL // 2) * (-(-width // 4) * 4)
    return sum(1 << bit for bit in range(BITS) if data[row + bit * CELL + CELL // 2] > 128)


def watch(peer, url, token):
    """Offer to receive video, and take the answer; the address of the session."""
    caps = Gst.Caps.from_string(VIDEO)
    peer.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, caps)
    offer = wait_for(peer, "create-offer", None).get_value("offer")
    wait_for(peer, "set-local-description", offer)
    gathered = GstWebRTC.WebRTCICEGatheringState.COMPLETE
    wait_until(lambda: peer.get_property("ice-gathering-state") == gathered)
    sdp = peer.get_property("local-description").sdp.as_text()
    headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {token}"}
    with urllib.request.urlopen(
        urllib.request.Request(url, sdp.encode(), headers), timeout=PATIENCE
    ) as response:
        answer, location = response.read().decode(), response.headers["Location"]
    _, parsed = GstSdp.SDPMessage.new_from_text(answer)
    description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, parsed)
    wait_for(peer, "set-remote-description", description)
    return urljoin(url, location), headers


def main(url, token):
    Gst.init(None)
    pipeline = Gst.Pipeline.new()
    peer = Gst.ElementFactory.make("webrtcbin")
    peer.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
    pipeline.add(peer)
    sinks = queue.Queue()

    def show(_peer, pad):
        shown = Gst.parse_bin_from_description(SHOWN, True)
        pipeline.add(shown)
        shown.sync_state_with_parent()
        pad.link(shown.get_static_pad("sink"))
        sinks.put(shown.get_by_name("shown"))

    peer.connect("pad-added", show)
    pipeline.set_state(Gst.State.PLAYING)
    session, headers = watch(peer, url, token)
    sink = sinks.get(timeout=PATIENCE)
    samples = [sink.emit("try-pull-sample", int(PATIENCE * Gst.SECOND)) for _ in range(PICTURES)]
    sys.stdout.write(json.dumps([stamp_of(sample) for sample in samples]))
    urllib.request.urlopen(
        urllib.request.Request(session, method="DELETE", headers=headers), timeout=PATIENCE
    )
    pipeline.set_state(Gst.State.NULL)


if __name__ == "__main__":
    main(*sys.argv[1:])
