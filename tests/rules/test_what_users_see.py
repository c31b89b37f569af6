"""What users type and import, against a snapshot: the house may be rebuilt, its doors stay where they are.

After a change that users are meant to see, write the snapshot anew: python tests/rules/test_what_users_see.py
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import streamdepth

HERE = Path(__file__).parent
COMMANDS = (
    (), ("completion",), ("doctor",), ("models",), ("models", "list"), ("models", "fetch"), ("models", "verify"),
    ("models", "export"), ("models", "quantise"), ("bench",), ("evaluate",), ("train",),
)  # fmt: skip


def snapshot_of(command):
    return HERE / "snapshots" / f"{'-'.join(('help', *command))}.txt"


def help_of(command):
    done = subprocess.run(
        [sys.executable, "-m", "streamdepth", *command, "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "COLUMNS": "80", "TERM": "dumb", "NO_COLOR": "1"},
    )
    return done.stdout


def public_names():
    """Every public name with the public names of its class, one a line."""
    lines = []
    for name in sorted(streamdepth.__all__):
        thing = getattr(streamdepth, name)
        inside = [word for word in vars(thing) if not word.startswith("_")] if isinstance(thing, type) else []
        fields = getattr(thing, "__dataclass_fields__", {})
        lines.append(" ".join((name, *sorted({*inside, *fields}))))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_is_as_it_was(command):
    assert help_of(command) == snapshot_of(command).read_text(encoding="utf-8")


def test_python_names_are_as_they_were():
    assert public_names() == (HERE / "snapshots/names.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    for each in COMMANDS:
        snapshot_of(each).write_text(help_of(each), encoding="utf-8")
    (HERE / "snapshots/names.txt").write_text(public_names(), encoding="utf-8")
