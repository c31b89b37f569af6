from __future__ import annotations

from pathlib import Path

import pytest
from squares import Flickering

from streamdepth.cluster.everywhere import lane_threads, same_everywhere
from streamdepth.run.spec import InputSpec, NetworkSpec, OutputSpec, PictureSpec, RunSpec


def test_files_get_the_names_that_all_machines_have_and_auto_what_it_came_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("film.mp4").touch()
    spec = RunSpec(
        InputSpec(input="film.mp4", metres=Path("room.json")),
        output=OutputSpec(output=Path("depth.mp4")),
        network=NetworkSpec(model="auto"),
        picture=PictureSpec(scenes=Path("cuts.txt")),
    )
    there = same_everywhere(spec, Flickering(), 3)
    assert there.input.input == str(tmp_path / "film.mp4")
    assert there.output.places == (tmp_path / "depth.mp4",)
    assert there.picture.scenes == tmp_path / "cuts.txt"
    assert there.input.metres == tmp_path / "room.json"
    network = there.network
    assert (network.model, network.engine, network.precision, network.threads) == (
        "flickering",
        "onnxruntime",
        "fp32",
        3,
    )


@pytest.mark.parametrize("name", ["stills", "stills/f%04d.png", "stills/*.png"])
def test_a_folder_of_pictures_and_a_pattern_get_them_too(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("stills").mkdir()
    there = same_everywhere(RunSpec(InputSpec(input=name)), Flickering(), None)
    assert there.input.input == str(tmp_path / name)


@pytest.mark.parametrize("name", ["https://example.org/a.mp4", "https://example.org/a.mp4?x=*", "demo"])
def test_an_address_and_a_word_stay(name: str) -> None:
    spec = RunSpec(InputSpec(input=name), network=NetworkSpec(model="nano"))
    there = same_everywhere(spec, Flickering(), None)
    assert (there.input.input, there.network.model) == (name, "nano")
    assert there.output.places == ()


@pytest.mark.parametrize(("threads", "lanes", "each"), [(4, 2, 2), (1, 2, 1), (3, 1, 3)])
def test_a_worker_has_the_threads_of_a_lane(threads: int, lanes: int, each: int) -> None:
    engine = Flickering()
    engine.lanes = (engine,) * lanes
    assert lane_threads(NetworkSpec(threads=threads), engine) == each
