"""`streamdepth verify`, behind a run with `--manifest`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import av
import numpy as np
import pytest
from films import greys, write_film

from streamdepth.cli.app import _exit_status

NANO = ["--model", "nano", "--size", "32", "--engine", "onnxruntime", "--precision", "fp32"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what one run read and wrote."""
    folder = tmp_path_factory.mktemp("written")
    with pytest.MonkeyPatch.context() as here:
        here.chdir(folder)
        write_film(Path("a.mkv"), greys(range(0, 60, 10)), [0, 1, 2, 5, 6, 9])
        assert _exit_status(["a.mkv", "-o", "d.mp4", "--manifest", *NANO]) == 0
    return folder


@pytest.fixture(autouse=True)
def _here(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a copy of it, to be damaged."""
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)


def verify(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[str]]:
    capfd.readouterr()
    status = _exit_status(["verify", *words])
    return status, capfd.readouterr().out.splitlines()


def test_what_was_just_written_is_whole(capfd: pytest.CaptureFixture[str]) -> None:
    status, lines = verify(capfd, "d.mp4", "a.mkv")
    assert status == 0
    assert lines == [
        "ok       6 frames decode, 0:00.000 to 0:00.360",
        "ok       every frame and timestamp is as it was written",
        "ok       the picture of a.mkv is the one that it was made from",
        "ok       all 6 frames of the source are there at their timestamps",
    ]
    made = json.loads(Path("d.mp4.manifest.json").read_text("utf-8"))["made_with"]
    assert made["model"]["name"] == "nano"
    assert len(made["model"]["sha256"]) == 64
    assert made["settings"]["network"]["size"] == 32
    assert "web" not in made["settings"]


def test_what_is_not_known_without_a_manifest_is_a_note(capfd: pytest.CaptureFixture[str]) -> None:
    Path("d.mp4.manifest.json").unlink()
    status, lines = verify(capfd, "d.mp4")
    assert status == 0
    assert [line.split()[0] for line in lines] == ["ok", "note"]
    assert lines[1] == "note     there is no d.mp4.manifest.json: what was written is not known"


def test_another_picture_is_told_and_exits_1(capfd: pytest.CaptureFixture[str]) -> None:
    write_film(Path("d.mp4"), greys(range(0, 60, 10)), [0, 1, 2, 5, 6, 9])
    status, lines = verify(capfd, "d.mp4")
    assert status == 1
    assert lines[1] == "differs  pictures of frames 0 to 5 (0:00.000 on) are not those that were written"


@pytest.mark.parametrize("name", ["d.mp4", "a.mkv"])
def test_a_movie_that_is_cut_short_is_not_whole(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    Path("d.mp4.manifest.json").unlink()
    data = Path(name).read_bytes()
    Path(name).write_bytes(data[: len(data) - 300])
    status, lines = verify(capfd, name)
    assert status == 1
    assert "differs  the file was cut short" in lines


def test_a_movie_that_is_damaged_within_is_not_whole(capfd: pytest.CaptureFixture[str]) -> None:
    film = write_film(Path("b.mkv"), greys(range(0, 240, 4)), [*range(60)])
    data = bytearray(film.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 200] = b"\x5a" * 200
    film.write_bytes(data)
    status, lines = verify(capfd, "b.mkv")
    assert status == 1
    assert "differs  the file is damaged within; what could not be read is missing" in lines


def test_frames_that_a_decoder_had_to_complete_are_counted(capfd: pytest.CaptureFixture[str]) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (10, 48, 64, 3), np.uint8)
    film = write_film(Path("b.mp4"), list(noise), [*range(10)])
    with av.open("b.mp4") as container:
        last = [packet for packet in container.demux() if packet.size][-1]
        end, half = (last.pos or 0) + last.size, last.size // 2
    data = bytearray(film.read_bytes())
    data[end - half : end] = bytes(half)
    film.write_bytes(data)
    status, lines = verify(capfd, "b.mp4")
    assert status == 1
    assert lines[:2] == [
        "ok       10 frames decode, 0:00.000 to 0:00.360",
        "differs  1 frame cannot be decoded whole",
    ]


def test_as_json(capfd: pytest.CaptureFixture[str]) -> None:
    Path("d.mp4.manifest.json").unlink()
    status, lines = verify(capfd, "d.mp4", "--json")
    told = json.loads("\n".join(lines))
    assert (status, told["ok"]) == (0, True)
    assert told["findings"][1]["text"] == "there is no d.mp4.manifest.json: what was written is not known"


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["verify", "nope.mp4"], 1, "there is no file nope.mp4"),
        (["verify", "nope.mkv.part.spool"], 1, "there is no file nope.mkv.part.spool"),
        (["verify", "d.mp4", "--manifest", "x.json"], 1, "there is no manifest x.json"),
        (["verify", "."], 2, r"\. is a folder without an index of depth maps \(verify reads movies"),
        (["verify", "points.PLY"], 2, r"points\.PLY is of a kind that is not verified \(verify reads movies"),
        (["verify", "depth.mcap"], 2, r"depth\.mcap is of a kind that is not verified \(verify reads movies"),
        (["a.mkv", "--depth-output", "raw", "--manifest"], 2, "--manifest is for a movie"),
        (["d.mp4.manifest.json", "-o", "d.mp4", "--manifest"], 2, "--manifest would write|the same"),
    ],
)
def test_bad_usage_is_one_sentence(
    capfd: pytest.CaptureFixture[str], words: list[str], status: int, says: str
) -> None:
    import re

    capfd.readouterr()
    assert _exit_status(words) == status
    (line,) = capfd.readouterr().err.splitlines()
    assert re.search(says, line), line


@pytest.mark.parametrize("where", ["raw.mkv", "raw", "raw.npy"])
def test_depth_is_read_map_by_map(where: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert _exit_status(["a.mkv", "--depth-output", where, *NANO]) == 0
    status, lines = verify(capfd, where)
    assert (status, lines[0]) == (0, "ok       6 depth maps can be read, 0:00.000 to 0:00.360")


def test_damage_that_ffmpeg_decodes_without_a_word_is_found(capfd: pytest.CaptureFixture[str]) -> None:
    assert _exit_status(["a.mkv", "--depth-output", "raw.mkv", *NANO]) == 0
    data = bytearray(Path("raw.mkv").read_bytes())
    with av.open("raw.mkv") as container:
        packet = [bytes(packet) for packet in container.demux(video=0) if packet.size][3]
    data[data.index(packet) + len(packet) // 2] ^= 1
    Path("raw.mkv").write_bytes(data)
    status, lines = verify(capfd, "raw.mkv")
    assert (status, lines[0]) == (1, "differs  raw.mkv is damaged at 0.200 s")


def test_maps_that_are_missing_are_found(capfd: pytest.CaptureFixture[str]) -> None:
    assert _exit_status(["a.mkv", "--depth-output", "raw", *NANO]) == 0
    sorted(Path("raw").glob("*.png"))[2].unlink()
    status, lines = verify(capfd, "raw")
    assert status == 1
    assert lines[0].startswith("differs  there is no file raw")
