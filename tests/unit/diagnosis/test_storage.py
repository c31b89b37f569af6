"""Weights and disk, of a whole package and of damaged ones."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from streamdepth.diagnosis import storage
from streamdepth.diagnosis.finding import Grade
from streamdepth.models.registry import MIDAS_SMALL
from streamdepth.models.weights.store import DATA


@pytest.fixture
def package(tmp_path):
    return shutil.copytree(DATA, tmp_path / "data")


def test_damaged_and_missing_weights_are_a_problem(package):
    file = package / "nano.onnx"
    content = bytearray(file.read_bytes())
    content[1000] ^= 1
    file.write_bytes(content)
    (package / "nano.safetensors").unlink()
    (finding,) = storage.bundled_weights(package)
    assert finding.grade is Grade.PROBLEM
    assert set(finding.facts["damaged"]) == {"nano.onnx", "nano.safetensors"}


def test_weights_without_sums_are_a_problem(package):
    (package / "SHA256SUMS").unlink()
    assert storage.bundled_weights(package)[0].grade is Grade.PROBLEM


def test_the_cache_is_told_with_sizes_and_room(tmp_path):
    (tmp_path / "model-small-70d6b9c8.pt").write_bytes(bytes(3_000_000))
    weights, contents, room = storage.cache(tmp_path)
    assert "3.0 MB" in weights.text
    assert contents.facts["files"] == {"model-small-70d6b9c8.pt": 3_000_000}
    assert room.facts["free_bytes"] > 0


def test_weights_that_are_not_here_are_told_with_why_they_did_not_come_and_both_ways_to_get_them(tmp_path):
    stamp = {"at": time.time() - 600, "what": "the weights of midas-small could not be fetched: timed out"}
    (tmp_path / "midas-small.failed.json").write_text(json.dumps(stamp))
    weights, *_ = storage.cache(tmp_path)
    assert weights.text == f"midas-small is not here: {stamp['what']}, 10 min ago"
    assert "streamdepth models fetch midas-small" in weights.cure
    assert f"{MIDAS_SMALL.urls[0]} by other means" in weights.cure


def test_weights_that_nothing_here_reads_are_not_to_be_fetched(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "is_installed", lambda _name: False)
    weights, *_ = storage.cache(tmp_path)
    assert "fetch" not in weights.cure
    assert "pip install torch" in weights.cure


def test_a_cache_that_is_not_made_yet_is_empty(tmp_path):
    _, contents, room = storage.cache(tmp_path / "a" / "b")
    assert contents.facts["bytes"] == 0
    assert room.facts["free_bytes"] > 0
    assert not (tmp_path / "a").exists()


def test_little_room_is_noted_with_a_cure(tmp_path, monkeypatch):
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 1_000_000))
    *_, room = storage.cache(tmp_path)
    assert (room.grade, "--cache-dir" in room.cure) == (Grade.NOTE, True)


def test_weights_that_are_whole_are_told_as_such(package):
    (finding,) = storage.bundled_weights(package)
    assert (finding.grade, finding.text) == (Grade.FINE, "nano is in the package, undamaged")
    assert finding.facts == {"damaged": []}


def test_small_files_are_told_and_those_in_folders_too(tmp_path):
    (tmp_path / "converted").mkdir()
    (tmp_path / "converted" / "a.onnx").write_bytes(bytes(250_000))
    (tmp_path / "b").write_bytes(bytes(250_000))
    _, contents, _ = storage.cache(tmp_path)
    assert contents.text == f"{tmp_path}: 2 files, 500 kB"
    assert contents.facts["files"] == {str(Path("converted", "a.onnx")): 250_000, "b": 250_000}
    assert contents.facts["bytes"] == 500_000


def test_a_folder_that_cannot_be_written_to_is_noted_with_a_cure(tmp_path, monkeypatch):
    monkeypatch.setattr(storage.os, "access", lambda path, mode: (path, mode) != (tmp_path, os.W_OK))
    *_, room = storage.cache(tmp_path / "not" / "yet")
    assert (room.grade, room.text) == (Grade.NOTE, f"{tmp_path} cannot be written to")
    assert room.cure == "name another with --cache-dir, or change its permissions"
