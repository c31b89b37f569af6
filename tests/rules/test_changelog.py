"""A user finds in the changelog what concerns him in a minute."""

import re

from places import REPOSITORY

UNRELEASED = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## ")[1]
PARTS = {part.split("\n", 1)[0]: part.split("\n", 1)[1] for part in UNRELEASED.split("\n### ")[1:]}


def entries(part):
    return [entry.rstrip() for entry in re.split(r"^\* ", part, flags=re.MULTILINE)[1:]]


def kind(entry):
    return next((n for n, word in ((1, "**Changed:**"), (2, "**Fixed:**")) if entry.startswith(word)), 0)


def test_each_line_is_below_what_it_is_about():
    assert len(PARTS) > 5
    assert "\n* " not in UNRELEASED.split("\n### ")[0]


def test_each_line_takes_two_rows_at_most():
    long = [e for part in PARTS.values() for e in entries(part) if e.count("\n") > 1 or len(e) > 300]
    assert long == []


def test_what_is_new_comes_before_what_changed_and_what_was_mended():
    for about, part in PARTS.items():
        kinds = [kind(entry) for entry in entries(part)]
        assert kinds, about
        assert kinds == sorted(kinds), about


def test_it_is_read_in_a_few_minutes():
    assert len(UNRELEASED.split()) <= 3500
