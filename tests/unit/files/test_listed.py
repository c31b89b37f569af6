from __future__ import annotations

from pathlib import Path

import pytest

from streamdepth.errors import SinkError, UsageError
from streamdepth.files.listed import read_list


def test_items_come_with_their_lines_and_without_comments_and_spaces(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes("\ufeff# a comment\n\n  first \n\t# indented\nsecond # not one\n".encode())
    assert read_list(path, "x", "y", UsageError) == [(3, "first"), (5, "second # not one")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_list_of_any_system_has_the_same_items(tmp_path: Path, encoding: str, ending: str) -> None:
    path, mark = tmp_path / "list.txt", "\ufeff" if encoding == "utf-16-be" else ""
    path.write_bytes((mark + ending.join(["# films", "", "früh.mp4", "a\u2028b.mp4"])).encode(encoding))
    assert read_list(path, "x", "y", UsageError) == [(3, "früh.mp4"), (4, "a\u2028b.mp4")]


@pytest.mark.parametrize("kind", [SinkError, UsageError])
def test_a_file_that_cannot_be_read_is_an_error_of_the_kind_that_is_asked_for(
    tmp_path: Path, kind: type[SinkError | UsageError]
) -> None:
    with pytest.raises(kind, match=r"cannot read it: No such file or directory \(name another\)"):
        read_list(tmp_path / "none.txt", "cannot read it", "name another", kind)
    (tmp_path / "latin.txt").write_bytes(b"\xe9")
    with pytest.raises(kind, match="cannot read it: it is not text in UTF-8"):
        read_list(tmp_path / "latin.txt", "cannot read it", "name another", kind)
