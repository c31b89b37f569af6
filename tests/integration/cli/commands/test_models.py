"""`streamdepth models`, without a network connection."""

from __future__ import annotations

import numpy as np
import pytest

from streamdepth import load_engine
from streamdepth.cli.app import _exit_status


def run(capfd, *words):
    status = _exit_status(["models", *map(str, words)])
    return status, capfd.readouterr()


def test_list_names_each_network_its_licence_and_where_its_weights_are(capfd, tmp_path):
    status, said = run(capfd, "list", "--cache-dir", tmp_path)
    assert status == 0
    lines = {line.split()[0]: line for line in said.out.splitlines()}
    assert set(lines) == {"midas-small", "nano"}
    assert "not fetched" in lines["midas-small"]
    assert "bundled" in lines["nano"]
    assert all("MIT" in line for line in lines.values())


def test_list_shows_the_file_that_is_in_the_cache(capfd, tmp_path):
    (tmp_path / "model-small-70d6b9c8.pt").write_bytes(b"x")
    _, said = run(capfd, "list", "--cache-dir", tmp_path)
    assert str(tmp_path / "model-small-70d6b9c8.pt") in said.out


def test_verify_tells_a_damaged_file(capfd, tmp_path):
    (tmp_path / "model-small-70d6b9c8.pt").write_bytes(b"x")
    status, said = run(capfd, "verify", "midas-small", "--cache-dir", tmp_path)
    assert status == 1
    assert "SHA-256" in said.err


def test_verify_of_what_is_not_there_says_how_to_fetch_it(capfd, tmp_path):
    status, said = run(capfd, "verify", "midas-small", "--cache-dir", tmp_path)
    assert status == 1
    assert "models fetch midas-small" in said.err


def test_verify_of_the_bundled_network_prints_its_hash(capfd):
    status, said = run(capfd, "verify", "nano")
    assert status == 0
    assert len(said.out.split()[1].rstrip(",")) == 64


def test_fetch_of_the_bundled_network_needs_no_network(capfd):
    status, said = run(capfd, "fetch", "nano")
    assert status == 0
    assert said.out.strip().endswith("nano.safetensors")


def test_an_unknown_name_is_wrong_usage(capfd):
    assert run(capfd, "fetch", "no-such-network")[0] == 2


def test_export_writes_the_network_and_says_where(capfd, tmp_path):
    words = ("--output", tmp_path / "nano.onnx", "--calibrate", tmp_path / "no.mp4")
    status, said = run(capfd, "export", "nano", *words)
    assert "warning: --calibrate has no effect here: it is for --precision int8" in said.err
    assert (status, said.out.strip()) == (0, str(tmp_path / "nano.onnx"))
    assert (tmp_path / "nano.onnx").stat().st_size > 100_000


@pytest.mark.parametrize("suffix", [".ONNX", ".XML", ".PT"])
def test_an_export_may_be_named_in_capitals_and_runs(suffix, capfd, tmp_path):
    path = tmp_path / f"NANO{suffix}"
    assert run(capfd, "export", "nano", "--output", path)[0] == 0
    picture = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    own, known = (load_engine(model, precision="fp32").estimate(picture).values for model in (path, "nano"))
    np.testing.assert_allclose(own, known, rtol=0.01, atol=0.01)


def test_export_to_a_format_that_the_name_contradicts_is_wrong_usage(capfd, tmp_path):
    status, said = run(capfd, "export", "nano", "--format", "openvino", "--output", tmp_path / "nano.onnx")
    assert status == 2
    assert "openvino (.xml)" in said.err
