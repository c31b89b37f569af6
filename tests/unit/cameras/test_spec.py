from __future__ import annotations

import pytest

from streamdepth.cameras.spec import check_name, split_name
from streamdepth.errors import UsageError


@pytest.mark.parametrize(
    ("text", "name", "given"),
    [
        ("front=rtsp://host/1?a=b", "front", "rtsp://host/1?a=b"),
        ("yard-2=0", "yard-2", "0"),
        ("rtsp://host/1?a=b", None, "rtsp://host/1?a=b"),
        ("/dev/video0", None, "/dev/video0"),
        ("a b=c", None, "a b=c"),
    ],
)
def test_a_name_stands_before_the_first_sign(text, name, given):
    assert split_name(text) == (name, given)


def test_a_file_whose_name_has_the_sign_is_that_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a=b.mp4").touch()
    assert split_name("a=b.mp4") == (None, "a=b.mp4")


@pytest.mark.parametrize("name", ["", "a/b", "../x", "a b", "-a", "a" * 41, "a.b", "ä"])
def test_a_name_stands_in_addresses_and_names_of_files(name):
    check_name("front-door_2")
    with pytest.raises(UsageError, match="front-door"):
        check_name(name)


@pytest.mark.parametrize("name", ["front door", "über", "a" * 41, "a.b"])
def test_what_stands_before_an_address_and_is_no_name_is_refused_as_one(name):
    with pytest.raises(UsageError, match=r"cannot be the name of a camera \(take up to 40 letters"):
        split_name(f"{name}=rtsp://host/1?a=b")
