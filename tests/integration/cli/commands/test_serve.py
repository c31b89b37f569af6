"""`streamdepth serve` as a command: what it says, what it refuses, how it ends."""

from __future__ import annotations

import re
import signal
import subprocess
import sys

import pytest
from depth_services import Asking, until
from pictures import encoded, picture

from streamdepth.cli.commands import serve as command
from streamdepth.cli.commands.serve import ServeOptions, settings_of
from streamdepth.errors import UsageError
from streamdepth.server.models import Loaded, Served


def test_options_become_settings(tmp_path):
    tokens = tmp_path / "tokens"
    tokens.write_text("first-token\n", encoding="utf-8")
    options = ServeOptions(
        host="0.0.0.0",
        tokens=tokens,
        queue=3,
        max_pixels=9,
        timeout=2.0,
        cache="none",
        allow_origin=("https://a.b",),
    )
    settings = settings_of(options)
    assert settings.tokens.allow("first-token")
    assert (settings.limits.waiting, settings.limits.pixels, settings.limits.answer_seconds) == (3, 9, 2.0)
    assert (settings.cache.place, settings.pages) == ("none", ("https://a.b",))
    with pytest.raises(UsageError, match="--insecure"):
        settings_of(ServeOptions(host="0.0.0.0"))


@pytest.mark.parametrize(
    "words",
    [
        ("serve", "--timeout", "inf"),
        ("serve", "--cache-time", "1e12"),
        ("health", "http://127.0.0.1:1", "--timeout", "inf"),
    ],
)
def test_a_time_that_no_clock_counts_is_refused(words):
    done = subprocess.run(
        [sys.executable, "-m", "streamdepth", *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "It must be above 0 and at most 1000000000." in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a child cannot be sent this signal there")
def test_it_says_where_it_listens_answers_a_picture_and_ends_with_143():
    command = [sys.executable, "-m", "streamdepth", "serve", "--port", "0", "--model", "nano", "--lanes", "1"]
    with subprocess.Popen(
        [*command, "--engine", "onnxruntime", "--precision", "fp32"], stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            address = re.search(r"listening on (http://\S+)/ ", process.stderr.readline())
            assert address is not None
            client = Asking(address[1])
            until(lambda: client.ask("/readyz").status == 200, 60)
            answer = client.depth(encoded(".jpg", picture()))
            assert answer.image.shape == (48, 64, 3)
            assert answer.headers["depth-model"] == "nano"
            process.send_signal(signal.SIGTERM)
            said = process.stderr.read()
            assert process.wait(30) == 143
        finally:
            process.kill()
    assert "ready: nano (onnxruntime, fp32), 1 picture at a time" in said
    assert "POST /v1/depth 200" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("chosen", "is_told"), [({}, True), ({"engine": "onnxruntime"}, False), ({"precision": "fp32"}, False)]
)
def test_a_faster_engine_is_named_unless_one_was_chosen(chosen, is_told, monkeypatch, capsys):
    """On a processor with bf16; the service itself is none here."""

    class Ready:
        address = "http://127.0.0.1:1/"

        def __init__(self, settings, load):
            pass

        def run(self, on_ready):
            on_ready(Loaded((Served("nano", "0" * 64, "onnxruntime", "fp32"),), ({},)))

    monkeypatch.setattr("streamdepth.server.service.Service", Ready)
    monkeypatch.setattr(command, "openvino_has_bf16", lambda _processor: True)
    assert command.serve(options=ServeOptions(**chosen)) == 0
    said = capsys.readouterr().err
    assert "ready: nano (onnxruntime, fp32), 1 picture at a time" in said
    assert (command.FASTER in said) is is_told
