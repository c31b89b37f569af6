from __future__ import annotations

import pytest

from streamdepth.errors import SinkError, UsageError
from streamdepth.http.tokens import Tokens, token_in


def test_each_of_several_tokens_lets_in_and_nothing_else_does():
    tokens = Tokens(("first-token", "second-token"))
    assert tokens.allow("first-token")
    assert tokens.allow("second-token")
    assert not any(tokens.allow(wrong) for wrong in ("", "first-toke", "first-token ", "\xff", "corréct"))


@pytest.mark.parametrize(
    ("words", "token"),
    [
        ("token=first-token", "first-token"),
        ("size=small&token=first-token&at=7", "first-token"),
        ("token=Zm9v+YmFy/w==", "Zm9v+YmFy/w=="),
        ("token=Zm9v%2BYmFy%2Fw%3D%3D", "Zm9v+YmFy/w=="),
        ("token=", ""),
        ("door", ""),
        ("", ""),
    ],
)
def test_a_token_in_an_address_is_read_however_it_was_written(words, token):
    assert token_in(words) == token


def test_a_file_holds_one_a_line(tmp_path):
    path = tmp_path / "tokens"
    path.write_text("# of the kiosk\nfirst-token\n\n  second-token \n", encoding="utf-8")
    assert Tokens.read(path) == Tokens(("first-token", "second-token"))
    assert "first" not in repr(Tokens.read(path))


def test_neither_an_indented_comment_nor_the_mark_of_an_editor_is_part_of_a_token(tmp_path):
    path = tmp_path / "tokens"
    path.write_text("\ufefffirst-token\n  #of-the-kiosk\n", encoding="utf-8")
    assert Tokens.read(path) == Tokens(("first-token",))


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("", UsageError, "there is no token in"),
        ("# nothing\n", UsageError, "there is no token in"),
        ("short\n", UsageError, "too short"),
        (
            "# ours\ncorrect-horse\nbattery-staple # of Ann\n",
            UsageError,
            r"the token in line 3 of .*tokens is too short",
        ),
        (None, SinkError, "cannot read the tokens in"),
    ],
)
def test_a_file_without_good_tokens_is_one_sentence(tmp_path, text, error, words):
    path = tmp_path / "tokens"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=words):
        Tokens.read(path)
