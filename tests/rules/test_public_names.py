from __future__ import annotations

import subprocess
import sys

from places import REPOSITORY

import streamdepth


def test_the_public_names_are_these():
    assert sorted(streamdepth.__all__) == [
        "DepthMap",
        "DepthMeaning",
        "DepthOfFrame",
        "Estimate",
        "Frame",
        "Limits",
        "Picture",
        "Pipeline",
        "Received",
        "Rendered",
        "Renderer",
        "SourceInfo",
        "StreamdepthError",
        "__version__",
        "load_engine",
        "open_depth",
        "open_sink",
        "open_source",
        "receive",
        "stream",
    ]


def test_every_public_name_can_be_had_and_has_a_docstring():
    for name in streamdepth.__all__:
        thing = getattr(streamdepth, name)
        assert name == "__version__" or thing.__doc__


def test_a_name_that_is_not_public_is_an_attribute_error():
    assert not hasattr(streamdepth, "no_such_name")


def test_a_type_checker_knows_the_public_names_and_no_others(tmp_path):
    used = "\n".join(f"streamdepth.{name}" for name in streamdepth.__all__)
    (tmp_path / "right.py").write_text(f"import streamdepth\n{used}\n")
    (tmp_path / "wrong.py").write_text("import streamdepth\nstreamdepth.load_engin(model='nano')\n")
    words = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", REPOSITORY / ".mypy_cache"]
    settings = ["--config-file", REPOSITORY / "pyproject.toml", tmp_path / "right.py", tmp_path / "wrong.py"]
    said = subprocess.run([*words, *settings], cwd=REPOSITORY, capture_output=True, text=True).stdout
    errors = [line.rpartition("/")[2] for line in said.splitlines() if ": error: " in line]
    assert [line.split("  ")[0] for line in errors] == [
        'wrong.py:2: error: Module has no attribute "load_engin"; maybe "load_engine"?'
    ]
