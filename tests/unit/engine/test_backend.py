"""What a backend says of itself."""

from dataclasses import replace

import pytest

from streamdepth.engine import backend as backends
from streamdepth.engine.runtimes.registry import BACKENDS, find_backend
from streamdepth.errors import ModelError, UsageError


@pytest.mark.parametrize("error", [UsageError("no", "do"), ModelError("no", "do")])
def test_what_the_machine_or_its_packages_lack_is_not_computed_in(error):
    def lacking():
        raise error

    assert not replace(find_backend("torch"), precisions={"bf16": lacking}).computes("bf16")


def test_int8_of_a_backend_without_it_is_wrong_usage(tmp_path):
    with pytest.raises(UsageError, match="torch does not compute in int8"):
        find_backend("torch").quantise(tmp_path / "net.onnx", [], [])


def test_int8_is_built_only_where_both_packages_are(monkeypatch):
    monkeypatch.setattr(backends, "find_spec", lambda name: None if name == "nncf" else name)
    assert [backend.name for backend in BACKENDS if backend.builds_int8] == ["onnxruntime"]
