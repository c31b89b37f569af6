import os
import subprocess
import sys
from pathlib import Path

import pytest

from streamdepth.errors import DiskFull, SinkError
from streamdepth.files import OutputFile, check_output, is_stream, write_whole

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="there are no such devices")


def test_a_place_that_can_be_written_is_left_as_it_is(tmp_path: Path) -> None:
    check_output(tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_refused_before_anything_is(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="there is no folder"):
        check_output(tmp_path / "none" / "a.json")
    with pytest.raises(SinkError, match=r"is a folder .*name a file in it"):
        check_output(tmp_path)


def test_a_file_is_no_stream_and_neither_is_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    assert not is_stream(tmp_path / "a")
    assert not is_stream(tmp_path / "b")
    assert not is_stream(tmp_path)


@POSIX
def test_a_device_is_written_as_it_is_and_no_place_for_a_long_file(tmp_path: Path) -> None:
    (tmp_path / "null").symlink_to(os.devnull)
    write_whole(tmp_path / "null", b"gone")
    assert Path(os.devnull).is_char_device()
    with pytest.raises(SinkError, match="is a device"):
        OutputFile.begin(tmp_path / "null")
    if Path("/dev/full").exists():
        with pytest.raises(DiskFull):
            write_whole(Path("/dev/full"), b"too much")


@POSIX
def test_standard_output_is_written_as_it_is() -> None:
    code = (
        "from pathlib import Path; from streamdepth.files import *; write_whole(Path('/dev/stdout'), b'it')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=True)
    assert done.stdout == b"it"
