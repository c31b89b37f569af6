"""The memory of what was chosen."""

import json

import pytest

from streamdepth.engine.selection.memory import WayMemory
from streamdepth.engine.selection.ways import Way

EXACT, HALF, EIGHT = (Way("openvino", precision) for precision in ("fp32", "bf16", "int8"))


def test_a_choice_is_remembered_under_its_circumstances_only(tmp_path):
    WayMemory(tmp_path, {"model": "a"}).keep(HALF, "bf16 it is")
    assert WayMemory(tmp_path, {"model": "a"}).recall([EXACT, HALF]) == HALF
    assert WayMemory(tmp_path, {"model": "b"}).recall([EXACT, HALF]) is None
    assert [path.suffix for path in (tmp_path / "choices").iterdir()] == [".json"]


def test_a_choice_that_is_not_there_any_more_is_forgotten(tmp_path):
    memory = WayMemory(tmp_path, {})
    memory.keep(EIGHT, "")
    assert memory.recall([EXACT, HALF]) is None


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"way": 3}', '{"key": "", "way": {"runtime": "x"}}'])
def test_a_damaged_memory_is_no_memory(damage, tmp_path):
    memory = WayMemory(tmp_path, {})
    memory.keep(HALF, "")
    (path,) = (tmp_path / "choices").iterdir()
    assert json.loads(path.read_text())["way"]["precision"] == "bf16"
    path.write_text(damage)
    assert memory.recall([EXACT, HALF]) is None


def test_a_cache_that_cannot_be_written_costs_the_memory_and_nothing_else(tmp_path):
    (tmp_path / "file").write_text("")
    memory = WayMemory(tmp_path / "file", {})
    memory.keep(HALF, "")
    assert memory.recall([HALF]) is None
