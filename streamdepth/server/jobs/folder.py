"""Where the files of jobs lie: a folder each, of names that no client chooses."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from streamdepth.files import disk_errors
from streamdepth.server.jobs.record import Record

RESULT = "depth.mp4"


class Folder:
    """All folders of jobs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        with disk_errors(root):
            (root / "jobs").mkdir(parents=True, exist_ok=True)

    @property
    def base(self) -> Path:
        """The file of the records."""
        return self.root / "jobs.sqlite"

    def of(self, identity: str) -> Path:
        """That of an id, which may hold anything."""
        return self.root / "jobs" / hashlib.sha256(identity.encode()).hexdigest()[:32]

    def upload(self, record: Record) -> Path:
        """What was sent."""
        return self.of(record.id) / f"upload{record.suffix}"

    def result(self, identity: str) -> Path:
        """What came of it."""
        return self.of(identity) / RESULT

    def free(self) -> int:
        """Octets that are free."""
        return shutil.disk_usage(self.root).free

    def remove(self, identity: str) -> None:
        """All files of an id."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self.of(identity))

    def sweep(self, kept: Iterable[str]) -> None:
        """Remove what belongs to none of the ids: uploads that were broken off."""
        names = {self.of(identity).name for identity in kept}
        for path in (self.root / "jobs").iterdir():
            if path.name not in names:
                shutil.rmtree(path, ignore_errors=True)
