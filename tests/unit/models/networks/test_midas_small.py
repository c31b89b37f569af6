import json
import math
import subprocess
import sys
import zlib

import numpy as np
import pytest
import torch
from places import SHARED

from streamdepth.models.networks.midas_small import MidasSmall

RELEASE = SHARED / "conformance/midas_small"

needs_release = pytest.mark.skipif(
    not RELEASE.is_dir(), reason="the answers of the released network are not beside this checkout"
)


def made_up(key: str, shape: list[int], normalised: bool) -> np.ndarray:
    """The value that the release's network held for `key` when it gave its answers (README beside them)."""
    random = np.random.default_rng(zlib.crc32(key.encode()))
    match key.rpartition(".")[2]:
        case "num_batches_tracked":
            return np.zeros(shape, np.int64)
        case "running_var":
            return random.uniform(0.75, 1.25, shape)
        case "weight" if normalised:
            return random.uniform(0.8, 1.2, shape)
        case "weight":
            return random.standard_normal(shape) * math.sqrt(2 / math.prod(shape[1:]))
        case "bias" if not normalised:
            return (
                np.ones(shape)
                if key == "scratch.output_conv.4.bias"
                else 0.02 * random.standard_normal(shape)
            )
        case _:
            return 0.05 * random.standard_normal(shape)


def made_up_state(shapes: dict[str, list[int]]) -> dict[str, torch.Tensor]:
    state = {}
    for key, shape in shapes.items():
        value = made_up(key, shape, f"{key.rpartition('.')[0]}.running_mean" in shapes)
        state[key] = torch.from_numpy(value if value.dtype == np.int64 else value.astype(np.float32))
    return state


@pytest.fixture(scope="module")
def shapes():
    return json.loads((RELEASE / "state_dict_shapes.json").read_text())


@pytest.fixture(scope="module")
def network(shapes):
    network = MidasSmall()
    network.load_state_dict(made_up_state(shapes))
    return network.eval()


@pytest.fixture
def threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield
    torch.set_num_threads(before)


@needs_release
def test_the_keys_and_shapes_are_the_released_ones_in_their_order(network, shapes):
    assert [(key, list(value.shape)) for key, value in network.state_dict().items()] == list(shapes.items())


@needs_release
@pytest.mark.parametrize("threads", [1, 2], indirect=True)
@pytest.mark.parametrize(("height", "width", "seed"), [(256, 256, 7), (128, 256, 8)])
def test_the_network_answers_what_the_released_one_answers(network, threads, height, width, seed):
    image = np.random.default_rng(seed).standard_normal((1, 3, height, width)).astype(np.float32)
    with torch.inference_mode():
        depth = network(torch.from_numpy(image)).numpy()
    expected = np.load(RELEASE / f"out_{height}x{width}.npy")
    assert depth.shape == expected.shape
    assert abs(depth - expected).max() <= 0.1


def test_the_network_is_built_where_torchvision_and_timm_end_the_process():
    """torchvision 0.29 aborts where another library declared its operators; a wrong build of it cannot be loaded."""
    code = (
        "import os, sys\n"
        "class Trap:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('torchvision', 'timm'): os.abort()\n"
        "sys.meta_path.insert(0, Trap())\n"
        "import torch\n"
        "from streamdepth.models.networks.midas_small import MidasSmall\n"
        "assert MidasSmall()(torch.zeros(2, 3, 32, 32)).shape == (2, 32, 32)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
