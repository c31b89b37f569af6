import os
from pathlib import Path

import pytest

from streamdepth.errors import SourceError, SourceMissing
from streamdepth.files import no_ordinary_file, read_bytes


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"all of it")
    assert read_bytes(tmp_path / "a") == b"all of it"


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match="there is no file"):
        read_bytes(tmp_path / "none")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        read_bytes(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_of_a_pipe_the_cure_is_to_save_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "save it as a file" in no_ordinary_file(tmp_path / "pipe").cure
    assert "--camera" in no_ordinary_file(Path("/dev/null")).cure


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(SourceError, match=r"is empty \(0 bytes\) .*again"):
        read_bytes(tmp_path / "a")
