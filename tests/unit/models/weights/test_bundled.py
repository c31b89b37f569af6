"""The sums of the network files inside the package."""

import pytest

from streamdepth.models.weights.bundled import SUMS, damaged_files, write_sums
from streamdepth.models.weights.store import DATA


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "net.onnx").write_bytes(b"graph")
    (tmp_path / "net.safetensors").write_bytes(b"weights")
    (tmp_path / "pictures.jpg").write_bytes(b"no network")
    write_sums(tmp_path)
    return tmp_path


def test_sums_are_of_network_files_and_whole_files_have_them(folder):
    assert [line.split()[1] for line in (folder / SUMS).read_text().splitlines()] == [
        "net.onnx",
        "net.safetensors",
    ]
    assert damaged_files(folder) == []


def test_a_file_that_is_changed_or_gone_is_named(folder):
    (folder / "net.onnx").write_bytes(b"grapH")
    (folder / "net.safetensors").unlink()
    assert damaged_files(folder) == ["net.onnx", "net.safetensors"]


def test_without_sums_nothing_can_be_said(folder):
    (folder / SUMS).unlink()
    with pytest.raises(FileNotFoundError):
        damaged_files(folder)


def test_the_sums_in_the_package_are_those_of_its_files():
    assert damaged_files() == []
    listed = {line.split()[1] for line in (DATA / SUMS).read_text().splitlines()}
    assert {path.name for path in DATA.iterdir() if path.suffix in (".onnx", ".safetensors")} <= listed


def test_sums_that_are_written_anew_fit(folder):
    (folder / "net.onnx").write_bytes(b"retrained")
    write_sums(folder)
    assert damaged_files(folder) == []
