"""Which network is chosen, and what is said about it."""

import pytest
from engine_loading import load_engine

from streamdepth.errors import ModelError, WeightsError
from streamdepth.models.weights import store as weights


def test_auto_is_nano_where_midas_small_cannot_be_fetched_and_says_so_in_one_calm_line(
    bundled, offline, tmp_path
):
    told = []
    engine = load_engine(
        runtime="openvino", precision="fp32", cache_dir=tmp_path / "cache", notify=told.append
    )
    assert engine.name == "nano"
    load_engine(runtime="openvino", precision="fp32", cache_dir=tmp_path / "cache", notify=told.append)
    assert told == ["model: nano (bundled)"] * 2


def test_auto_says_what_is_wrong_with_this_machine_where_that_is_why_it_is_nano(bundled, tmp_path):
    (tmp_path / "file").write_text("")
    told = []
    load_engine(
        runtime="openvino", precision="fp32", cache_dir=tmp_path / "file" / "cache", notify=told.append
    )
    assert told[0].startswith("model: nano (bundled); the cache folder ")
    assert told[0].endswith("(choose another cache folder)")


def test_auto_is_midas_small_where_it_is_cached(bundled, offline, midas, cache, tmp_path):
    (cache / "model-small-70d6b9c8.pt").write_bytes(midas.read_bytes())
    told = []
    engine = load_engine(size=96, cache_dir=cache, notify=told.append)
    assert engine.name == "midas-small"
    assert told[0] == "model: midas-small"


def test_midas_small_by_name_never_becomes_another_model(bundled, offline, tmp_path):
    for _ in range(2):  # the second time, too: whoever names it wants it tried
        with pytest.raises(WeightsError, match=r"midas-small could not be fetched: .*refused \(") as caught:
            load_engine("midas-small", cache_dir=tmp_path)
        assert "ago" not in str(caught.value)


def test_missing_bundled_weights_are_a_clear_error(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "DATA", tmp_path)
    with pytest.raises(ModelError, match=r"weights of nano are not in this installation"):
        load_engine("nano")


@pytest.mark.parametrize("model", ["gone.pt", "folder/gone", "./midas-small", "gone.onnx", "gone.xml"])
def test_a_missing_file_is_a_missing_file_and_no_unknown_name(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WeightsError, match=r"weights file|gone\.\w+ cannot be read: No such file"):
        load_engine(model)


def test_a_file_of_another_model_than_the_one_named_is_refused(midas):
    with pytest.raises(
        WeightsError, match=r"holds weights of midas-small, not of nano \(use --model midas-small\)"
    ):
        load_engine("nano", weights=midas)
