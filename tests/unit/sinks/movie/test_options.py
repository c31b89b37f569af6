"""How a movie is encoded, as far as its container and its codec leave it open."""

from __future__ import annotations

from typing import Any

import pytest

from streamdepth.errors import UsageError
from streamdepth.sinks.movie.codecs import CODECS
from streamdepth.sinks.movie.containers import CONTAINERS
from streamdepth.sinks.movie.options import MovieOptions


@pytest.mark.parametrize("threads", [0, 17])
def test_a_wrong_number_of_threads_is_refused(threads: int) -> None:
    with pytest.raises(UsageError, match=r"\(choose 1 to 16\)"):
        MovieOptions(threads=threads)


def test_the_encoder_has_a_thread_a_core_and_live_it_leaves_cores_to_the_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    h264 = CODECS["h264"]
    for cores, threads, live in ((1, 1, 1), (2, 2, 1), (6, 4, 3), (64, 4, 4)):
        monkeypatch.setattr("streamdepth.sinks.movie.options.processors", lambda cores=cores: cores)
        assert MovieOptions().wanted(h264, live=False).threads == threads
        assert MovieOptions().wanted(h264, live=True).threads == live
    assert MovieOptions(threads=7).wanted(h264, live=False).threads == 7


@pytest.mark.parametrize(
    ("options", "suffix", "encoder", "crf", "preset"),
    [
        ({}, ".mp4", "libx264", 19, "superfast"),
        ({}, ".webm", "libvpx-vp9", 32, "8"),
        ({"codec": "h265", "crf": 30, "preset": "slow"}, ".mkv", "libx265", 30, "slow"),
    ],
)
def test_what_is_not_said_is_what_is_usual_for_the_codec(
    options: dict[str, Any], suffix: str, encoder: str, crf: int, preset: str
) -> None:
    chosen = MovieOptions(**options)
    codec = chosen.codec_for(CONTAINERS[suffix])
    wanted = chosen.wanted(codec, live=False)
    assert (codec.encoder, wanted.crf, wanted.preset) == (encoder, crf, preset)
