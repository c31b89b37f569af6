"""ONNX networks as others write them: layouts, types, several outputs, sides that are free; and who runs them right."""

import cv2
import numpy as np
import onnx
import pytest
from engine_loading import load_engine
from onnx import TensorProto, helper, numpy_helper

from streamdepth.errors import ModelError, UsageError

RUNTIMES = ("onnxruntime", "openvino")
NCHW, NHWC = (1, 3, 64, 96), (1, 64, 96, 3)
FLOAT, HALF, DOUBLE, BYTES = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.UINT8
IMAGENET = 0.485, 0.229


class Net:
    """A network whose depth is the red channel, built node by node."""

    def __init__(self, image=NCHW, kind=FLOAT):
        self.inputs = [helper.make_tensor_value_info("image", kind, image)]
        self.nodes, self.constants, self.outputs = [], [], []
        self.last = "image"
        if kind != FLOAT:
            self.add("Cast", to=FLOAT)
        if image[1] != 3:
            self.add("Transpose", perm=[0, 3, 1, 2])
        self.add("Conv", self.constant(np.array([1, 0, 0], np.float32).reshape(1, 3, 1, 1)))

    def constant(self, value):
        self.constants.append(numpy_helper.from_array(value, f"c{len(self.constants)}"))
        return self.constants[-1].name

    def add(self, kind, *more, **settings):
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, [self.last, *more], [name], **settings))
        self.last = name
        return self

    def gives(self, name, shape, kind=FLOAT):
        cast = {"to": kind} if kind != FLOAT else {}
        self.nodes.append(helper.make_node("Cast" if cast else "Identity", [self.last], [name], **cast))
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))
        return self

    def saved(self, folder):
        graph = helper.make_graph(self.nodes, "net", self.inputs, self.outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
        onnx.save(model, folder / "net.onnx")
        return folder / "net.onnx"


def squeezed(net, *axes):
    return net.add("Squeeze", net.constant(np.array(axes, np.int64)))


def depth_of(path, picture, runtime, **more):
    engine = load_engine(path, runtime=runtime, precision="fp32", cache_dir=path.parent, **more)
    return engine.estimate(picture).values


@pytest.fixture
def picture():
    image = np.zeros((64, 96, 3), np.uint8)
    image[:, :, 2] = np.linspace(0, 255, 96)
    image[:32] //= 2
    return image


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("kind", [FLOAT, HALF, DOUBLE, BYTES])
@pytest.mark.parametrize("image", [NCHW, NHWC])
def test_the_picture_goes_in_as_the_network_takes_it(runtime, kind, image, picture, tmp_path):
    path = Net(image, kind).gives("depth", (1, 1, 64, 96)).saved(tmp_path)
    red = picture[..., 2].astype(np.float64)
    expected = red if kind == BYTES else (red / 255 - IMAGENET[0]) / IMAGENET[1]
    np.testing.assert_allclose(depth_of(path, picture, runtime), expected, atol=0.01)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    ("shape", "last"),
    [
        ((1, 64, 96), lambda net: squeezed(net, 1)),
        ((64, 96), lambda net: squeezed(net, 0, 1)),
        ((1, 64, 96, 1), lambda net: net.add("Transpose", perm=[0, 2, 3, 1])),
    ],
)
@pytest.mark.parametrize("kind", [FLOAT, HALF, DOUBLE])
def test_the_map_comes_out_of_any_layout_and_type(runtime, shape, last, kind, picture, tmp_path):
    path = last(Net()).gives("y", shape, kind).saved(tmp_path)
    expected = (picture[..., 2] / 255 - IMAGENET[0]) / IMAGENET[1]
    np.testing.assert_allclose(depth_of(path, picture, runtime), expected, atol=0.01)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    ("image", "input_size"),
    [
        ((1, 3, 64, "w"), (128, 64)),
        ((1, 3, "h", 64), (64, 32)),
        ((1, 64, "w", 3), (128, 64)),
        (("n", "c", "h", "w"), (192, 96)),
    ],
)
def test_a_side_that_is_free_keeps_the_shape_of_the_picture(runtime, image, input_size, tmp_path):
    net = Net(image) if image[1] != "c" else Net((1, 3, "h", "w"))
    if image[1] == "c":
        net.inputs = [helper.make_tensor_value_info("image", FLOAT, image)]
    path = net.gives("depth", None).saved(tmp_path)
    engine = load_engine(path, runtime=runtime, precision="fp32", size=192)
    assert engine.input_size(200, 100) == input_size
    wide = np.full((100, 200, 3), 255, np.uint8)
    assert engine.estimate(wide).values.shape == input_size[::-1]
    if image[0] == 1:  # else any size goes
        with pytest.raises(UsageError, match=r"H .*, W "):
            engine.runtime.infer(np.zeros((1, 3, 33, 47), np.float32))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_of_several_outputs_the_one_called_depth_is_taken_and_the_rest_told(runtime, picture, tmp_path):
    net = Net().gives("depth", (1, 1, 64, 96)).add("Sigmoid").gives("confidence", (1, 1, 64, 96))
    told = []
    depth = depth_of(net.saved(tmp_path), picture, runtime, notify=told.append)
    assert depth.min() < -1  # no sigmoid
    assert told == ["net.onnx: depth is its output depth, beside confidence"]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_outputs_that_are_no_maps_are_in_nobodys_way(runtime, picture, tmp_path):
    net = Net().gives("y", (1, 1, 64, 96)).add("GlobalAveragePool").gives("scale", (1, 1, 1, 1))
    net = squeezed(net, 0, 1, 2, 3).gives("mean", ())
    path = net.saved(tmp_path)
    assert depth_of(path, picture, runtime).shape == (64, 96)


