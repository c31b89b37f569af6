"""What users type and import, against docs/reference: the house may be rebuilt, its doors stay where they are.

After a change that users are meant to see, write the pages anew (.venv/bin/python scripts/reference.py) and names.txt
(.venv/bin/python tests/rules/test_what_users_see.py).
"""

import re
import sys
from functools import reduce
from operator import getitem
from pathlib import Path

import pytest

import streamdepth
from streamdepth.cli.app import app

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
sys.path.append(str(REPOSITORY / "scripts"))

from reference import COMMANDS, PAGES, help_of, python_page, section_of  # noqa: E402


def public_names():
    """Every public name with the public names of its class, one a line."""
    lines = []
    for name in sorted(streamdepth.__all__):
        thing = getattr(streamdepth, name)
        inside = [word for word in vars(thing) if not word.startswith("_")] if isinstance(thing, type) else []
        fields = getattr(thing, "__dataclass_fields__", {})
        lines.append(" ".join((name, *sorted({*inside, *fields}))))
    return "\n".join(lines) + "\n"


def said_and_true():
    """Each number that --help of a command calls the default, and the default."""
    for command in COMMANDS:
        its_app = reduce(getitem, command, app)
        for argument in its_app.assemble_argument_collection() if its_app.default_command else ():
            said = re.search(r"\bdefault ([0-9.]*[0-9])\b(?!\.[0-9])", argument.parameter.help or "")
            default = argument.field_info.default
            if said and isinstance(default, int | float):
                yield f"{' '.join(command)} {argument.name}", float(said[1]), default


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_is_as_the_reference_has_it(command):
    assert section_of(command, help_of(command)) in (PAGES / "command.md").read_text(encoding="utf-8")


def test_what_help_calls_the_default_is_the_default():
    found = list(said_and_true())
    assert len(found) > 20
    assert [name for name, said, default in found if said != default] == []


def test_the_reference_of_the_python_names_is_made_of_the_docstrings():
    assert (PAGES / "python.md").read_text(encoding="utf-8") == python_page()


def test_python_names_are_as_they_were():
    assert public_names() == (HERE / "names.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    (HERE / "names.txt").write_text(public_names(), encoding="utf-8")
