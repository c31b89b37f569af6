"""Where the files of jobs lie: a folder each, of names that no client chooses."""

from __future__ import annotations

import math
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from streamdepth.files import disk_errors
from streamdepth.server.jobs.record import Record

RESULT = "depth"
_PLACE = re.compile(r"[0-9a-f]{32}")


class Folder:
    """All folders of jobs, at whatever path a machine sees them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        with disk_errors(root):
            (root / "jobs").mkdir(parents=True, exist_ok=True)

    @property
    def base(self) -> Path:
        """The file of the records, where they are kept here."""
        return self.root / "jobs.sqlite"

    def new_place(self) -> str:
        """A name that no job has had."""
        return secrets.token_hex(16)

    def of(self, place: str) -> Path:
        """The folder of a place."""
        return self.root / "jobs" / place

    def upload(self, record: Record) -> Path:
        """What was sent."""
        return self.of(record.place) / f"upload{record.suffix}"

    def has_upload(self, record: Record) -> bool:
        """Whether the upload can be seen from here; False as well where the share fails."""
        try:  # `Path.exists` raises there
            self.upload(record).stat()
        except OSError:
            return False
        return True

    def takes_files(self, record: Record | None = None) -> bool:
        """Whether this process may write beside the upload of a job, or make and remove folders of jobs at all."""
        return os.access(self.root / "jobs" if record is None else self.of(record.place), os.W_OK)

    def result(self, record: Record) -> Path:
        """What came of it."""
        return self.of(record.place) / f"{RESULT}{record.result_suffix}"

    def free(self) -> int:
        """Bytes that are free; raises `SinkError` where the folder is away."""
        with disk_errors(self.root):
            return shutil.disk_usage(self.root).free

    def remove(self, place: str) -> None:
        """All files of a place; what a worker still writes is swept later."""
        shutil.rmtree(self.of(place), ignore_errors=True)

    def sweep(self, kept: Iterable[Record], older_than: float) -> None:
        """Remove places of no record that were not touched for so many seconds: uploads that broke off; all with 0.

        Raises `SinkError` where the folder cannot be read.
        Files with other names belong to the user, if the folder contained `jobs` before.
        """
        names = {record.place for record in kept}
        with disk_errors(self.root):
            places = [path for path in (self.root / "jobs").iterdir() if _PLACE.fullmatch(path.name)]
        touched_before = self._now() - older_than if older_than else math.inf
        for path in places:
            with disk_errors(path), suppress(FileNotFoundError):
                if path.name not in names and path.stat().st_mtime <= touched_before:
                    shutil.rmtree(path, ignore_errors=True)

    def _now(self) -> float:
        """By the clock that stamps files here, which may be another machine's, or set since this one looked."""
        with disk_errors(self.root), tempfile.TemporaryFile(dir=self.root) as file:
            return os.fstat(file.fileno()).st_mtime
