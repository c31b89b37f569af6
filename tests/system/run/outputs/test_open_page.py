"""`--open` opens the page in the browser of this desktop, says where it cannot, and holds nothing up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import webbrowser

import pytest
from screens import MISSING, started_x_server

from streamdepth.run.outputs.open_page import open_page

ADDRESS = "http://127.0.0.1:8080/#token=correct-horse"


class Browser:
    def __init__(self, answer=True):
        self.opened = []
        self.answer = answer

    def open(self, address):
        self.opened.append(address)
        return self.answer


@pytest.fixture
def desktop(monkeypatch):
    monkeypatch.setattr("streamdepth.sinks.window.display.needs_no_check", lambda: True)


def opened_with(monkeypatch, browser):
    said = []
    monkeypatch.setattr(webbrowser, "get", lambda: browser)
    open_page(ADDRESS, {}, said.append).join(10)
    return said


def test_the_page_is_opened_with_its_token(desktop, monkeypatch):
    browser = Browser()
    assert opened_with(monkeypatch, browser) == []
    assert browser.opened == [ADDRESS]


def test_a_browser_that_does_not_start_is_told(desktop, monkeypatch):
    assert "open the address yourself" in opened_with(monkeypatch, Browser(answer=False))[0]


def test_a_browser_for_the_terminal_is_not_opened(desktop, monkeypatch):
    (line,) = opened_with(monkeypatch, webbrowser.GenericBrowser("w3m"))
    assert "only w3m" in line


def test_no_browser_at_all_is_told(desktop, monkeypatch):
    def none():
        raise webbrowser.Error("could not locate runnable browser")

    said = []
    monkeypatch.setattr(webbrowser, "get", none)
    open_page(ADDRESS, {}, said.append).join(10)
    assert said == [
        "no browser could be opened: could not locate runnable browser (open the address yourself)"
    ]


def test_without_a_display_none_is_looked_for(monkeypatch):
    monkeypatch.setattr(webbrowser, "get", lambda: pytest.fail("none was to be looked for"))
    monkeypatch.setattr("streamdepth.sinks.window.display.needs_no_check", lambda: False)
    said = []
    open_page(ADDRESS, {}, said.append).join(10)
    assert "no display" in said[0]


def test_a_browser_that_hangs_holds_nothing_up(desktop, monkeypatch):
    release = threading.Event()
    browser = Browser()
    browser.open = lambda _address: release.wait(30)
    monkeypatch.setattr(webbrowser, "get", lambda: browser)
    begin = time.monotonic()
    worker = open_page(ADDRESS, {}, pytest.fail)
    assert time.monotonic() - begin < 5
    release.set()
    worker.join(10)


@pytest.mark.skipif(bool(MISSING), reason="there is no X server")
@pytest.mark.parametrize("asked", [True, False])
def test_a_run_opens_its_page_only_when_asked(tmp_path, asked):
    seen, script = tmp_path / "seen", tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" > {seen}.new; mv {seen}.new {seen}; sleep 5\n')
    script.chmod(0o755)
    words = ["--input", "demo", "--camera-size", "160x90", "--webrtc", "--port", "0", "--model", "nano"]
    words += ["--open"] if asked else ["--duration", "1"]
    command = [sys.executable, "-m", "streamdepth", *words]
    with started_x_server() as display:
        environ = {**os.environ, "BROWSER": f"{script} %s &", "DISPLAY": display}
        run = subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 60
        while asked and not seen.exists() and time.monotonic() < end:
            time.sleep(0.05)
        if asked:
            run.send_signal(signal.SIGINT)
        said = run.communicate(timeout=60)[1]
    assert seen.exists() == asked, said
    assert not asked or seen.read_text().strip() in said
