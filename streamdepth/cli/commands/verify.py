"""`streamdepth verify`: whether an output is whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from streamdepth.cli.standard_output import say
from streamdepth.depthfiles.open import is_depth
from streamdepth.errors import UsageError
from streamdepth.ffmpeg.cut_short import what_is_broken
from streamdepth.files import manifest_path
from streamdepth.proof.compare import Finding, by_itself, is_the_source, with_manifest, with_source
from streamdepth.proof.depth import depth_by_itself
from streamdepth.proof.manifest import Manifest, SourceFacts, read_manifest
from streamdepth.proof.movie_facts import read_movie, read_tracks
from streamdepth.proof.pairs import pairs_of

app = App(
    name="verify",
    usage="Usage: streamdepth verify OUTPUT [SOURCE] [OPTIONS]",
    help="Check whether a movie is whole: by itself, against its manifest, and against its source.",
    help_epilogue="streamdepth street.mp4 --output depth.mp4 --manifest writes depth.mp4.manifest.json as well; "
    "streamdepth verify depth.mp4 street.mp4 compares all three.",
    help_format="plaintext",
)

_NOT_READ = (".mcap", ".ply")


@app.default
def verify(
    output: Annotated[Path, Parameter(help="The movie or the depth that was written.")],
    source: Annotated[
        Path | None, Parameter(help="The film that it was made from.", show_default=False)
    ] = None,
    /,
    *,
    manifest: Annotated[
        Path | None,
        Parameter(help="Its manifest (default: the one beside it, if any).", show_default=False),
    ] = None,
    as_json: Annotated[
        bool, Parameter("--json", help="Print one JSON object.", negative=(), show_default=False)
    ] = False,
) -> int:
    """Look whether a movie is whole: by itself, by its manifest, and beside its source.

    Everything is decoded once more. Exits with 1 where something is missing or different.
    """
    findings = []
    for finding in _findings(output, source, manifest):
        findings.append(finding)
        if not as_json:
            say(f"{finding.word:<8} {finding.text}")
    is_good = all(finding.is_good for finding in findings)
    if as_json:
        entries = [{"ok": finding.is_good, "text": finding.text} for finding in findings]
        print(json.dumps({"ok": is_good, "findings": entries}, indent=1))
    return 0 if is_good else 1


def _findings(output: Path, source: Path | None, named: Path | None) -> Iterator[Finding]:
    if is_depth(output):
        yield depth_by_itself(output)
        if output.suffix.lower() != ".mkv":
            _refuse_source(output, source)
            return
    _refuse_kind(output)
    movie = read_movie(output)
    yield from by_itself(movie)
    if broken := what_is_broken(output):
        yield Finding(False, broken)
    beside = named or manifest_path(output)
    written: Manifest | None = None
    if named is not None or beside.exists():
        written = read_manifest(beside)
        yield from with_manifest(movie, written)
    else:
        yield Finding(True, f"there is no {beside.name}: what was written is not known", is_note=True)
    if source is None:
        return
    picture, others = read_tracks(source)
    if written is not None:
        found = SourceFacts(source.name, source.stat().st_size, picture.sha256)
        yield from filter(None, [is_the_source(written, found)])
    yield from with_source(movie, _times_of(source), pairs_of(others, movie.tracks), written)


def _refuse_kind(output: Path) -> None:
    cure = "verify reads movies, pictures, and depth maps with their index"
    if output.is_dir():
        raise UsageError(f"{output} is a folder without an index of depth maps", cure)
    if output.suffix.lower() in _NOT_READ:
        raise UsageError(f"{output} is of a kind that is not verified", cure)


def _refuse_source(output: Path, source: Path | None) -> None:
    if source is not None:
        raise UsageError(f"{output} is depth in files, which is verified by itself", "leave the source out")


def _times_of(source: Path) -> list[Fraction]:
    """When each frame of a film is shown, as a run sees them."""
    from streamdepth.sources import open_source

    film = open_source(str(source))
    try:
        times = []
        while (frame := film.read()) is not None:
            times.append(frame.pts)
        return times
    finally:
        film.close()
