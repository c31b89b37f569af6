"""The page that is found by an error sentence quotes sentences that the code says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest
from places import REPOSITORY

PAGE = (REPOSITORY / "docs" / "guide" / "troubleshooting.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"^### `(.*)`$", PAGE, re.MULTILINE)
LEAST_WORDS = 10
"""Characters of a sentence that are the code's own: with fewer, anything would do."""
FIELD = "\0"


def templates(source: str) -> Iterator[str]:
    """All texts of a module, with `FIELD` for what is filled in."""
    nodes = list(ast.walk(ast.parse(source)))
    parts_of_texts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        if id(node) in parts_of_texts:
            continue
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else FIELD for part in node.values)
            yield "".join(str(part) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.sub(r"\{\w+\}", FIELD, node.value)


@cache
def sentences() -> list[re.Pattern[str]]:
    """What the code says, as patterns; without the cure in brackets."""
    texts = {
        text.partition(" (")[0]
        for path in (REPOSITORY / "streamdepth").rglob("*.py")
        for text in templates(path.read_text(encoding="utf-8"))
    }
    said = [text for text in texts if len(text.replace(FIELD, "")) >= LEAST_WORDS]
    return [re.compile(".+".join(map(re.escape, text.split(FIELD)))) for text in said]


def is_said(sentence: str) -> bool:
    return any(pattern.fullmatch(sentence.partition(" (")[0]) for pattern in sentences())


def test_the_page_has_sentences():
    assert len(QUOTED) > 20


@pytest.mark.parametrize("quoted", QUOTED)
def test_each_sentence_that_is_quoted_stands_in_the_code(quoted):
    assert is_said(quoted)


@pytest.mark.parametrize(
    "made_up", ["clip.mp4 is not to our taste", "the moon is not writable today", "there is no way"]
)
def test_a_sentence_that_nobody_says_is_noticed(made_up):
    assert not is_said(made_up)


def test_no_sentence_is_told_twice():
    assert len(set(QUOTED)) == len(QUOTED)
