"""Firefox for tests, driven by Marionette: a protocol of its own, JSON over TCP, which needs no driver beside it.

Playwright drives a Firefox of its own making alone, and Selenium a program that Debian has not.
"""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

FIREFOX = shutil.which("firefox-esr")
START_PATIENCE = 60.0
ANSWER_PATIENCE = 60.0
STOP_PATIENCE = 20.0
PREFERENCES = {
    "marionette.port": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    # a camera that draws a test picture, which every page may have
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
}


class FirefoxError(Exception):
    """What Firefox answers to a command that failed."""


class Firefox:
    """One window of a running Firefox."""

    def __init__(self, connection):
        self._stream = connection.makefile("rwb")
        self._sent = 0
        self._receive()  # its greeting
        told = self.command("WebDriver:NewSession", capabilities={})
        self.version = told["capabilities"]["browserVersion"]

    def command(self, name, **arguments):
        """The answer to a command of WebDriver."""
        self._sent += 1
        data = json.dumps([0, self._sent, name, arguments]).encode()
        self._stream.write(b"%d:%b" % (len(data), data))
        self._stream.flush()
        _, number, error, value = self._receive()
        assert number == self._sent
        if error is not None:
            raise FirefoxError(f"{name}: {error['message']}")
        return value

    def open(self, address):
        """Go to an address."""
        self.command("WebDriver:Navigate", url=address)

    def reload(self):
        """Open the page again."""
        self.command("WebDriver:Refresh")

    def evaluate(self, expression):
        """The value of an expression in the page."""
        return self.command("WebDriver:ExecuteScript", script=f"return {expression}", args=[])["value"]

    def choose(self, selector, value):
        """Choose one of a list."""
        self.evaluate(f"""(() => {{
          const list = document.querySelector({json.dumps(selector)});
          list.value = {json.dumps(value)};
          list.dispatchEvent(new Event("change", {{ bubbles: true }}));
        }})()""")

    def picture(self):
        """What the window shows, as a PNG."""
        return base64.b64decode(self.command("WebDriver:TakeScreenshot", full=False)["value"])

    def until(self, expression, patience=30.0):
        """Wait until an expression is true in the page; its value."""
        end = time.monotonic() + patience
        while not (value := self.evaluate(expression)):
            said = self.evaluate("document.body.innerText")
            assert time.monotonic() < end, f"it did not come about: {expression}; the page says {said!r}"
            time.sleep(0.1)
        return value

    def _receive(self):
        length = b""
        while (byte := self._stream.read(1)) != b":":
            assert byte, "Firefox hung up"
            length += byte
        return json.loads(self._stream.read(int(length)))


@contextmanager
def running_firefox(folder: Path, display: str | None = None):
    """A Firefox as it comes, with an empty profile in `folder`.

    Without a screen it has no WebGL; `display` is one of an X server.
    """
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
    (folder / "user.js").write_text("\n".join(lines))
    command = [FIREFOX, "--marionette", "--no-remote", "--profile", str(folder)]
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    if display is None:
        command.append("--headless")
    else:
        environment["DISPLAY"] = display
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=environment, **quiet) as process:
        try:
            port = _port(folder / "MarionetteActivePort", process)
            with socket.create_connection(("127.0.0.1", port), ANSWER_PATIENCE) as connection:
                yield Firefox(connection)
        finally:
            process.terminate()
            try:
                process.wait(STOP_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def _port(told, process):
    """Where it listens, which it writes into its profile."""
    end = time.monotonic() + START_PATIENCE
    while not told.exists() or not told.read_text():
        assert process.poll() is None, "Firefox ended by itself"
        assert time.monotonic() < end, "Firefox does not start"
        time.sleep(0.1)
    return int(told.read_text())
