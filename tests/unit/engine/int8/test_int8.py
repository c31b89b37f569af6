"""Networks in int8 from end to end, on nano in a small size. What passes the budget differs from test to test."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from engine_loading import load_engine
from processors import MACHINES

from streamdepth import machine as processor
from streamdepth.cli.commands.calibration import calibration_of
from streamdepth.engine import EngineOptions, agreement
from streamdepth.engine.backend import Backend
from streamdepth.engine.export import export_model, quantise_model
from streamdepth.engine.int8 import build, calibration
from streamdepth.engine.int8.calibration import Calibration
from streamdepth.engine.int8.onnx import OnnxInt8
from streamdepth.engine.int8.openvino import OpenVinoInt8
from streamdepth.engine.int8.search import Restored
from streamdepth.engine.int8.store import int8_files
from streamdepth.engine.runtimes.registry import find_backend
from streamdepth.engine.selection.automatic import pick_way
from streamdepth.engine.selection.model import ChosenFile, choose_model
from streamdepth.engine.selection.ways import Way, possible_ways
from streamdepth.errors import ModelError, UsageError
from streamdepth.machine import Processor
from streamdepth.models.export.formats import NetworkFormat, is_quantised
from streamdepth.models.export.openvino_library import openvino_core
from streamdepth.models.pictures import judging_pictures
from streamdepth.models.weights.store import DATA

RUNTIMES = ("openvino", "onnxruntime")
needs_int8 = pytest.mark.skipif(
    not processor.has_int8(), reason="this processor does not compute in int8: no VNNI, no dot product"
)
SIDE = 128
SMALL = {"size": SIDE, "precision": "int8"}
ABLE = Processor("able", frozenset({"avx512_vnni"}))
PLAIN = Processor("plain", frozenset({"avx2"}))
NO_FILE = ChosenFile(Path("net.onnx"), NetworkFormat.ONNX, "ab" * 32, "auto")

pytest.importorskip("nncf")
pytestmark = pytest.mark.timeout(300)  # the search for layers alone may take a minute


def made(machine):
    return Processor(machine, frozenset(MACHINES[machine][0].split()))


@pytest.fixture(autouse=True)
def able(monkeypatch):
    monkeypatch.setattr(processor, "this_processor", lambda: ABLE)


@pytest.fixture
def budget(monkeypatch):
    """Sets the share of pixels that must agree."""

    def put(share):
        monkeypatch.setattr(agreement, "BUDGET", share)
        monkeypatch.setattr(build, "BUDGET", share)

    put(0.5)
    return put


@pytest.fixture(scope="module")
def networks():
    """What was quantised of few pictures, by its source and the pictures: nothing changes it."""
    return {}


@pytest.fixture
def few_pictures(monkeypatch, networks):
    """Quantises in seconds, and the same once: for tests that do not ask how good the network is."""
    for name, count in (("calibration_pictures", 4), ("judging_pictures", 3)):
        pictures = getattr(calibration, name)()[:count]
        monkeypatch.setattr(calibration, name, lambda pictures=pictures: pictures)
    quantise = Backend.quantise

    def once(backend, source, *pictures):
        key = (backend.name, source.read_bytes(), *(b"".join(map(bytes, batches)) for batches in pictures))
        if key not in networks:
            networks[key] = quantise(backend, source, *pictures)
        return networks[key]

    monkeypatch.setattr(Backend, "quantise", once)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@needs_int8
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_int8_asked_for_by_name_is_built_once_and_gives_about_what_fp32_gives(runtime, cache, budget):
    budget(0.9)
    told = []
    engine = load_engine("nano", runtime=runtime, cache_dir=cache, notify=told.append, **SMALL)
    assert told == [f"quantising nano to int8 for {runtime}: this takes up to 90 s, once"]
    assert (engine.runtime_name, engine.precision) == (runtime, "int8")
    exact = load_engine("nano", runtime=runtime, precision="fp32", size=SIDE)
    pairs = [(exact.estimate(p).values, engine.estimate(p).values) for p in judging_pictures()]
    assert min(np.corrcoef(one.ravel(), other.ravel())[0, 1] for one, other in pairs) > 0.9
    assert not any(np.array_equal(one, other) for one, other in pairs)
    load_engine("nano", runtime=runtime, cache_dir=cache, notify=told.append, **SMALL)
    assert len(told) == 1


@pytest.fixture(scope="module", params=[OpenVinoInt8, OnnxInt8])
def quantised(request):
    """nano, calibrated on one small picture of noise and judged by it."""
    pictures = [np.random.default_rng(0).normal(size=(1, 3, 64, 64)).astype(np.float32)]
    return request.param(DATA / "nano.onnx", pictures, pictures)


def test_a_network_whose_layers_are_all_given_back_is_that_of_float32(quantised):
    (exact,), (restored,) = quantised.reference(), quantised.maps(quantised.layers)
    (rounded,) = quantised.maps(())
    span = np.ptp(exact)
    np.testing.assert_allclose(restored, exact, atol=1e-4 * span)
    assert np.abs(rounded - exact).max() > 1e-2 * span
    assert len(np.unique(rounded)) > 1000  # and no steps of a 256th


def test_what_asks_for_a_size_alone_is_no_layer(quantised):
    assert len(quantised.layers) > 50
    assert not [layer for layer in quantised.layers if "Shape" in layer]


@pytest.mark.parametrize("quantised", [OpenVinoInt8], indirect=True)
def test_openvino_gets_one_scale_for_each_channel_of_a_depthwise_convolution(quantised, tmp_path):
    """Of several, as NNCF makes them for weights that are reshaped, it computes in float32."""
    quantised.write((), tmp_path / "nano.xml", None)
    network = openvino_core().read_model(tmp_path / "nano.xml")
    weights = [n.input_value(1) for n in network.get_ops() if n.get_type_name() == "GroupConvolution"]
    assert len(weights) == 24
    for weight in weights:
        scale = weight.get_node().input_value(1)
        assert list(scale.get_shape()) == [weight.get_shape()[0], 1, 1, 1, 1]


def ways(cache, precision="auto"):
    options = EngineOptions("nano", precision=precision, size=SIDE, cache_dir=cache)
    return [str(way) for way in possible_ways(options, choose_model(options, None, print))]


def test_auto_considers_int8_where_it_is_built_and_within_the_budget(cache, few_pictures, budget, tmp_path):
    for runtime in RUNTIMES:
        quantise_model("nano", runtime, cache)
    floats = ["openvino fp32", "openvino bf16", "onnxruntime fp32"]
    assert ways(tmp_path) == floats
    assert set(ways(cache)) == {*floats, "openvino int8", "onnxruntime int8"}
    budget(1.01)
    assert ways(cache) == floats


def test_int8_that_misses_the_budget_is_refused_with_its_figure_and_warned_of_where_it_is_forced(
    few_pictures, budget, tmp_path
):
    budget(1.01)
    with pytest.raises(
        ModelError, match=r"int8 of nano for onnxruntime agrees with fp32 on \d+\.\d % .*101 %"
    ):
        quantise_model("nano", "onnxruntime", tmp_path)
    told = []
    engine = load_engine("nano", runtime="onnxruntime", cache_dir=tmp_path, notify=told.append, **SMALL)
    assert engine.precision == "int8"
    assert len(told) == 1
    assert told[0].startswith("warning: int8 of nano agrees with fp32 on ")
    with pytest.raises(ModelError, match="would be needed"):
        export_model("nano", tmp_path / "nano.onnx", cache_dir=tmp_path, precision="int8")
    assert not (tmp_path / "nano.onnx").exists()


def test_int8_that_a_busy_machine_had_no_time_for_is_made_again(few_pictures, budget, monkeypatch, tmp_path):
    budget(1.01)
    searches = iter([Restored(frozenset(), 0.1, False, hurried) for hurried in (True, False)])
    monkeypatch.setattr(build, "restore", lambda *_: next(searches))
    for words in ("too busy to look .*when other programs are quiet", "needed .use bf16", "needed .use bf16"):
        with pytest.raises(ModelError, match=words):
            quantise_model("nano", "onnxruntime", tmp_path)
    assert not list(searches)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_damaged_file_or_one_without_its_facts_is_made_again(
    runtime, cache, few_pictures, budget, tmp_path
):
    quantise_model("nano", runtime, cache)
    shutil.copytree(cache, tmp_path, dirs_exist_ok=True)
    (file,) = (file for file in int8_files("nano", tmp_path) if file.runtime == runtime)
    for other in int8_files("nano", tmp_path):
        if other != file:
            other.path.unlink()
    assert int8_files("nano", tmp_path) == [file]
    facts = file.path.with_name(f"{file.path.stem}.json")
    facts.write_text("{")
    assert int8_files("nano", tmp_path) == []
    again = quantise_model("nano", runtime, tmp_path)
    content = bytearray(again.path.read_bytes())
    content[len(content) // 2] ^= 0x40
    again.path.write_bytes(content)
    assert int8_files("nano", tmp_path) == []


def test_the_users_own_pictures_make_another_network_in_the_place_of_the_first(
    few_pictures, budget, tmp_path
):
    first = quantise_model("nano", "onnxruntime", tmp_path)
    own = Calibration("street.mp4", [np.full((96, 128, 3), 20 * index, np.uint8) for index in range(9)])
    second = quantise_model("nano", "onnxruntime", tmp_path, calibration=own)
    assert first.facts.calibration == "pictures of the package"
    assert second.facts.calibration.startswith("street.mp4:")
    assert second.facts.frames == first.facts.frames + 3
    assert int8_files("nano", tmp_path) == [second]
    assert quantise_model("nano", "onnxruntime", tmp_path, calibration=own) == second


ASKED = {
    "a run": lambda folder, runtime: load_engine("nano", runtime=runtime, cache_dir=folder, **SMALL),
    "quantise": lambda folder, runtime: quantise_model("nano", runtime, folder),
    "export": lambda folder, runtime: export_model(
        "nano", folder / f"nano{find_backend(runtime).formats[0].suffix}", cache_dir=folder, precision="int8"
    ),
    "calibration": lambda folder, runtime: calibration_of(folder / "long.mp4"),
    "a network that would be fetched": lambda folder, runtime: load_engine(
        "midas-small", cache_dir=folder, **SMALL
    ),
}


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("machine", [name for name, (*_, int8) in MACHINES.items() if not int8])
def test_without_int8_in_the_processor_asking_for_it_is_wrong_usage_before_anything_is_made(
    machine, asked, runtime, monkeypatch, tmp_path
):
    monkeypatch.setattr(processor, "this_processor", lambda: made(machine))
    with pytest.raises(UsageError, match=r"does not compute in int8: .* \(use --precision fp32 or auto"):
        asked(tmp_path, runtime)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("machine", MACHINES)
def test_auto_takes_what_the_processor_has(machine, monkeypatch, tmp_path):
    able = made(machine)
    monkeypatch.setattr(processor, "this_processor", lambda: able)
    monkeypatch.setattr("streamdepth.engine.runtimes.openvino.has_bf16", lambda: "bf16" in able.features)
    candidates = [Way("openvino", "fp32"), Way("openvino", "bf16"), Way("onnxruntime", "int8")]
    opened = []

    def open_way(way):
        opened.append(way)
        raise ModelError("closed")

    with pytest.raises(ModelError, match="closed"):
        pick_way(candidates, NO_FILE, EngineOptions("nano", cache_dir=tmp_path), lambda _line: None, open_way)
    has = {"fp32": True, "bf16": "bf16" in able.features, "int8": able.does_int8}
    assert opened == [way for way in candidates if has[way.precision]]


def test_an_int8_file_is_refused_where_the_processor_cannot_and_the_cure_is_another_file(
    cache, budget, monkeypatch, tmp_path
):
    path = export_model("nano", tmp_path / "nano.onnx", cache_dir=cache, precision="int8")
    monkeypatch.setattr(processor, "this_processor", lambda: PLAIN)
    with pytest.raises(UsageError, match=r"does not compute in int8.*network files in fp32"):
        load_engine(path, size=SIDE)


def test_without_the_packages_the_error_says_which(monkeypatch, tmp_path):
    monkeypatch.setattr(Backend, "builds_int8", False)
    with pytest.raises(UsageError, match=r"nothing here runs nano\.safetensors in int8"):
        load_engine("nano", cache_dir=tmp_path, **SMALL)


@pytest.mark.parametrize(("name", "runtimes"), [("nano.onnx", RUNTIMES), ("nano.xml", ("openvino",))])
def test_an_exported_int8_file_runs_as_such(name, runtimes, cache, budget, tmp_path):
    path = export_model("nano", tmp_path / name, cache_dir=cache, precision="int8")
    assert is_quantised(path)
    for runtime in runtimes:
        engine = load_engine(path, runtime=runtime, size=SIDE)
        assert (engine.name, engine.precision) == ("nano", "int8")
        assert engine.estimate(judging_pictures()[0]).values.shape == (SIDE * 3 // 4, SIDE)
    with pytest.raises(UsageError, match=rf"nothing here runs {name} in fp32"):
        load_engine(path, precision="fp32")
