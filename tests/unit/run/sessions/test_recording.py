"""What a session says of its run: all that was set, and nothing that lets anybody in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streamdepth.errors import UsageError
from streamdepth.frames import SourceInfo
from streamdepth.reporting.events import Said
from streamdepth.run.outputs.web_spec import WebSpec
from streamdepth.run.sessions.recording import Recording, about_of, settings_of, without_secrets
from streamdepth.run.sessions.spec import SessionSpec
from streamdepth.run.spec import InputSpec, NetworkSpec, OutputSpec, PictureSpec, RunSpec

SECRETS = ("geheim", "s3cr3t", "t0ken", "turnpass", "hooksecret", "backdoor", "mqttpass", "camkey")
SPEC = RunSpec(
    InputSpec(input="rtsp://me:geheim@cam/user=me_password=camkey_channel=1"),
    output=OutputSpec(
        webrtc=True,
        publish=("rtsp://me:s3cr3t@media/1", "whip+https://t0ken@media/2"),
        events=("https://hooksecret@house/hooks/backdoor", "mqtt://me:mqttpass@broker"),
    ),
    web=WebSpec(token="t0ken", ice_server=("turn:me:turnpass@turn.house:3478",), host="0.0.0.0"),
    picture=PictureSpec(colormap="turbo", range=(0.5, 12.0)),
    network=NetworkSpec(model="nano"),
    session=SessionSpec(record=Path("s.mkv")),
)


def test_no_secret_lands_in_the_settings():
    told = json.dumps(settings_of(SPEC))
    assert [secret for secret in SECRETS if secret in told] == []
    assert "rtsp://***@cam" in told
    assert "broker" in told


def test_what_is_not_as_usual_is_told_and_nothing_else():
    told = settings_of(SPEC)
    assert told["picture"] == {"colormap": "turbo", "range": [0.5, 12.0]}
    assert told["network"] == {"model": "nano"}
    assert told["web"]["token"] == "***"
    assert told["session"] == {"record": "s.mkv"}
    assert "amount" not in told


def test_a_report_is_told_without_secrets():
    told = without_secrets({"publish": [{"to": "rtsp://me:s3cr3t@media/1", "sent": 3}]})
    assert told == {"publish": [{"to": "rtsp://***@media/1", "sent": 3}]}


def test_what_a_session_says_of_itself_is_json_with_the_source(tmp_path):
    info = SourceInfo(64, 48, None, live=True, read_timeout=1.0, kind="browser")
    about = json.loads(json.dumps(about_of(SPEC, info, None, "2026-01-01T00:00:00+00:00")))
    assert about["source"]["kind"] == "browser"
    assert (about["source"]["width"], about["source"]["rate"]) == (64, None)
    assert about["network"] is None


class Waiting:
    info = SourceInfo(64, 48, None, live=False, read_timeout=1.0)


def test_an_input_that_waits_is_not_recorded_and_what_was_said_goes_on(tmp_path):
    seen = []
    recording = Recording(SPEC, tmp_path / "s.mkv", seen.append)
    recording.observe(Said("hello"))
    assert seen == [Said("hello")]
    with pytest.raises(UsageError, match="add --live"):
        recording.open(Waiting(), lambda: None, dict)
    assert list(tmp_path.iterdir()) == []
