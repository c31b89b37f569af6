"""Completion of words in real shells."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import redirect_stdout
from functools import cache

import pytest

from streamdepth.cli.app import _exit_status

SHELLS = ["bash", "zsh", "fish", "powershell"]


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    folder = tmp_path_factory.mktemp("completion")

    @cache
    def write(shell):
        path = folder / f"completion.{shell}"
        with path.open("w") as file, redirect_stdout(file):
            assert _exit_status(["completion", shell]) == 0
        return path

    return write


def run(shell, *arguments, folder):
    if shutil.which(shell) is None:
        pytest.skip(f"not installed: {shell}")
    done = subprocess.run(
        [shell, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["--inp"], {"--input", "--input-fps"}),
        (["--log-format", ""], {"text", "json"}),
        (["models", "qu"], {"quantise"}),
        (["--output", "str"], {"street.mp4"}),
    ],
)
def test_bash_completes_options_values_commands_and_files(script, tmp_path, typed, offered):
    (tmp_path / "street.mp4").touch()
    words = " ".join(f"'{word}'" for word in ["streamdepth", *typed])
    ask = f"COMP_WORDS=({words}); COMP_CWORD={len(typed)}; _streamdepth; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    told = run("bash", "-c", f"source {script('bash')}; {ask}", folder=tmp_path)
    assert set(told.split()) == offered


def test_what_is_no_known_word_is_completed_as_a_file(script, tmp_path):
    told = run("bash", "-c", f"source {script('bash')}; complete -p streamdepth", folder=tmp_path)
    assert "-o default" in told
    assert ":input:_files" in script("zsh").read_text()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_itself_can_read_it(script, tmp_path, shell):
    run(shell, "-n", str(script(shell)), folder=tmp_path)


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_and_the_usual_options_are_in_it(script, shell):
    text = script(shell).read_text()
    assert all(word in text for word in ("doctor", "evaluate", "quantise", "input", "layout", "webrtc"))


def test_a_shell_that_is_not_known_is_named_with_those_that_are(capsys):
    assert _exit_status(["completion", "tcsh"]) == 2
    said = capsys.readouterr().err
    assert all(shell in said for shell in SHELLS)
