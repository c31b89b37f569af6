#!/usr/bin/env python
"""Asks a depth service all that its OpenAPI allows, and what it does not: is each answer in the contract?

    .venv/bin/python scripts/contract.py [SCHEMATHESIS] [--examples 40]

SCHEMATHESIS is the command of that name (`pip install schemathesis`, version 4, in an environment of its own). The
service is one of its own with `nano`, without tokens, and with jobs in a folder that is removed. No contract can say
which bytes are a picture, or what a service has under which name, so that what is well-formed and refused is no
failure here (`positive_data_acceptance`); all else is: a status or a header that is not declared, another body, a 5xx.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PATIENCE = 70
WORDS = (
    *("--continue-on-failure", "--phases", "examples,coverage,fuzzing,stateful"),
    *("--exclude-checks", "positive_data_acceptance", "--suppress-health-check", "filter_too_much"),
)
"""The pattern of boxes is one of which few random letters are."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a service that is ready."""
    command = [sys.executable, "-m", "streamdepth", "serve", "--port", "0", "--model", "nano"]
    process = subprocess.Popen(
        [*command, "--jobs", str(folder / "jobs")], cwd=REPOSITORY, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    address = ""
    for line in process.stderr:
        if match := re.search(r"listening on (http://\S+)/ ", line):
            address = match[1]
        if "ready:" in line:
            break
    drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
    try:
        yield address
    finally:
        process.terminate()
        process.wait(PATIENCE)
        drain.wait(PATIENCE)


def main() -> int:
    """Exit status of schemathesis."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", nargs="?", default="schemathesis")
    parser.add_argument("--examples", type=int, default=40, help="of each operation")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as address:
        words = [f"{address}/openapi.json", "--max-examples", str(wanted.examples), *WORDS]
        return subprocess.run([wanted.command, "run", *words], cwd=name, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
