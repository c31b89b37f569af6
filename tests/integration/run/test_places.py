"""No path of a run may be another one of it: what is named stays as it was, and a sentence names both options."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from streamdepth.cli.app import _exit_status
from streamdepth.errors import UsageError
from streamdepth.run.places import check_apart, network_files, reads, writes


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder: a film (its bytes alone matter), photos, a data set, weights, all linked to as well."""
    monkeypatch.chdir(tmp_path)
    for name in (
        "street.mp4",
        "depth.part.mp4",
        "c.toml",
        "cert.pem",
        "key.pem",
        "net.onnx",
        "net.xml",
        "net.bin",
    ):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "street.mp4").write_bytes(b"a film of ours")
    picture = np.full((32, 48, 3), 90, np.uint8)
    for name in ("photo.png", "photos/a.png", "photos/b.jpg", "data/rgb/0.png", "data/depth/0.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(name, picture[..., 0].astype(np.uint16) if "depth" in name else picture)
    os.link("street.mp4", "hard.mp4")
    (tmp_path / "soft.mp4").symlink_to("street.mp4")
    (tmp_path / "album").symlink_to("photos")
    (tmp_path / "ahead.json").symlink_to("to-be.json")
    return tmp_path


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("--input street.mp4 --output d.mp4 --report street.mp4", "--input --report"),
        ("--input street.mp4 --output d.mp4 --report ./photos/../street.mp4", "--input --report"),
        ("--input street.mp4 --output d.mp4 --report soft.mp4", "--input --report"),
        ("--input soft.mp4 --output d.mp4 --report hard.mp4", "--input --report"),
        ("--input street.mp4 --output hard.mp4", "--input --output"),
        ("--input depth.part.mp4 --output depth.mp4", "--input --output"),
        ("--input street.mp4 --output d.mp4 --report d.mp4", "--output --report"),
        ("--input street.mp4 --output d.mp4 --report d.part.mp4", "--output --report"),
        ("--input street.mp4 --output d.mp4 --report D.MP4", "--output --report"),
        ("--input street.mp4 --depth-output d --report d/000007.json", "--depth-output --report"),
        ("--input photo.png --depth-output d.png --report d.json", "--depth-output --report"),
        ("--input photo.png --depth-output d.png --output d.png", "--depth-output --output"),
        ("--input photo.png --depth-output to-be.png --report ahead.json", "--depth-output --report"),
        ("--input photo.png --output photo.png", "--input --output"),
        ("--input photos --output photos", "--input --output"),
        ("--input photos --output album", "--input --output"),
        ("--input photos --output heat --depth-output Heat", "--output --depth-output"),
        ("--input photos --output heat --report photos/b.jpg", "--input --report"),
        ("--input photos/*.png --output heat --report photos/a.png", "--input --report"),
        ("--input photos --depth-output photos/../album", "--input --depth-output"),
        ("--input demo --webrtc --switch-to street.mp4 --report street.mp4", "--switch-to --report"),
        ("--input demo --output d.mp4 --config c.toml --report c.toml", "--config --report"),
        ("--input demo --webrtc --cert cert.pem --key key.pem --report key.pem", "--key --report"),
        ("--input demo --output d.mp4 --model net.onnx --report net.onnx", "--model --report"),
        ("--input demo --output d.mp4 --model net.xml --report net.bin", "--model --report"),
        ("bench --input street.mp4 --json street.mp4", "--input --json"),
        ("bench --model net.onnx --json net.onnx", "--model --json"),
        ("evaluate data --json data/rgb/0.png", "DATA --json"),
        ("evaluate data --pictures data", "DATA --pictures"),
        ("evaluate data --json p/index.html --pictures p", "--json --pictures"),
        ("train data --folder data", "DATA --folder"),
        ("models export net.onnx --output net.onnx", "MODEL --output"),
        ("models export nano --output street.mp4 --calibrate street.mp4", "--calibrate --output"),
    ],
)
def test_two_options_for_one_place_are_refused_before_anything_is_touched(folder, capfd, words, options):
    before = contents(folder)
    model = () if "--model" in words or words.startswith(("train", "models")) else ("--model", "nano")
    assert _exit_status([*words.split(), *model]) == 2
    said = capfd.readouterr().err.strip()
    assert said.count("\n") == 0, said
    assert all(option in said for option in options.split()), said
    assert "another place" in said
    assert contents(folder) == before


def test_what_is_apart_is_let_through(folder):
    paths = {name: folder / name for name in ("street.mp4", "hard.mp4", "new.json", "d", "net.xml")}
    check_apart(
        [
            *reads("--input", paths["street.mp4"]),
            *reads("--switch-to", paths["hard.mp4"]),
            *writes("--depth-output", paths["d"], holds=lambda name: name == "000000.png"),
            *writes("--output", paths["d"] / "film.mp4"),
            *writes("--report", paths["new.json"]),
            *reads("--model", *network_files(paths["net.xml"])),
            *writes("--log", folder / "net.json"),
        ]
    )


def test_devices_belong_to_nobody():
    check_apart([*writes("--report", Path("/dev/null")), *writes("--log", Path("/dev/null"))])


def test_a_model_that_is_a_name_is_no_file(folder):
    assert network_files("nano") == []
    assert [path.name for path in network_files("net.xml")] == ["net.xml", "net.bin"]


def test_names_that_differ_in_case_alone_are_judged_by_the_disk_where_one_is_there(folder):
    (folder / "Film.mp4").write_bytes(b"")
    told_apart = not (folder / "FILM.MP4").exists()
    places = [*reads("--input", folder / "Film.mp4"), *writes("--output", folder / "film.mp4")]
    if told_apart:
        check_apart(places)
    else:
        with pytest.raises(UsageError, match="are the same file"):
            check_apart(places)
    new = [*writes("--output", folder / "\u00e9.mp4"), *writes("--report", folder / "E\u0301.mp4")]
    with pytest.raises(UsageError, match="one file on many disks"):
        check_apart(new)


def test_the_report_of_a_run_that_fails_does_not_fall_on_the_input(folder, capfd):
    assert (
        _exit_status(
            ["--input", "street.mp4", "--output", "d.xyz", "--report", "street.mp4", "--model", "nano"]
        )
        == 2
    )
    assert (folder / "street.mp4").read_bytes() == b"a film of ours"


@pytest.mark.parametrize(
    "words",
    [
        "--input {}.png --output o.png",
        "--input {}.mp4 --output o.mp4",
        "--input street.mp4 --output {}.mp4",
        "--input street.mp4 --depth-output {}.png",
        "--input street.mp4 --output o.mp4 --report {}.json",
        "--input street.mp4 --output o.mp4 --model {}.onnx",
    ],
)
def test_a_name_that_is_too_long_is_told_of_whichever_option(folder, capfd, words):
    assert _exit_status(words.format("n" * 252).split()) == 2
    assert "is too long for this disk (choose a shorter one)" in capfd.readouterr().err
