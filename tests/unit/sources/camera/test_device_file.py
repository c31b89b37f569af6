"""Why a camera cannot be opened, found out from its device file."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from streamdepth.errors import SourceError
from streamdepth.sources.camera import device_file as _device_file
from streamdepth.sources.camera.device_file import check_device, holders

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="device files are a matter of Linux")


@linux
def test_a_program_that_holds_a_device_is_named(tmp_path):
    file = tmp_path / "video0"
    file.touch()
    hold = "import sys; held = open(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"held\n"
        found = list(holders(file))
        process.stdin.close()
    assert len(found) == 1
    assert found[0].endswith(f"(process {process.pid})")


@linux
@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("EBUSY", r"camera C920 is in use .*sudo fuser -v"),
        ("EACCES", r"may not be opened: .* not readable and writable .*sudo usermod -aG \w+ \$USER"),
        ("ENODEV", r"there is no camera C920 that can be opened"),
        ("EIO", r"camera C920 cannot be opened: input/output error"),
    ],
)
def test_each_refusal_of_the_system_has_its_sentence_and_cure(monkeypatch, tmp_path, number, says):
    file = tmp_path / "video0"
    file.touch()
    code = getattr(_device_file.errno, number)

    def refuse(path, flags):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(_device_file.os, "open", refuse)
    with pytest.raises(SourceError, match=says):
        check_device(str(file), "camera C920")


@linux
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may open everything")
def test_a_file_without_permission_says_which_group_helps(tmp_path):
    file = tmp_path / "video0"
    file.touch(mode=stat.S_IWUSR)
    with pytest.raises(SourceError, match="usermod"):
        check_device(str(file), "camera 0")
