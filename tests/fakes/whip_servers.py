"""A real Janus with its VideoRoom, and in front of it the few lines of HTTP that make a WHIP server of it (RFC 9725).

What is published is sent on as RTP to a port of this machine, where a test looks at it. The front speaks Janus's own
API over HTTP; the media goes to Janus itself.
"""

from __future__ import annotations

import json
import secrets
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from ports import free_port
from stamped_feed import PATIENCE

JANUS = shutil.which("janus")
FOLDERS = sorted(Path("/usr/lib").glob("*/janus"))
CONFIGURATION = """
general: {{
    configs_folder = "{folder}"
    plugins_folder = "{folder}/plugins"
    transports_folder = "{folder}/transports"
    events_folder = "{folder}"
    loggers_folder = "{folder}"
    session_timeout = 0
    debug_level = 4
}}
media: {{
    ipv6 = false
}}
"""
HTTP = """
general: {{
    json = "compact"
    base_path = "/janus"
    http = true
    port = {port}
    ip = "127.0.0.1"
    https = false
}}
admin: {{
    admin_http = false
}}
"""
ROOM = """
room-1: {{
    publishers = 6
    bitrate = 0
    fir_freq = {keyframes}
    audiocodec = "opus"
    videocodec = "{codec}"
    record = false
}}
"""
SDP = """v=0
o=- 1 1 IN IP4 127.0.0.1
s=forwarded
c=IN IP4 127.0.0.1
t=0 0
m=video {port} RTP/AVP 96
a=rtpmap:96 {codec}/90000
"""


class Janus:
    """The process; can be killed and started again."""

    def __init__(self, folder, *, codec="h264", keyframes=0):
        self.port = free_port()
        self._folder = folder
        self._process = None
        room = ROOM.format(codec=codec, keyframes=keyframes)
        (folder / "janus.jcfg").write_text(CONFIGURATION.format(folder=folder))
        (folder / "janus.transport.http.jcfg").write_text(HTTP.format(port=self.port))
        (folder / "janus.plugin.videoroom.jcfg").write_text(room)
        for part in (
            "transports/libjanus_http.so",
            "plugins/libjanus_videoroom.so",
        ):  # no others, which open ports
            (folder / part).parent.mkdir()
            (folder / part).symlink_to(FOLDERS[0] / part)

    def start(self):
        command = [JANUS, "-F", str(self._folder), "-o"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        end = time.monotonic() + 2 * PATIENCE
        while not self._answers():
            assert time.monotonic() < end, (self._folder / "log").read_text()
            time.sleep(0.02)

    def _answers(self):
        try:
            return self.ask("/info", None)["janus"] == "server_info"
        except OSError:  # it may also hang up while it starts
            return False

    def ask(self, path, body, timeout=PATIENCE):
        """One exchange of the API: GET without a body, else POST."""
        data = None if body is None else json.dumps({**body, "transaction": secrets.token_hex(6)}).encode()
        address = f"http://127.0.0.1:{self.port}/janus{path}"
        with urllib.request.urlopen(urllib.request.Request(address, data), timeout=timeout) as answer:
            return json.loads(answer.read())

    @property
    def pid(self):
        return self._process.pid

    def kill(self):
        if self._process is not None:
            with self._process as process:
                process.kill()
            self._process = None


class WhipServer:
    """Janus and its front; the front stays where it is while Janus goes and comes."""

    def __init__(self, folder, *, codec="h264", token=None, keyframes=0):
        self.janus = Janus(folder, codec=codec, keyframes=keyframes)
        self.token = token
        self.media_port = free_port(socket.SOCK_DGRAM)
        self.requests = []
        self.offers = []
        self._folder = folder
        self._codec = codec
        self._front = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        threading.Thread(target=self._front.serve_forever, daemon=True).start()

    def address(self, login=""):
        return f"whip+http://{login + '@' if login else ''}127.0.0.1:{self._front.server_port}/whip/depth"

    def description(self):
        """A file that says where the forwarded video is."""
        path = self._folder / "forwarded.sdp"
        path.write_text(SDP.format(port=self.media_port, codec=self._codec.upper()))
        return str(path)

    def start(self):
        self.janus.start()
        return self

    def stop(self):
        self._front.shutdown()
        self._front.server_close()
        self.janus.kill()

    def publish(self, offer):
        """The answer of Janus, and the session that it belongs to."""
        session = self.janus.ask("", {"janus": "create"})["data"]["id"]
        handle = self.janus.ask(f"/{session}", {"janus": "attach", "plugin": "janus.plugin.videoroom"})[
            "data"
        ]["id"]
        join = {"request": "joinandconfigure", "room": 1, "ptype": "publisher", "video": True, "audio": False}
        jsep = {"type": "offer", "sdp": offer}
        self.janus.ask(f"/{session}/{handle}", {"janus": "message", "body": join, "jsep": jsep})
        joined = self._event(session)
        forward = {
            "request": "rtp_forward",
            "room": 1,
            "publisher_id": joined["plugindata"]["data"]["id"],
            "host": "127.0.0.1",
            "video_port": self.media_port,
            "video_pt": 96,
        }
        self.janus.ask(f"/{session}/{handle}", {"janus": "message", "body": forward})
        return joined["jsep"]["sdp"], session

    def _event(self, session):
        while True:
            event = self.janus.ask(f"/{session}?maxev=1", None)
            if event["janus"] == "event" and "jsep" in event:
                return event


def handler_of(server):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            offer = self.rfile.read(int(self.headers["Content-Length"])).decode()
            server.requests.append(("POST", self.path, self.headers["Authorization"]))
            server.offers.append(offer)
            if server.token is not None and self.headers["Authorization"] != f"Bearer {server.token}":
                return self._answer(401)
            try:
                answer, session = server.publish(offer)
            except OSError:
                return self._answer(503)
            return self._answer(201, answer, Location=f"/resource/{session}", ETag='"1"')

        def do_DELETE(self):
            server.requests.append(("DELETE", self.path, self.headers["Authorization"]))
            session = self.path.rpartition("/")[2]
            try:
                server.janus.ask(f"/{session}", {"janus": "destroy"})
            except OSError:
                return self._answer(503)
            return self._answer(200)

        def _answer(self, status, body="", **headers):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/sdp")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    return Handler


@pytest.fixture
def whip_server(tmp_path):
    """Makes a WHIP server in front of a real Janus: `whip_server(codec="h264", token=None, keyframes=0)`."""
    if JANUS is None or not FOLDERS:
        pytest.skip("not installed: janus")
    servers = []

    def start(**options):
        servers.append(WhipServer(tmp_path, **options))
        return servers[-1].start()

    yield start
    for server in servers:
        server.stop()
