"""Completion of words in a shell: what cyclopts writes, and files wherever it has nothing better to offer."""

from __future__ import annotations

import re
from typing import Literal

from cyclopts import App

from streamdepth.errors import UsageError

Shell = Literal["bash", "zsh", "fish", "powershell"]


def completion_script(app: App, shell: Shell) -> str:
    """The script that makes `shell` complete the words of `app`; UsageError where this cyclopts has none for it."""
    try:
        script = app.generate_completion(shell=shell)
    except ValueError as error:
        raise UsageError(
            f"this cyclopts has no completion for {shell}", "pip install --upgrade cyclopts"
        ) from error
    return _with_files(script, shell)


def _with_files(script: str, shell: Shell) -> str:
    """An input is a word of any kind to cyclopts, so that it completes nothing; mostly it is a file."""
    if shell == "bash":
        return script.replace("complete -F", "complete -o bashdefault -o default -F")
    if shell == "zsh":
        return re.sub(r"(\]:[\w-]+)(' \\?)$", r"\1:_files\2", script, flags=re.MULTILINE)
    return script
