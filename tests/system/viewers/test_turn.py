"""A viewer who can only be reached through a relay: a real TURN server, coturn, on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import closing

import pytest
from aiortc import RTCConfiguration, RTCIceServer
from aiortc.rtcconfiguration import RTCIceTransportPolicy
from engine_loading import KNOWN_NETWORK
from ports import free_port
from stamped_feed import PATIENCE

from streamdepth.webrtc.ice_server import IceServer

USER, SECRET = "viewer", "hunter2-of-the-relay"


@pytest.fixture(scope="module")
def relay(tmp_path_factory, module_until):
    """The port of a running TURN server."""
    if shutil.which("turnserver") is None:
        pytest.skip("not installed: coturn")
    folder, port = tmp_path_factory.mktemp("coturn"), free_port(socket.SOCK_STREAM, socket.SOCK_DGRAM)
    command = ["turnserver", "-n", "--log-file=stdout", "--simple-log", f"--listening-port={port}"]
    command += ["--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", "--allow-loopback-peers", "--no-cli"]
    command += ["--no-tls", "--no-dtls", "--lt-cred-mech", f"--user={USER}:{SECRET}", "--realm=streamdepth"]
    command += [f"--pidfile={folder}/pid", f"--userdb={folder}/users"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder) as process:
        try:
            module_until(lambda: listens(port))
            yield port
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)


def listens(port):
    with closing(socket.socket()) as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def through(port, transport="udp"):
    return IceServer.parse(f"turn:{USER}:{SECRET}@127.0.0.1:{port}?transport={transport}")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_viewer_behind_a_relay_sees_pictures(
    relay, transport, running_service, new_watcher, stamp_of, until
):
    async def scenario(service):
        servers = [RTCIceServer(f"turn:127.0.0.1:{relay}?transport={transport}", USER, SECRET)]
        watcher = new_watcher(
            service, RTCConfiguration(servers, iceTransportPolicy=RTCIceTransportPolicy.RELAY)
        )
        try:
            await watcher.watch()
            offered = set(re.findall(r"a=candidate:.* typ (\w+)", watcher.connection.localDescription.sdp))
            answered = set(re.findall(r"a=candidate:.* typ (\w+)", watcher.answer))
            stamps = [stamp_of(await watcher.picture()) for _ in range(5)]
            assert stamps == sorted(stamps)
            await asyncio.to_thread(service.ask, watcher.location, "DELETE")
            return offered, answered
        finally:
            await watcher.connection.close()

    with running_service(ice_servers=(through(relay, transport),)) as service:
        offered, answered = asyncio.run(scenario(service))
        until(lambda: service.viewers() == 0)
    assert offered == {"relay"}
    assert "relay" in answered


def test_the_page_and_the_link_header_are_told_of_it(relay, running_service, new_watcher):
    async def scenario(service):
        watcher = new_watcher(service)
        try:
            return await asyncio.to_thread(service.post_offer, await watcher.offer())
        finally:
            await watcher.connection.close()

    with running_service(ice_servers=(through(relay),)) as service:
        told = json.loads(service.ask("/api/ice-servers")[2])
        _, headers, _ = asyncio.run(scenario(service))
    url = f"turn:127.0.0.1:{relay}?transport=udp"
    assert told == [{"urls": url, "username": USER, "credential": SECRET}]
    login = f'username="{USER}"; credential="{SECRET}"; credential-type="password"'
    assert headers["Link"] == f'<{url}>; rel="ice-server"; {login}'


@pytest.mark.parametrize("secret", [SECRET, "a-wrong-secret"])
def test_no_secret_is_logged(relay, secret, new_watcher, service_at):
    command = [sys.executable, "-m", "streamdepth", "--input", "demo", "--camera-size", "160x96"]
    command += [*KNOWN_NETWORK, "--webrtc", "--port", "0", "--log-level", "debug", "--verbose"]
    command += ["--ice-server", f"turn:{USER}:{secret}@127.0.0.1:{relay}"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ) as run:
        told = []
        for line in run.stderr:
            told.append(line)
            if found := re.search(r"watch at (\S+)", line):
                break
        asyncio.run(watched(service_at(found[1]), new_watcher))
        run.send_signal(signal.SIGINT)
        told.append(run.communicate(timeout=PATIENCE)[1])
    assert secret not in "".join(told)


async def watched(service, new_watcher):
    watcher = new_watcher(service)
    try:
        await watcher.watch(patience=PATIENCE)
        await watcher.picture()
    finally:
        await watcher.connection.close()


RELAY_ONLY = """
const Plain = RTCPeerConnection;
window.peers = [];
window.RTCPeerConnection = function (configuration) {
  const peer = new Plain({ ...configuration, iceTransportPolicy: "relay" });
  peers.push(peer);
  return peer;
};
"""
CHOSEN = """async () => {
  const stats = [...(await peers.at(-1).getStats()).values()];
  const pair = stats.find((entry) => entry.type === "candidate-pair" && entry.nominated);
  return stats.find((entry) => entry.id === pair?.localCandidateId)?.candidateType;
}"""


# last, because Playwright keeps a loop on this thread
def test_the_page_plays_through_the_relay(relay, browser, running_service, until):
    page = browser.new_page()
    page.add_init_script(RELAY_ONLY)
    with running_service(ice_servers=(through(relay),)) as service:
        page.goto(service.sink.address)
        until(lambda: page.evaluate("document.querySelector('video').currentTime > 0.5"))
        assert page.evaluate(CHOSEN) == "relay"
        page.close()
