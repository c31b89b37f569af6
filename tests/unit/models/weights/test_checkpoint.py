import pickle

import pytest
import torch
from safetensors.torch import save_file

from streamdepth.errors import WeightsError
from streamdepth.models.weights.checkpoint import fill, identify, load_state_dict


class Opener:
    """Unpickled by an unguarded reader, it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.fixture
def network():
    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))


@pytest.fixture
def saved(network, tmp_path):
    path = tmp_path / "net.pt"
    torch.save(network.state_dict(), path)
    return path


def read_into(network, path):
    fill(network, load_state_dict(path), path.name, "net")


def test_a_torch_file_and_a_safetensors_file_hold_the_same(network, saved, tmp_path):
    other = tmp_path / "net.safetensors"
    save_file(network.state_dict(), other)
    for path in (saved, other):
        tensors = load_state_dict(path)
        assert set(tensors) == set(network.state_dict())
        for key, value in network.state_dict().items():
            torch.testing.assert_close(tensors[key], value)


def test_letters_of_a_suffix_may_be_capitals(network, saved, tmp_path):
    plain, nano, torchs = (
        tmp_path / "N.SAFETENSORS",
        tmp_path / "n.Safetensors",
        saved.rename(tmp_path / "N.PT"),
    )
    save_file(network.state_dict(), plain)
    save_file(network.state_dict(), nano, {"format": "streamdepth-nano-1"})
    assert [identify(path).name for path in (torchs, plain, nano)] == ["midas-small", "midas-small", "nano"]
    assert set(load_state_dict(plain)) == set(load_state_dict(torchs)) == set(network.state_dict())


def test_the_weights_arrive_in_the_network(network, saved):
    fresh = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    read_into(fresh, saved)
    torch.testing.assert_close(fresh[0].weight, network[0].weight)


def test_half_precision_weights_become_single_precision_ones(network, tmp_path):
    path = tmp_path / "half.safetensors"
    save_file(
        {key: v.half() if v.is_floating_point() else v for key, v in network.state_dict().items()}, path
    )
    read_into(network, path)
    assert network[0].weight.dtype == torch.float32


def test_weights_inside_a_training_checkpoint_are_found(network, tmp_path):
    path = tmp_path / "train.pt"
    torch.save({"optimizer": {}, "model": network.state_dict()}, path)
    assert set(load_state_dict(path)) == set(network.state_dict())


@pytest.mark.parametrize("suffix", ["pt", "safetensors"])
def test_a_truncated_file_is_one_clear_sentence(network, suffix, tmp_path):
    path = tmp_path / f"net.{suffix}"
    (torch.save if suffix == "pt" else save_file)(network.state_dict(), path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(WeightsError, match=r"net\.\w+ is not a weights file or is damaged") as caught:
        load_state_dict(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"\x80\x02}q\x00.", b"\0" * 5000])
@pytest.mark.parametrize("suffix", ["pt", "safetensors"])
def test_a_file_of_anything_else_is_a_weights_error(content, suffix, tmp_path):
    path = tmp_path / f"net.{suffix}"
    path.write_bytes(content)
    with pytest.raises(WeightsError):
        load_state_dict(path)


@pytest.mark.parametrize("save", [torch.save, lambda thing, path: path.write_bytes(pickle.dumps(thing))])
def test_code_in_a_file_is_not_run(save, tmp_path):
    trace, path = tmp_path / "trace", tmp_path / "net.pt"
    save({"weight": Opener(trace)}, path)
    with pytest.raises(WeightsError):
        load_state_dict(path)
    assert not trace.exists()


@pytest.mark.parametrize("content", [torch.zeros(3), {}, {"epoch": 3}, [torch.zeros(3)]])
def test_a_file_without_a_state_dict_is_refused(content, tmp_path):
    path = tmp_path / "net.pt"
    torch.save(content, path)
    with pytest.raises(WeightsError, match="state dict"):
        load_state_dict(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(WeightsError, match=r"there is no weights file .*gone\.pt"):
        load_state_dict(tmp_path / "gone.pt")


def test_what_differs_from_the_network_is_counted_and_named(network):
    tensors = dict(network.state_dict())
    tensors["0.weight"] = tensors["0.weight"][:, :2]
    tensors["head.weight"] = tensors.pop("1.bias")
    with pytest.raises(WeightsError) as caught:
        fill(network, tensors, "net.pt", "midas-small")
    assert str(caught.value).startswith(
        "net.pt does not hold the weights of midas-small: keys missing: 1 (such as 1.bias), "
        "unknown: 1 (such as head.weight), of another shape: 1 (such as 0.weight)"
    )


def test_a_file_is_identified_by_its_suffix_and_metadata(network, saved, tmp_path):
    plain, nano = tmp_path / "plain.safetensors", tmp_path / "nano.safetensors"
    save_file(network.state_dict(), plain)
    save_file(network.state_dict(), nano, {"format": "streamdepth-nano-1"})
    assert [identify(path).name for path in (saved, plain, nano)] == ["midas-small", "midas-small", "nano"]


def test_a_file_that_cannot_be_identified_is_refused(tmp_path):
    with pytest.raises(WeightsError, match=r"ends in \.pt or \.pth or \.safetensors"):
        identify(tmp_path / "net.onnx")
    with pytest.raises(WeightsError, match="there is no weights file"):
        identify(tmp_path / "net.pt")
    damaged = tmp_path / "net.safetensors"
    damaged.write_bytes(b"x" * 100)
    with pytest.raises(WeightsError, match="damaged"):
        identify(damaged)
