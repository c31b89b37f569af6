"""Which suffix is which container, and what goes into it."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from streamdepth.errors import UsageError
from streamdepth.sinks.movie.codecs import CODECS
from streamdepth.sinks.movie.containers import CONTAINERS, check_encoding, container_of


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_each_container_has_a_muxer_that_takes_its_codecs(suffix: str, tmp_path: Path) -> None:
    container = CONTAINERS[suffix]
    assert container_of(tmp_path / f"DEPTH{suffix.upper()}") is container
    with av.open(str(tmp_path / f"depth{suffix}"), "w", format=container.muxer) as file:
        for word in container.codecs:
            assert file.add_stream(CODECS[word].encoder, rate=25) is not None
        assert file.add_stream(container.sound, rate=48_000) is not None
        assert file.add_stream(container.captions) is not None


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_the_muxer_takes_all_that_is_kept_as_it_is(suffix: str, tmp_path: Path) -> None:
    container = CONTAINERS[suffix]
    with av.open(str(tmp_path / f"depth{suffix}"), "w", format=container.muxer) as file:
        names = {name for name in file.supported_codecs if name in av.codecs_available}
    assert container.copied <= {canonical_name(name) for name in names} | {"ssa"}, "ssa is ass to FFmpeg"


def canonical_name(name: str) -> str:
    """Of a codec that is there to decode, or else to encode."""
    try:
        return av.Codec(name, "r").canonical_name
    except ValueError:
        return av.Codec(name, "w").canonical_name


def test_a_codec_that_does_not_go_with_a_container_is_told_which_does() -> None:
    with pytest.raises(UsageError) as error:
        check_encoding(Path("depth.webm"), "h264", None, None)
    assert str(error.value) == (
        "WebM does not take H.264 (choose --codec vp9 or av1, or for h264 a name that ends in .mp4, .mkv or .mov)"
    )
    with pytest.raises(UsageError, match=r"MP4 does not take FFV1 .*or for ffv1 a name that ends in \.mkv"):
        check_encoding(Path("depth.mp4"), "ffv1", None, None)


def test_quality_and_preset_are_those_of_the_codec_that_the_container_has_by_itself() -> None:
    check_encoding(Path("depth.webm"), None, 63, "5")
    with pytest.raises(UsageError, match=r"H\.264 has no preset '5'"):
        check_encoding(Path("depth.mp4"), None, None, "5")


@pytest.mark.parametrize("path", [None, Path("photo.png")])
def test_what_encodes_a_movie_needs_one(path: Path | None) -> None:
    check_encoding(path, None, None, None)
    with pytest.raises(UsageError, match=r"--crf is for a movie.*\.mp4, \.mkv, \.mov or \.webm"):
        check_encoding(path, None, 20, None)
