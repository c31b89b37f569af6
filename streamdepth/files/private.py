"""Files that several processes may make at once, each under a name of its own: caches, and what others write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streamdepth.files.flush import flush_file, flush_folder
from streamdepth.files.names import private_path


@contextmanager
def private_part(path: Path) -> Iterator[Path]:
    """A name beside `path` that no other process writes to; nothing is left under it.

    For caches, whose files several processes may make at once, and for writers that make a file of their own under the
    name that they get. `promote` gives it its final name.
    """
    part = private_path(path)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def promote(part: Path, final: Path) -> None:
    """Flush the finished `part` to disk and give it its name, in the place of what bears it. Raises `OSError`."""
    flush_file(part)
    part.replace(final)
    flush_folder(final.parent)
