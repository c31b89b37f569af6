from __future__ import annotations

from datetime import datetime

import pytest

from streamdepth.errors import SinkError
from streamdepth.sinks.window.kept import keep, kept_name

AT = datetime(2025, 1, 31, 23, 59, 58, 7_999)


def test_a_file_is_named_by_its_time():
    assert kept_name(AT, ".png") == "streamdepth-20250131-235958-007.png"


def test_it_is_written_in_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = keep(b"distances", ".metres", AT)
    assert (tmp_path / path).read_bytes() == b"distances"
    (tmp_path / path).unlink()
    tmp_path.rmdir()
    with pytest.raises(SinkError):
        keep(b"distances", ".metres", AT)
