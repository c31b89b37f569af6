"""Networks in int8 in the cache; what is kept there is any bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from streamdepth.engine.agreement import BUDGET, Agreement
from streamdepth.engine.int8.store import Facts, Int8File, Int8Place, int8_files, int8_place, versions
from streamdepth.engine.runtimes.registry import find_backend, with_int8
from streamdepth.errors import ModelError
from streamdepth.models.export.conversions import package_version

FACTS = Facts(0.9954, 0.981, 12, "pictures of the package", 60, 4, "nncf3-onnxruntime1")
SHA256 = "ab" * 32


@pytest.fixture(params=["onnxruntime", "openvino"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Int8Place:
    return int8_place(tmp_path, "nano", SHA256, find_backend(request.param))


def writes(content: bytes, facts: Facts = FACTS) -> Callable[[Path], Facts]:
    def write(path: Path) -> Facts:
        path.write_bytes(content)
        if path.suffix == ".xml":
            path.with_suffix(".bin").write_bytes(content)
        return facts

    return write


def fail(path: Path) -> Facts:
    path.write_bytes(b"half of it")
    raise ModelError("the network cannot be quantised")


def facts_of(file: Int8File) -> Path:
    return file.path.with_name(f"{file.path.stem}.json")


def left(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def of(file: Int8File) -> set[Path]:
    weights = {file.path.with_suffix(".bin")} if file.path.suffix == ".xml" else set()
    return {file.path, facts_of(file), *weights}


def test_what_is_made_is_found_again_with_its_facts(place: Int8Place, tmp_path: Path) -> None:
    assert place.find() is None
    file = place.make(writes(b"graph"))
    assert (file.runtime, file.facts) == (place.backend.name, FACTS)
    assert file.path.read_bytes() == b"graph"
    assert place.find() == file
    assert left(tmp_path) == of(file)
    assert json.loads(facts_of(file).read_text())["calibration"] == "pictures of the package"


def test_another_network_takes_the_place_of_the_first(place: Int8Place, tmp_path: Path) -> None:
    first = place.make(writes(b"graph"))
    own = replace(FACTS, calibration="street.mp4:12ab")
    second = place.make(writes(b"another graph", own))
    assert second.path != first.path
    assert place.find() == second
    assert left(tmp_path) == of(second)


def test_the_same_network_judged_anew_gets_the_new_facts(place: Int8Place, tmp_path: Path) -> None:
    first = place.make(writes(b"graph"))
    second = place.make(writes(b"graph", replace(FACTS, frames=15)))
    assert second.path == first.path
    found = place.find()
    assert found is not None
    assert found.facts.frames == 15
    assert left(tmp_path) == of(second)


def test_a_making_that_fails_leaves_what_was_there(place: Int8Place, tmp_path: Path) -> None:
    file = place.make(writes(b"graph"))
    with pytest.raises(ModelError, match="cannot be quantised"):
        place.make(fail)
    assert place.find() == file
    assert left(tmp_path) == of(file)


def test_a_network_that_is_damaged_is_not_found(place: Int8Place) -> None:
    place.make(writes(b"graph")).path.write_bytes(b"grapH")
    assert place.find() is None


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "7", '{"agreement": 1.0}', '{"agreement": 1.0, "colour": 1}', None],
    ids=["cut short", "a list", "a number", "too few", "others", "gone"],
)
def test_a_network_without_its_facts_is_deleted(place: Int8Place, tmp_path: Path, text: str | None) -> None:
    file = place.make(writes(b"graph"))
    facts_of(file).unlink()
    if text is not None:
        facts_of(file).write_text(text)
    assert place.find() is None
    assert left(tmp_path) == set()


def test_facts_of_an_older_release_with_a_field_more_are_made_anew(place: Int8Place, tmp_path: Path) -> None:
    file = place.make(writes(b"graph"))
    facts_of(file).write_text(json.dumps({**json.loads(facts_of(file).read_text()), "colour": "red"}))
    assert place.find() is None
    assert left(tmp_path) == set()


def test_a_cache_that_cannot_be_written_is_told_with_a_cure(place: Int8Place, tmp_path: Path) -> None:
    (tmp_path / "converted").write_bytes(b"a file in the place of the folder")
    with pytest.raises(ModelError, match=r"converted cannot be written: .*choose another cache folder"):
        place.make(writes(b"graph"))


def test_every_network_of_a_model_is_listed_the_usually_fastest_runtime_first(tmp_path: Path) -> None:
    made = [
        int8_place(tmp_path, "nano", sha256, backend).make(writes(sha256.encode() + backend.name.encode()))
        for backend in with_int8()
        for sha256 in ("ab" * 32, "cd" * 32)
    ]
    int8_place(tmp_path, "midas-small", SHA256, with_int8()[0]).make(writes(b"of another model"))
    assert int8_files("nano", tmp_path) == made
    assert [file.runtime for file in int8_files("midas-small", tmp_path)] == [with_int8()[0].name]
    facts_of(made[0]).unlink()
    assert int8_files("nano", tmp_path) == made[1:]
    assert int8_files("nano", tmp_path / "empty") == []


def test_other_weights_and_another_runtime_have_places_of_their_own(tmp_path: Path) -> None:
    one, other = with_int8()
    place = int8_place(tmp_path, "nano", SHA256, one)
    place.make(writes(b"graph"))
    assert int8_place(tmp_path, "nano", "cd" * 32, one).find() is None
    assert int8_place(tmp_path, "nano", SHA256, other).find() is None
    assert int8_place(tmp_path, "nano", SHA256, one).find() is not None


def test_the_place_names_the_versions_that_make_a_network(tmp_path: Path) -> None:
    for backend in with_int8():
        assert backend.quantiser is not None
        packages = (backend.package, backend.quantiser.package)
        assert versions(backend) == "-".join(f"{name}{package_version(name)}" for name in packages)
        assert f"-int8-{versions(backend)}-" in int8_place(tmp_path, "nano", SHA256, backend).conversion.stem
    assert versions(find_backend("torch")) == f"torch{package_version('torch')}"


def test_facts_tell_how_far_int8_agrees_and_whether_that_will_do() -> None:
    assert str(FACTS) == "agrees with fp32 on 99.5 % of pixels, 56 of 60 layers in int8"
    assert FACTS.agreement_found == Agreement(0.9954, 0.981, 12)
    assert replace(FACTS, agreement=BUDGET).within_budget
    assert not replace(FACTS, agreement=BUDGET - 0.0001, worst=1.0).within_budget
