"""The file of `--config`: what a command takes of it, and a warning of secrets that others can read, by name alone."""

from __future__ import annotations

from codecs import BOM_UTF16_LE

import pytest
from cyclopts import CycloptsError

from streamdepth.cli.app import _exit_status, app
from streamdepth.cli.config_file import exposed_secrets, read_options
from streamdepth.errors import UsageError

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


def parsed(tmp_path, text, *words):
    path = tmp_path / "options.toml"
    path.write_text(text, encoding="utf-8")
    _, bound, _ = app.parse_args([*words, "--config", str(path)])
    return bound.arguments


@pytest.mark.parametrize(
    "text",
    [
        "port = 8123\nmax-bytes = 9",
        "max_bytes = 9\n[serve]\nport = 8123",
        "port = 1\nmax-bytes = 9\n[serve]\nport = 8123\n[worker]\njobs = 'x'",
    ],
)
def test_a_command_takes_what_stands_above_all_tables_and_in_its_own(tmp_path, text):
    options = parsed(tmp_path, text, "serve")["options"]
    assert (options.port, options.max_bytes) == (8123, 9)


@pytest.mark.parametrize(
    ("name", "again"), [("allow-origin", "allow_origin"), ("allow_origin", "allow-origin")]
)
def test_the_table_of_a_command_wins_however_an_option_is_written(tmp_path, name, again):
    text = f'{name} = ["https://a.example"]\n[serve]\n{again} = ["https://b.example"]'
    assert parsed(tmp_path, text, "serve")["options"].allow_origin == ("https://b.example",)
    with pytest.raises(UsageError, match="allow_origin is written in two ways"):
        parsed(tmp_path, f"[serve]\n{name} = []\n{again} = []", "serve")


def test_the_command_line_wins_over_the_file(tmp_path):
    assert parsed(tmp_path, "port = 8123", "serve", "--port", "8200")["options"].port == 8200


@pytest.mark.parametrize("text", ["bogus = 1", "[serve]\nbogus = 1", "[server]\nport = 1", "metres = 'a'"])
def test_what_is_no_option_of_the_command_is_an_error(tmp_path, text):
    with pytest.raises(CycloptsError, match=r"Unknown option: .*(bogus|server|metres).*options\.toml"):
        parsed(tmp_path, text, "serve")


@pytest.mark.parametrize("text", ['config = "more.toml"', "[serve]\nconfig = 'more.toml'"])
def test_another_file_is_not_named_in_vain(tmp_path, text):
    with pytest.raises(UsageError, match="cannot name another one"):
        parsed(tmp_path, text, "serve")
    assert parsed(tmp_path, "[worker]\nconfig = 'more.toml'\n[serve]\nport = 1", "serve")["options"].port == 1


def test_an_option_that_is_called_like_a_command_is_one(tmp_path):
    assert parsed(tmp_path, 'metres = "hall.metres"')["input"].metres is not None


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_the_encodings_that_windows_writes_are_read(tmp_path, encoding):
    path = tmp_path / "options.toml"
    path.write_text('input = "hall.mp4"', encoding=encoding)
    assert read_options(path) == {"input": "hall.mp4"}


@pytest.mark.parametrize(
    ("contents", "why"),
    [
        (b'jobs = "C:\\srv"', "Unescaped"),
        (b"port: 8123", "Expected '='"),
        (b"a = '\xe4'", "can't decode"),
        (BOM_UTF16_LE + b"a", "can't decode"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_why(tmp_path, contents, why):
    path = tmp_path / "options.toml"
    path.write_bytes(contents)
    with pytest.raises(
        UsageError, match=rf"cannot read .*options\.toml: .*{why}.*--config takes a \.toml file"
    ):
        read_options(path)


def test_a_folder_is_no_file_of_options(tmp_path):
    with pytest.raises(UsageError, match=r"cannot read .* \(--config takes a \.toml file"):
        read_options(tmp_path)


@pytest.mark.parametrize(
    ("command", "wrong"), [("serve", "port = 70000\njobs = '.'"), ("worker", "jobs = 'not-there'")]
)
def test_services_warn_of_secrets_that_others_can_read(tmp_path, capfd, command, wrong):
    path = tmp_path / "options.toml"
    path.write_text(f'{wrong}\njobs-store = "redis://me:hunter2@127.0.0.1:1"')
    path.chmod(0o644)
    assert _exit_status([command, "--config", str(path)]) != 0
    told = capfd.readouterr().err
    assert f"warning: everybody on this machine can read jobs-store in {path}" in told
    assert "hunter2" not in told
