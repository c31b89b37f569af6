"""One way to write a file that appears whole: lock, part file, flush to disk, rename, and a disk's errors in our words.

A file is written under another name beside its own, its *part* (`depth.mp4` as `depth.part.mp4`), and takes its name in
one step when it is complete. While it is written its part is locked, so that a second process that wants the same name
is refused (`lock`). A part that a killed process left is taken over by the next one that writes the same name; a film
that is to go on is first written beside it (`OutputFile.open_second`), and then takes its place.
Where there are no locks, each part has a name of its own, and the last that is finished gets the name.

An output that is a symbolic link is written through: what it points to is replaced, the link stays. A part is never
written through a link: one that somebody left under its name is removed.
"""

from __future__ import annotations

from streamdepth.files.checks import check_output, check_output_folder, is_stream
from streamdepth.files.errors import FREE_SPACE, Taken, disk_errors, from_os_error, is_full
from streamdepth.files.flush import flush
from streamdepth.files.names import (
    index_path,
    journal_path,
    manifest_path,
    part_path,
    resolved,
    second_part_path,
    sibling,
    state_path,
    with_end,
)
from streamdepth.files.output import OutputFile, settle, whole_file, write_together, write_whole
from streamdepth.files.patient import Patience, PatientFile
from streamdepth.files.private import private_part, promote
from streamdepth.files.read import LOST, may_be_there, no_ordinary_file, not_readable, read_bytes

__all__ = [
    "FREE_SPACE",
    "LOST",
    "OutputFile",
    "Patience",
    "PatientFile",
    "Taken",
    "check_output",
    "check_output_folder",
    "disk_errors",
    "flush",
    "from_os_error",
    "index_path",
    "is_full",
    "is_stream",
    "journal_path",
    "manifest_path",
    "may_be_there",
    "no_ordinary_file",
    "not_readable",
    "part_path",
    "private_part",
    "promote",
    "read_bytes",
    "resolved",
    "second_part_path",
    "settle",
    "sibling",
    "state_path",
    "whole_file",
    "with_end",
    "write_together",
    "write_whole",
]
