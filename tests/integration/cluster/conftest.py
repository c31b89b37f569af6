"""What tests of divided films share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from squares import EVERY, Flickering, film_of_squares

from streamdepth.cluster import infer
from streamdepth.cluster.run import ClusterRun
from streamdepth.resuming.resumable_output import ResumableOutput


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_of_squares(tmp_path_factory.mktemp("made") / "source.mp4")


@pytest.fixture
def near_borders(monkeypatch: pytest.MonkeyPatch) -> list[Flickering]:
    """Borders as near as in films of seconds, and the networks that workers have loaded."""
    networks: list[Flickering] = []

    def load(*_: Any) -> Flickering:
        networks.append(Flickering())
        return networks[-1]

    monkeypatch.setattr(ResumableOutput, "every", EVERY)
    monkeypatch.setattr(ClusterRun, "every", EVERY)
    monkeypatch.setattr(infer, "load_network", load)
    infer.engines_here.cache_clear()
    return networks
