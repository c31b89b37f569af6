"""OpenVINO: sizes that stay compiled, bf16, lanes."""

import subprocess
import sys

import numpy as np
import pytest

from streamdepth.engine.runtimes import openvino as on_openvino
from streamdepth.engine.runtimes.openvino import OpenVinoRuntime
from streamdepth.errors import ModelError, UsageError
from streamdepth.models.weights.store import DATA


def batch(*shape):
    return np.random.default_rng(1).standard_normal(shape).astype(np.float32)


def test_a_file_of_openvino_gives_what_the_onnx_file_gives(files, load):
    image = batch(1, 3, 64, 32)
    depth = OpenVinoRuntime(files / "small.xml").infer(image)
    np.testing.assert_allclose(depth, load("openvino").infer(image), atol=1e-6)


def test_an_xml_file_without_its_weights_is_a_model_error(files, tmp_path):
    (tmp_path / "net.xml").write_bytes((files / "small.xml").read_bytes())
    with pytest.raises(ModelError, match=r"OpenVINO cannot load .*net\.xml"):
        OpenVinoRuntime(tmp_path / "net.xml")


def test_openvino_compiles_each_size_once_and_keeps_a_bounded_number(load, monkeypatch):
    runtime = load("openvino")
    compiled = []
    compile_for = runtime._compile
    monkeypatch.setattr(runtime, "_compile", lambda shape: compiled.append(shape[3]) or compile_for(shape))
    for width in (32, 64, 32, 96, 128, 32, 160, 32, 64):
        assert runtime.infer(batch(1, 3, 32, width)).shape == (1, 32, width)
    # the fifth size takes the place of the one that was not used for the longest time
    assert compiled == [32, 64, 96, 128, 160, 64]
    assert len(runtime._requests) == 4


@pytest.mark.parametrize(("size", "count"), [((128, 256), 5), ((288, 384), 6)])
def test_resizing_to_the_size_there_is_already_is_left_out(size, count):
    network = OpenVinoRuntime(DATA / "nano.onnx")._compile((1, 3, *size)).get_runtime_model()
    kinds = [node.get_rt_info()["layerType"].value for node in network.get_ops()]
    assert kinds.count("Interpolate") == count


class Processor:
    """OpenVINO as it is, but for what the processor can do; remembers the precisions it was asked to compile."""

    def __init__(self, *capabilities):
        self._real = on_openvino.openvino_core()
        self._capabilities = capabilities
        self.asked = []
        self.read_model = self._real.read_model

    def get_property(self, device, name):
        assert (device, name) == ("CPU", "OPTIMIZATION_CAPABILITIES")
        return list(self._capabilities)

    def compile_model(self, network, device, config):
        self.asked.append(config["INFERENCE_PRECISION_HINT"])
        return self._real.compile_model(network, device, config)


@pytest.fixture
def processor(monkeypatch):
    """Puts a processor with these capabilities in the place of this one."""

    def put(*capabilities):
        made = Processor(*capabilities)
        monkeypatch.setattr(on_openvino, "openvino_core", lambda: made)
        return made

    return put


def test_bf16_is_used_on_a_processor_that_has_it(onnx, processor):
    able = processor("FP32", "BF16", "INT8")
    runtime = OpenVinoRuntime(onnx, precision="bf16")
    runtime.infer(batch(1, 3, 32, 32))
    assert (runtime.precision, able.asked) == ("bf16", ["bf16"])


def test_without_bf16_in_the_processor_asking_for_it_is_wrong_usage(onnx, processor):
    plain = processor("FP32", "INT8")
    with pytest.raises(
        UsageError, match=r"processor does not compute in bf16 \(use --precision fp32 or auto"
    ):
        OpenVinoRuntime(onnx, precision="bf16")
    runtime = OpenVinoRuntime(onnx)
    runtime.infer(batch(1, 3, 32, 32))
    assert (runtime.precision, plain.asked) == ("fp32", ["f32"])


def test_ctrl_c_is_no_crash_after_several_openvino_networks_came_and_went(onnx):
    code = """
import gc, signal, sys
import numpy as np
from pathlib import Path
from streamdepth.engine.runtimes.openvino import OpenVinoRuntime

runtimes = [OpenVinoRuntime(Path(sys.argv[1])) for _ in range(3)]
for runtime in runtimes:
    runtime.infer(np.zeros((1, 3, 32, 32), np.float32))
del runtime
while runtimes:
    runtimes.pop(0)
    gc.collect()
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job is born with it ignored
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print("interrupted")
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(onnx)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout.strip(), done.returncode) == ("interrupted", 0)


def test_lanes_of_openvino_share_one_compiled_network_of_each_size(load, monkeypatch):
    compiled = []
    compile_for = OpenVinoRuntime._compile
    monkeypatch.setattr(
        OpenVinoRuntime, "_compile", lambda lane, shape: compiled.append(shape[3]) or compile_for(lane, shape)
    )
    for lane in load("openvino", threads=2).lanes():
        for width in (32, 64):
            lane.infer(batch(1, 3, 32, width))
    assert compiled == [32, 64]


@pytest.mark.parametrize(("threads", "tied"), [(None, True), (2, False)])
def test_lanes_keep_to_cores_where_they_have_all_of_them_and_a_runtime_alone_never_does(threads, tied, load):
    runtime = load("openvino", threads=threads)
    lanes = [lane for lane in runtime.lanes() if lane is not runtime]
    if not lanes:
        pytest.skip("there is one core here, so one lane")
    assert [pinning(lane) for lane in (runtime, lanes[0])] == [False, tied]


def pinning(runtime):
    shape = (1, 3, 32, 32)
    return runtime._compile(shape).get_property("ENABLE_CPU_PINNING")
