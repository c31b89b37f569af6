"""OpenVINO, imported."""

import subprocess
import sys

import pytest

from streamdepth.errors import ModelError
from streamdepth.models.export.openvino_library import import_openvino


def test_openvino_is_imported_without_its_usage_statistics(tmp_path):
    code = (
        "import sys\n"
        "from streamdepth.models.export.openvino_library import import_openvino\n"
        "openvino = import_openvino()\n"
        "assert import_openvino() is openvino\n"
        "assert not [name for name in sys.modules if name.startswith('openvino_telemetry')]\n"
        "assert openvino.convert_model\n"
    )
    home = tmp_path / "home"
    home.mkdir()
    subprocess.run([sys.executable, "-c", code], env={"HOME": str(home)}, check=True, timeout=60)
    assert list(home.iterdir()) == []


def test_a_missing_openvino_is_a_model_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(ModelError, match=r"OpenVINO cannot be imported.*--engine onnxruntime"):
        import_openvino()
