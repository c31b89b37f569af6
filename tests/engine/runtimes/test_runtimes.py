import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from streamdepth.engine.runtime import MOST_LANES
from streamdepth.engine.runtimes import openvino as on_openvino
from streamdepth.engine.runtimes.onnxruntime import OnnxRuntime
from streamdepth.engine.runtimes.openvino import OpenVinoRuntime
from streamdepth.engine.runtimes.torch import TorchRuntime
from streamdepth.engine.runtimes.torchscript import TorchScriptRuntime
from streamdepth.errors import ModelError, UsageError
from streamdepth.models.export.write import write_onnx, write_openvino, write_torchscript


class Small(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(2)
        self.conv = torch.nn.Conv2d(3, 1, 3, padding=1)

    def forward(self, image):
        return self.conv(image).squeeze(1)


class Threads(torch.nn.Module):
    def forward(self, image):
        return image[:, 0] * 0 + torch.get_num_threads()


class Failing(torch.nn.Module):
    def forward(self, image):
        raise RuntimeError("out of memory")


NAMES = ("torch", "torchscript", "onnxruntime", "openvino")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The small network in every format."""
    folder = tmp_path_factory.mktemp("network")
    write_onnx(Small(), folder / "small.onnx")
    write_torchscript(Small(), folder / "small.pt")
    write_openvino(Small(), folder / "small.xml")
    return folder


@pytest.fixture(scope="module")
def onnx(files):
    return files / "small.onnx"


@pytest.fixture
def load(files):
    """Loads the small network into the runtime of that name."""
    makers = {
        "torch": lambda **more: TorchRuntime(Small(), **more),
        "torchscript": lambda **more: TorchScriptRuntime(files / "small.pt", **more),
        "onnxruntime": lambda **more: OnnxRuntime(files / "small.onnx", **more),
        "openvino": lambda **more: OpenVinoRuntime(files / "small.onnx", **more),
    }
    return lambda name, **more: makers[name](**more)


@pytest.fixture(params=NAMES)
def runtime(request, load):
    return load(request.param)


def batch(*shape):
    return np.random.default_rng(1).standard_normal(shape).astype(np.float32)


def test_each_runtime_gives_what_the_network_gives(runtime):
    for shape in ((1, 3, 32, 64), (3, 3, 64, 32)):
        image = batch(*shape)
        depth = runtime.infer(image)
        assert depth.dtype == np.float32
        assert depth.flags.c_contiguous
        with torch.inference_mode():
            expected = Small()(torch.from_numpy(image)).numpy()
        np.testing.assert_allclose(depth, expected, atol=1e-5)


def test_each_runtime_leaves_its_input_alone_and_gives_away_its_output(runtime):
    image = batch(1, 3, 32, 32)
    before = image.copy()
    first = runtime.infer(image)
    kept = first.copy()
    runtime.infer(image * 2)
    np.testing.assert_array_equal(image, before)
    np.testing.assert_array_equal(first, kept)


def test_each_runtime_refuses_a_batch_of_a_wrong_size(runtime):
    with pytest.raises(UsageError, match="W a multiple of 32"):
        runtime.infer(batch(1, 3, 32, 33))


@pytest.mark.parametrize("name", NAMES)
def test_each_runtime_says_what_it_is(name, load):
    runtime = load(name)
    assert (runtime.name, runtime.precision) == (name, "fp32")


@pytest.mark.parametrize("name", NAMES)
def test_one_thread_gives_what_many_give(name, load):
    image = batch(1, 3, 64, 64)
    np.testing.assert_allclose(load(name, threads=1).infer(image), load(name).infer(image), atol=1e-5)


def test_the_number_of_threads_holds_for_inference_and_for_nothing_else():
    before = torch.get_num_threads()
    other = before + 1
    assert TorchRuntime(Threads(), threads=other).infer(batch(1, 3, 32, 32)).max() == other
    assert torch.get_num_threads() == before


def test_a_failure_of_torch_is_a_model_error_and_the_threads_are_given_back():
    before = torch.get_num_threads()
    with pytest.raises(ModelError, match="PyTorch cannot run the network: out of memory"):
        TorchRuntime(Failing(), threads=before + 1).infer(batch(1, 3, 32, 32))
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("content", [None, b"", b"not a network"])
def test_a_damaged_onnx_file_is_a_model_error_of_one_line(content, tmp_path):
    path = tmp_path / "net.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"ONNX Runtime cannot load .*net\.onnx") as caught:
        OnnxRuntime(path)
    assert "\n" not in str(caught.value)


def test_a_file_of_openvino_gives_what_the_onnx_file_gives(files, load):
    image = batch(1, 3, 64, 32)
    depth = OpenVinoRuntime(files / "small.xml").infer(image)
    np.testing.assert_allclose(depth, load("openvino").infer(image), atol=1e-6)


@pytest.mark.parametrize("make", [OnnxRuntime, OpenVinoRuntime])
def test_names_inside_a_file_do_not_matter(make, tmp_path, monkeypatch):
    monkeypatch.setattr("streamdepth.models.export.write.INPUT", "x")
    monkeypatch.setattr("streamdepth.models.export.write.OUTPUT", "y")
    write_onnx(Small(), tmp_path / "net.onnx")
    assert make(tmp_path / "net.onnx").infer(batch(1, 3, 32, 32)).shape == (1, 32, 32)


@pytest.mark.parametrize("content", [None, b"", b"not a network"])
@pytest.mark.parametrize(
    ("make", "name"),
    [(OpenVinoRuntime, "net.onnx"), (OpenVinoRuntime, "net.xml"), (TorchScriptRuntime, "net.pt")],
)
def test_a_damaged_file_is_a_model_error_of_one_line(make, name, content, tmp_path):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=rf"cannot load .*{name}: \S") as caught:
        make(path)
    assert "\n" not in str(caught.value)


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


@pytest.mark.parametrize("name", ["onnxruntime", "openvino"])
def test_lanes_give_at_the_same_time_what_one_runtime_gives(name, load):
    lanes = load(name, threads=3).lanes()
    assert len(lanes) == 3
    images = [batch(1, 3, 32, 32 * (1 + number % 2)) * number for number in range(30)]
    alone = load(name, threads=1)
    expected = [alone.infer(image) for image in images]
    with ThreadPoolExecutor(len(lanes)) as threads:
        shares = [
            threads.submit(lambda lane=lane, share=images[first::3]: [lane.infer(image) for image in share])
            for first, lane in enumerate(lanes)
        ]
        found = [share.result(60) for share in shares]
    for number, depth in enumerate(expected):
        np.testing.assert_allclose(found[number % 3][number // 3], depth, atol=1e-4)


@pytest.mark.parametrize("name", ["onnxruntime", "openvino"])
def test_one_thread_makes_no_lanes_and_many_make_a_few(name, load):
    runtime = load(name, threads=1)
    assert runtime.lanes() == (runtime,)
    assert len(load(name, threads=64).lanes()) == MOST_LANES


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
