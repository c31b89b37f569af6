"""A file of tokens that changes while a service runs."""

from __future__ import annotations

import logging

import pytest

from streamdepth.errors import SinkError
from streamdepth.http.token_file import TokenFile


@pytest.fixture
def path(tmp_path):
    """A file with one token."""
    path = tmp_path / "tokens"
    path.write_text("first-token\n", encoding="utf-8")
    return path


def test_what_the_file_holds_now_lets_in(path, caplog):
    caplog.set_level(logging.INFO)
    tokens = TokenFile(path)
    tokens.look()
    assert caplog.messages == []
    path.write_text("second-token\nthird-token\n", encoding="utf-8")
    tokens.look()
    assert [tokens.allow(f"{one}-token") for one in ("first", "second", "third")] == [False, True, True]
    assert caplog.messages == [f"the tokens in {path} were changed: there are now 2"]


def test_a_mount_that_leads_to_another_folder_is_followed(tmp_path):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "tokens").write_text(f"{name}-token", encoding="utf-8")
    data, mounted = tmp_path / "..data", tmp_path / "tokens"
    data.symlink_to("first")
    mounted.symlink_to("..data/tokens")
    tokens = TokenFile(mounted)
    (tmp_path / "..data_tmp").symlink_to("second")
    (tmp_path / "..data_tmp").replace(data)
    tokens.look()
    assert (tokens.allow("first-token"), tokens.allow("second-token")) == (False, True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot read the tokens in"),
        ("", "there is no token in"),
        ("first-token\nshort\n", "the token in line 2 of"),
    ],
)
def test_a_file_that_holds_no_good_tokens_leaves_those_of_before_and_is_said_once(path, caplog, text, words):
    tokens = TokenFile(path)
    path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    for _ in range(3):
        tokens.look()
    assert tokens.allow("first-token")
    (said,) = caplog.messages
    assert said.startswith(f"the tokens stay as they were: {words}")
    path.write_text("second-token", encoding="utf-8")
    tokens.look()
    assert (tokens.allow("first-token"), tokens.allow("second-token")) == (False, True)


def test_a_file_that_is_not_there_at_the_start_is_refused(tmp_path):
    with pytest.raises(SinkError, match="cannot read the tokens in"):
        TokenFile(tmp_path / "none")
