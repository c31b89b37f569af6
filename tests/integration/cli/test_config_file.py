"""Secrets in a file that everybody on this machine can read are told, by name alone."""

from __future__ import annotations

import pytest

from streamdepth.cli.config_file import exposed_secrets

SECRET = {
    'token = "correct-horse"': "token",
    'ice_server = ["stun:relay.example", "turn:me:hunter2@relay.example"]': "ice_server",
    'input = "rtsp://me:hunter2@cam/1"\ntoken = "correct-horse"': "input and token",
    '[nested]\npublish = ["whip+https://hunter2@media.example/room"]': "publish",
}
PLAIN = (
    'input = "rtsp://cam/1"',
    'ice_server = ["stun:relay.example:3478"]',
    "port = 8080",
    "this is no TOML",
)


@pytest.mark.parametrize("text", SECRET)
def test_what_others_can_read_is_told_with_the_cure_and_without_the_secret(tmp_path, text):
    path = tmp_path / "depth.toml"
    path.write_text(text)
    path.chmod(0o644)
    told = exposed_secrets(path)
    assert told == f"everybody on this machine can read {SECRET[text]} in {path} (chmod 600 {path})"
    path.chmod(0o640)
    assert exposed_secrets(path) is None


@pytest.mark.parametrize("text", PLAIN)
def test_a_file_without_secrets_may_be_read_by_all(tmp_path, text):
    path = tmp_path / "depth.toml"
    path.write_text(text)
    path.chmod(0o644)
    assert exposed_secrets(path) is None


def test_a_file_that_is_not_there_is_for_others_to_complain_of(tmp_path):
    assert exposed_secrets(tmp_path / "none.toml") is None
