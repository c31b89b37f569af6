from __future__ import annotations

import json
from pathlib import Path

import pytest
from engine_loading import load_engine

from streamdepth.engine.engine import Engine
from streamdepth.engine.selection import table
from streamdepth.engine.selection.table import times_of

SIZES = [64, 32]


@pytest.fixture(scope="module")
def nano() -> Engine:
    return load_engine("nano", runtime="onnxruntime", precision="fp32", size=64, threads=1)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was said; measuring calls each run once and finds 10 ms for each pixel of the size."""

    def time_ways(runs):
        for run in runs.values():
            run()
        return {size: size / 100 for size in runs}

    monkeypatch.setattr(table, "time_ways", time_ways)
    return []


def test_sizes_are_measured_once(nano: Engine, said: list[str], tmp_path: Path) -> None:
    for _ in range(2):
        assert times_of(nano, SIZES, tmp_path, 1, said.append) == {64: 0.64, 32: 0.32}
    assert said == ["measuring nano in 2 sizes, once: a few seconds"]
    times_of(nano, SIZES[:1], tmp_path, 1, said.append)  # other sizes are another table
    times_of(nano, SIZES, tmp_path, 2, said.append)  # and so are other threads
    assert len(said) == 3
    assert said[1] == "measuring nano in 1 size, once: a few seconds"


@pytest.mark.parametrize("seconds", [{}, {"64": 0.1}, {"64": 0.1, "32": 0}, {"64": 0.1, "32": "a"}, [], None])
def test_a_table_that_is_damaged_is_measured_again(
    nano: Engine, said: list[str], tmp_path: Path, seconds: object
) -> None:
    times_of(nano, SIZES, tmp_path, 1, said.append)
    (file,) = (tmp_path / "choices").iterdir()
    file.write_text(json.dumps(json.loads(file.read_text()) | {"seconds": seconds}))
    assert times_of(nano, SIZES, tmp_path, 1, said.append) == {64: 0.64, 32: 0.32}
    assert len(said) == 2
