import numpy as np
import onnxruntime
import pytest
import torch

from streamdepth.errors import ModelError
from streamdepth.models import export
from streamdepth.models.export import converted_path, ensure_converted, write_onnx
from streamdepth.models.midas_small import MidasSmall


class Mean(torch.nn.Module):
    def forward(self, image):
        return image.mean(1)


def run(path, image):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(["depth"], {"image": image})[0]


@pytest.fixture(scope="module")
def midas():
    torch.manual_seed(5)
    network = MidasSmall().eval()
    torch.nn.init.constant_(network.scratch["output_conv"][4].bias, 5.0)  # away from the last ReLU
    return network


def test_the_file_of_midas_small_answers_like_the_network_at_any_size(midas, tmp_path):
    path = tmp_path / "midas.onnx"
    write_onnx(midas, path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for shape in ((1, 3, 32, 32), (2, 3, 64, 160), (1, 3, 192, 96)):
        image = torch.randn(shape)
        with torch.inference_mode():
            expected = midas(image).numpy()
        (depth,) = session.run(["depth"], {"image": image.numpy()})
        assert depth.shape == (shape[0], *shape[2:])
        assert expected.std() > 1e-3
        np.testing.assert_allclose(depth, expected, rtol=1e-3, atol=1e-3)


def test_a_converted_file_is_made_once_and_found_again(tmp_path):
    path = converted_path(tmp_path, "mean", "ab" * 32)
    ensure_converted(path, Mean)
    made = path.stat().st_mtime_ns
    ensure_converted(path, lambda: pytest.fail("converted again"))
    assert path.stat().st_mtime_ns == made
    image = np.random.default_rng(0).random((2, 3, 5, 7), np.float32)
    np.testing.assert_allclose(run(path, image), image.mean(1), rtol=1e-5)


def test_other_weights_and_other_versions_have_other_files(tmp_path, monkeypatch):
    paths = {converted_path(tmp_path, "net", "aa" * 32), converted_path(tmp_path, "net", "bb" * 32)}
    monkeypatch.setattr(export, "version", lambda package: f"{package}-99")
    paths.add(converted_path(tmp_path, "net", "aa" * 32))
    assert len(paths) == 3


def test_two_processes_that_convert_at_the_same_time_leave_one_whole_file(tmp_path):
    path = tmp_path / "net.onnx"

    def slow_load():
        ensure_converted(path, Mean)  # the other process, which is done while this one still loads
        return Mean()

    ensure_converted(path, slow_load)
    assert [file.name for file in tmp_path.iterdir()] == ["net.onnx"]
    assert run(path, np.ones((1, 3, 2, 2), np.float32)).shape == (1, 2, 2)


def test_a_network_that_cannot_be_exported_leaves_nothing_behind(tmp_path):
    class Broken(torch.nn.Module):
        def forward(self, image):
            raise ValueError("no such layer")

    with pytest.raises(ModelError, match=r"cannot be exported to ONNX: no such layer.*--engine torch"):
        write_onnx(Broken(), tmp_path / "net.onnx")
    assert list(tmp_path.iterdir()) == []


def test_without_the_packages_for_it_the_error_says_which(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "can_export", lambda: False)
    with pytest.raises(ModelError, match=r"needs the package onnx \(pip install 'streamdepth\[export\]'\)"):
        write_onnx(Mean(), tmp_path / "net.onnx")


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match=r"cannot be written.*choose another cache folder"):
        ensure_converted(tmp_path / "file" / "net.onnx", Mean)
