"""Paths behind a folder that this user may not enter, for tests, which may run as one who may enter all."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest


def close(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`path`, of which the system says from now on no more than that it may not be looked at."""
    stat = os.stat

    def looked_at(named: Any, *arguments: Any, **options: Any) -> os.stat_result:
        if not isinstance(named, int) and Path(os.fsdecode(named)) == path:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return stat(named, *arguments, **options)

    monkeypatch.setattr(os, "stat", looked_at)
    return path
