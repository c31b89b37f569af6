"""Which format a network file is in, whether it is in int8, and where its weights lie."""

import zipfile

import pytest

from streamdepth.models.export.formats import NetworkFormat, format_of, is_quantised, weights_file


@pytest.mark.parametrize("form", NetworkFormat)
def test_the_suffix_of_a_format_names_it_in_any_letters(form, tmp_path):
    for suffix in (form.suffix, form.suffix.upper()):
        path = tmp_path / f"net{suffix}"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("net/code/__torch__.py", "")
        assert format_of(path) is form


def test_a_file_of_weights_alone_is_no_network(tmp_path):
    path = tmp_path / "weights.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("weights/data.pkl", "")
    assert format_of(path) is None
    path.write_bytes(b"no archive")
    assert format_of(path) is None
    assert format_of(tmp_path / "net.safetensors") is None


@pytest.mark.parametrize(
    ("name", "content", "quantised"),
    [
        ("net.onnx", b"..DequantizeLinear..", True),
        ("net.onnx", b"..Conv..", False),
        ("net.onnx", b"", False),
        ("NET.ONNX", b"..DequantizeLinear..", True),
        ("net.xml", b'<layer type="FakeQuantize">', True),
        ("net.xml", b'<layer type="Convolution">', False),
        ("net.pt", b"..DequantizeLinear..", False),
    ],
)
def test_int8_is_seen_in_the_file(name, content, quantised, tmp_path):
    (tmp_path / name).write_bytes(content)
    assert is_quantised(tmp_path / name) is quantised


def test_a_file_that_is_not_there_is_not_in_int8(tmp_path):
    assert not is_quantised(tmp_path / "gone.onnx")


def test_only_openvino_keeps_weights_beside_the_graph(tmp_path):
    assert weights_file(tmp_path / "net.xml") == tmp_path / "net.bin"
    assert weights_file(tmp_path / "NET.XML") == tmp_path / "NET.bin"
    assert weights_file(tmp_path / "net.onnx") == tmp_path / "net.onnx"