def test_several_maps_of_which_none_is_called_depth_are_told(tmp_path):
    net = Net().gives("a", (1, 1, 64, 96)).add("Sigmoid").gives("b", (1, 1, 64, 96))
    with pytest.raises(ModelError, match=r"unclear which is depth: a float32 .*, b float32") as caught:
        load_engine(net.saved(tmp_path), runtime="onnxruntime")
    assert "'depth'" in caught.value.cure


def test_a_network_that_takes_bytes_takes_no_normalisation(tmp_path):
    path = Net(kind=BYTES).gives("depth", (1, 1, 64, 96)).saved(tmp_path)
    with pytest.raises(UsageError, match=r"the normalisation of net\.onnx is fixed"):
        load_engine(path, runtime="onnxruntime", normalisation="half")


def shrinking(folder, **settings):
    """Makes the picture smaller and larger again, with what OpenVINO 2026.4 leaves out of ONNX Resize."""
    net = Net()
    small, large = ([1, 1, 16, 24], [1, 1, 64, 96])
    net.add("Resize", "", "", net.constant(np.array(small, np.int64)), mode="linear", **settings)
    net.add("Resize", "", "", net.constant(np.array(large, np.int64)), mode="nearest")
    return net.gives("depth", (1, 1, 64, 96)).saved(folder)


def test_the_runtime_that_does_what_the_file_says_is_chosen(tmp_path):
    told = []
    path = shrinking(tmp_path, antialias=1)
    engine = load_engine(path, precision="fp32", cache_dir=tmp_path / "cache", notify=told.append)
    noise = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    small = cv2.resize(noise[..., 2].astype(np.float32), (24, 16), interpolation=cv2.INTER_AREA)
    depth = engine.estimate(noise).values
    # The triangle of an antialiased Resize reaches over twice what a pixel covers: close to the mean, not equal.
    assert np.corrcoef(depth[::4, ::4].ravel(), small.ravel())[0, 1] > 0.85
    reference = load_engine(path, runtime="onnxruntime", precision="fp32").estimate(noise).values
    np.testing.assert_allclose(depth, reference, atol=0.01)
    if engine.runtime_name == "onnxruntime":
        assert "openvino fp32 is left out: it gives other depth than onnxruntime" in told[-1]


@pytest.mark.parametrize("precision", ["auto", "fp32"])
def test_who_asks_for_a_runtime_hears_each_time_that_it_gives_other_depth(precision, tmp_path):
    for path, is_warned in ((shrinking(tmp_path, antialias=1), True), (shrinking(tmp_path), False)):
        for _ in range(2):
            told = []
            asked = {"runtime": "openvino", "precision": precision, "cache_dir": tmp_path / "cache"}
            assert load_engine(path, notify=told.append, **asked).runtime_name == "openvino"
            warnings = [line for line in told if "it gives other depth than onnxruntime" in line]
            # Once OpenVINO does what the file says, there is nothing to warn of.
            assert bool(warnings) == (is_warned and differs(path))


def differs(path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    answers = [load_engine(path, runtime=name, precision="fp32").estimate(noise).values for name in RUNTIMES]
    return not np.allclose(*answers, atol=0.05)
