"""`models export` and `models quantise`, without the command line."""

import pytest
from engine_loading import load_engine

from streamdepth.engine.agreement import agreeing_pixels
from streamdepth.engine.export import export_model
from streamdepth.errors import SinkError, UsageError
from streamdepth.models.pictures import judging_pictures


@pytest.mark.parametrize(
    ("output", "form", "message"),
    [
        (
            "net.foo",
            None,
            r"net\.foo is not a name for a network file \(the formats are torchscript \(\.pt\)",
        ),
        ("", None, r"the output .* is a folder \(name a file in it"),
        ("net.pt", "onnx", r"net\.pt cannot hold onnx"),
        ("net.onnx", "tflite", r"net\.onnx cannot hold tflite"),
    ],
)
def test_a_name_that_does_not_fit_the_format_is_wrong_usage(output, form, message, folder, tmp_path):
    with pytest.raises(UsageError, match=message):
        export_model(str(folder / "mine.safetensors"), tmp_path / output, form)


def test_a_network_file_is_not_exported_again(folder, tmp_path):
    with pytest.raises(UsageError, match=r"net\.onnx is a network file already"):
        export_model(str(folder / "net.onnx"), tmp_path / "again.onnx")


def test_the_weights_file_is_not_overwritten(tmp_path):
    path = tmp_path / "midas.pt"
    path.write_bytes(b"weights")
    with pytest.raises(UsageError, match="is the weights file itself"):
        export_model(str(path), path)
    assert path.read_bytes() == b"weights"


@pytest.mark.parametrize("name", ["net.onnx", "net.pt", "net.xml"])
def test_an_output_that_cannot_be_written_is_a_sink_error(name, folder, tmp_path):
    with pytest.raises(SinkError, match=rf"there is no folder .*gone for {name}"):
        export_model(str(folder / "mine.safetensors"), tmp_path / "gone" / name)


def test_an_unknown_model_is_wrong_usage(tmp_path):
    with pytest.raises(UsageError, match="no model 'warp'"):
        export_model("warp", tmp_path / "net.onnx")


def test_a_file_in_bf16_is_half_as_large_and_gives_about_the_same(tmp_path):
    whole = export_model("nano", tmp_path / "whole.xml")
    half = export_model("nano", tmp_path / "half.xml", precision="bf16")
    sizes = [path.with_suffix(".bin").stat().st_size for path in (whole, half)]
    assert 0.45 < sizes[1] / sizes[0] < 0.6
    picture = judging_pictures()[0]
    maps = [
        load_engine(path, runtime="openvino", precision="fp32").estimate(picture).values
        for path in (whole, half)
    ]
    assert agreeing_pixels(*maps) == maps[0].size


@pytest.mark.parametrize(("name", "precision"), [("n.pt", "int8"), ("n.onnx", "bf16"), ("n.xml", "fp8")])
def test_a_format_that_cannot_hold_a_precision_is_wrong_usage(name, precision, tmp_path):
    with pytest.raises(UsageError, match=rf"{name} cannot hold {precision} \(\w+ files hold fp32"):
        export_model("nano", tmp_path / name, precision=precision)
