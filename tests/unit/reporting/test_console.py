"""Lines on standard error, with a bar and without."""

from __future__ import annotations

import io
import subprocess
import sys

from rich.console import Console

from streamdepth.reporting.console import ErrorConsole

LONG = "[MIT] :smile: " + "x" * 200


def test_a_line_is_written_as_it_is_and_nothing_that_draws_is_loaded_for_it():
    said = (
        "import sys\n"
        "from streamdepth.reporting.console import ErrorConsole\n"
        "console = ErrorConsole()\n"
        "console.print(sys.argv[1])\n"
        "print(console.is_terminal, 'rich' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", said, LONG], capture_output=True, text=True, check=True, timeout=60
    )
    assert (done.stderr, done.stdout) == (f"{LONG}\n", "False False\n")


def test_a_line_goes_by_way_of_what_draws_once_there_is_a_bar():
    console = ErrorConsole(Console(file=io.StringIO(), force_terminal=True, width=40))
    assert console.is_terminal
    console.print(LONG)
    assert console.drawing.file.getvalue() == f"{LONG}\n"


def test_without_standard_error_there_is_no_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert not ErrorConsole().is_terminal
