"""Manifests on disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from films import greys, write_film

from streamdepth.errors import SourceError, SourceMissing
from streamdepth.files import manifest_path
from streamdepth.proof.manifest import make_manifest, read_manifest, write_manifest


@pytest.fixture
def movie(tmp_path: Path) -> Path:
    return write_film(tmp_path / "d.mp4", greys(range(5)))


def test_what_was_written_is_read_back(movie: Path, tmp_path: Path) -> None:
    source = write_film(tmp_path / "s.mkv", greys(range(5)))
    made = make_manifest(movie, source, {"model": {"name": "nano"}, "settings": {"amount": {"frames": None}}})
    path = write_manifest(movie, made)
    assert path == manifest_path(movie) == tmp_path / "d.mp4.manifest.json"
    assert read_manifest(path) == made
    assert made.source is not None
    assert (made.source.name, made.source.bytes) == ("s.mkv", source.stat().st_size)
    assert not made.is_of_a_part


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda data: data.update(form=9), "it is of form 9, and this release reads 1"),
        (lambda data: data.pop("movie"), "is not a manifest"),
        (lambda data: data["movie"].update(surprise=1), "is not a manifest"),
    ],
)
def test_what_is_no_manifest_is_told(movie: Path, change, says: str) -> None:
    path = write_manifest(movie, make_manifest(movie, None, {}))
    data = json.loads(path.read_text("utf-8"))
    change(data)
    path.write_text(json.dumps(data), "utf-8")
    with pytest.raises(SourceError, match=says):
        read_manifest(path)


def test_a_manifest_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match="there is no manifest"):
        read_manifest(tmp_path / "x.json")
