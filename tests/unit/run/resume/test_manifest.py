"""The manifest of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamdepth.errors import UsageError
from streamdepth.files import manifest_path
from streamdepth.proof.manifest import read_manifest
from streamdepth.reporting.events import FrameWritten
from streamdepth.run.run import Run
from streamdepth.run.spec import AmountSpec, InputSpec, NetworkSpec, OutputSpec, RunSpec

NANO = NetworkSpec(model="nano", size=32, engine="onnxruntime", precision="fp32")
DEMO = InputSpec(input="demo", camera_size=(64, 48))


def test_the_manifest_of_what_was_made_from_no_file_has_no_source(tmp_path: Path) -> None:
    film = tmp_path / "d.mkv"
    output = OutputSpec(output=film, manifest=True)
    Run(RunSpec(DEMO, output=output, network=NANO, amount=AmountSpec(frames=3))).execute()
    manifest = read_manifest(manifest_path(film))
    assert (manifest.source, manifest.pairs, manifest.movie.frames) == (None, (), 3)
    assert manifest.is_of_a_part


def test_a_run_that_is_stopped_has_none(tmp_path: Path) -> None:
    def stop(event: object) -> None:
        if isinstance(event, FrameWritten) and event.count == 2:
            run.stop()

    output = OutputSpec(output=tmp_path / "d.mkv", manifest=True)
    run = Run(RunSpec(DEMO, output=output, network=NANO), observe=stop)
    run.execute()
    assert [path.name for path in tmp_path.iterdir()] == ["d.part.mkv"]


def test_a_manifest_is_for_a_movie(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--manifest is for a movie, and there is none"):
        Run(RunSpec(DEMO, output=OutputSpec(output=tmp_path, manifest=True), network=NANO))
