import json
import zipfile

import onnx
import pytest
import torch

from streamdepth.errors import ModelError
from streamdepth.models.export import write as export
from streamdepth.models.export.formats import NetworkFormat, format_of
from streamdepth.models.export.openvino_library import import_openvino
from streamdepth.models.export.write import make_metadata, write_network, write_onnx
from streamdepth.models.registry import NANO

METADATA_KEY = make_metadata(NANO, "ab" * 32)


class Mean(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.full((1, 3, 1, 1), 2.0), requires_grad=False)

    def forward(self, image):
        return (image * self.scale).mean(1)


class Broken(torch.nn.Module):
    def forward(self, image):
        raise ValueError("no such layer")


def label_in(path):
    """The metadata as another program finds it."""
    if path.suffix == ".onnx":
        return {entry.key: entry.value for entry in onnx.load(path).metadata_props}["streamdepth"]
    if path.suffix == ".xml":
        return import_openvino().Core().read_model(path).get_rt_info("streamdepth").value
    with zipfile.ZipFile(path) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("extra/streamdepth.json"))
        return archive.read(name)


FORMATS = list(NetworkFormat)


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_says_what_it_holds(form, tmp_path):
    path = tmp_path / f"net{form.suffix}"
    write_network(form, Mean(), path, METADATA_KEY)
    told = json.loads(label_in(path))
    assert told["model"] == "nano"
    assert told["source_sha256"] == "ab" * 32
    assert (told["mean"], told["std"]) == (list(NANO.mean), list(NANO.std))
    assert told["meaning"] == "inverse relative depth"
    assert told["version"]
    assert format_of(path) is form


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_appears_whole_with_nothing_beside_it_and_replaces_an_older_one(form, tmp_path):
    path = tmp_path / f"net{form.suffix}"
    path.write_bytes(b"older")
    write_network(form, Mean(), path)
    beside = {"net.xml", "net.bin"} if form is NetworkFormat.OPENVINO else {path.name}
    assert {file.name for file in tmp_path.iterdir()} == beside
    assert path.read_bytes() != b"older"


@pytest.mark.parametrize("form", FORMATS)
def test_a_network_that_cannot_be_exported_leaves_nothing_behind(form, tmp_path):
    with pytest.raises(ModelError, match=r"cannot be exported to \w+: no such layer.*--engine torch"):
        write_network(form, Broken(), tmp_path / f"net{form.suffix}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", FORMATS)
def test_a_folder_that_is_not_there_is_an_os_error(form, tmp_path):
    with pytest.raises(FileNotFoundError):
        write_network(form, Mean(), tmp_path / "gone" / f"net{form.suffix}")


def test_without_the_packages_for_it_the_error_says_which(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "can_export", lambda: False)
    with pytest.raises(ModelError, match=r"needs the package onnx \(pip install onnx\)"):
        write_onnx(Mean(), tmp_path / "net.onnx")
