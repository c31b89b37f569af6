import subprocess
import sys

import pytest

from streamdepth.errors import ModelError
from streamdepth.models._timm import import_timm

LOAD = """
from streamdepth.models import _timm
timm = _timm.import_timm()
assert "tf_efficientnet_lite3" in timm.list_models("tf_efficientnet_lite*")
"""


def test_timm_is_imported_whether_or_not_the_operators_of_torchvision_load():
    done = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, timeout=100)
    assert done.returncode == 0, done.stderr


def test_a_missing_timm_is_named_with_a_cure(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(ModelError, match=r"timm cannot be imported.*\(install timm"):
        import_timm()
