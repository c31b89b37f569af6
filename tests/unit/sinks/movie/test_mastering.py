"""HDR that stays HDR says on what screen it was made and how much light it has; other pictures do not."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hdr_films import SAID, film_in_dolby_vision, film_in_hdr10, film_in_hdr10_plus, said_by

from streamdepth.cli.app import _exit_status
from streamdepth.pixels import Mastering
from streamdepth.sinks.movie.codecs import CODECS, Wanted

COUNT = 5
LEFT_OUT = "left out: the mastering display and light levels of the HDR"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_in_hdr10(tmp_path_factory.mktemp("films") / "source.mkv", COUNT)


def rendered(source: Path, out: Path, *words: str) -> Path:
    assert not _exit_status(["--input", str(source), "--output", str(out), "--model", "nano", *words])
    return out


def probed(path: Path) -> list[dict[str, object]]:
    """What ffprobe tells of the light of the first picture."""
    command = ["ffprobe", "-v", "error", "-read_intervals", "%+#1", "-show_frames", "-of", "json", str(path)]
    command[3:3] = ["-select_streams", "v", "-show_entries", "frame=side_data_list"]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    kinds = "Mastering display metadata", "Content light level metadata"
    return [one for one in told["frames"][0]["side_data_list"] if one["side_data_type"] in kinds]


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_h265_says_what_its_source_says(tmp_path: Path, source: Path, suffix: str, capsys) -> None:
    out = rendered(source, tmp_path / f"film{suffix}", "--codec", "h265")
    assert said_by(out) == [SAID] * COUNT
    assert probed(out) == probed(source)
    assert len(probed(out)) == 2
    assert LEFT_OUT not in capsys.readouterr().err


def test_h265_keeps_what_is_known_of_a_screen_that_is_half_known(tmp_path: Path) -> None:
    black = "log-level=error:master-display=G(0,0)B(0,0)R(0,0)WP(0,0)L(10000000,1)"
    out = rendered(
        film_in_hdr10(tmp_path / "source.mkv", 2, x265=black), tmp_path / "film.mp4", "--codec", "h265"
    )
    assert said_by(out) == [Mastering((0,) * 8 + (1, 10_000_000), None)] * 2


@pytest.mark.parametrize("codec", ["ffv1", "prores"])
def test_where_it_has_no_place_the_user_is_told(tmp_path: Path, source: Path, codec: str, capsys) -> None:
    out = rendered(source, tmp_path / "film.mkv", "--codec", codec)
    assert said_by(out) == [None] * COUNT
    assert capsys.readouterr().err.count(LEFT_OUT) == 1


@pytest.mark.parametrize("words", [(), ("--codec", "h265", "--layout", "depth")])
def test_what_was_mapped_to_sdr_says_nothing_of_hdr(tmp_path: Path, source: Path, words, capsys) -> None:
    out = rendered(source, tmp_path / "film.mp4", *words)
    assert set(said_by(out)) == {None}
    assert LEFT_OUT not in capsys.readouterr().err


def test_what_is_said_of_each_scene_is_left_out_and_told_where_hdr_stays(tmp_path: Path, capsys) -> None:
    plus, dolby = film_in_hdr10_plus(tmp_path / "plus.mkv", 2), tmp_path / "dolby.mkv"
    film_in_dolby_vision(dolby, 2, profile=8)
    rendered(plus, tmp_path / "kept.mp4", "--codec", "h265")
    assert "left out: what HDR10+ says of each scene; players go by PQ alone" in capsys.readouterr().err
    rendered(dolby, tmp_path / "also.mp4", "--codec", "h265")
    assert "left out: what Dolby Vision says of each scene" in capsys.readouterr().err
    rendered(plus, tmp_path / "mapped.mp4")
    assert "left out" not in capsys.readouterr().err


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_colours_that_cannot_be_decoded_are_told_once(tmp_path: Path, codec: str, capsys) -> None:
    rendered(
        film_in_dolby_vision(tmp_path / "film.mp4", 2, profile=5), tmp_path / "out.mp4", "--codec", codec
    )
    assert capsys.readouterr().err.count("Dolby Vision of profile 5") == 1


def test_x265_is_told_in_the_order_that_it_wants() -> None:
    wanted = Wanted(22, "ultrafast", 1, live=False, mastering=SAID)
    assert (
        CODECS["h265"]
        .options(wanted)["x265-params"]
        .endswith(
            ":master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400"
        )
    )
