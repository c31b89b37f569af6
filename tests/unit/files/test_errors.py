import errno
import os
from pathlib import Path

import pytest

from streamdepth.errors import DiskFull, NameRefused, SinkError, UsageError
from streamdepth.files import Taken, disk_errors, from_os_error


@pytest.mark.parametrize(
    ("number", "kind", "says"),
    [
        (errno.ENOSPC, DiskFull, "disk of a.mp4 is full"),
        (errno.EDQUOT, DiskFull, "disk of a.mp4 is full"),
        (errno.EACCES, SinkError, "not writable"),
        (errno.EROFS, SinkError, "read-only"),
        (errno.EFBIG, SinkError, r"takes no larger file \(choose a disk that is not FAT32"),
        (errno.ENAMETOOLONG, NameRefused, "too long"),
        (errno.EILSEQ, NameRefused, "takes no name"),
        (errno.ENOTDIR, SinkError, "in its place"),
        (errno.EEXIST, SinkError, "in its place"),
        (errno.EIO, SinkError, os.strerror(errno.EIO)),
    ],
)
def test_what_the_system_says_is_told_in_our_words(number: int, kind: type[SinkError], says: str) -> None:
    with pytest.raises(kind, match=says) as caught, disk_errors(Path("a.mp4")):
        raise OSError(number, os.strerror(number))
    assert isinstance(caught.value.__cause__, OSError)


def test_the_cure_of_a_full_disk_is_that_of_the_writer() -> None:
    assert "--resume" in str(from_os_error(OSError(errno.ENOSPC, ""), Path("a"), "add --resume"))


@pytest.mark.parametrize("name", ["12:30.mp4", "what?"])
def test_what_fat_says_of_a_character_is_told_of_the_name(name: str) -> None:
    error = from_os_error(OSError(errno.EINVAL, os.strerror(errno.EINVAL)), Path("usb") / name)
    assert isinstance(error, NameRefused)
    assert str(error) == f"this disk takes no name such as {name} (choose one in plain letters)"


def test_an_invalid_argument_is_not_told_of_a_name_that_every_disk_takes() -> None:
    error = from_os_error(OSError(errno.EINVAL, os.strerror(errno.EINVAL)), Path("day:1") / "a.mp4")
    assert not isinstance(error, NameRefused)


@pytest.mark.parametrize("error", [UsageError("wrong"), Taken(Path("a"))])
def test_our_own_errors_stay_what_they_are(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, disk_errors(Path("a")):
        raise error
    assert caught.value is error
