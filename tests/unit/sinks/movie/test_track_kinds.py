"""Which tracks get into a movie as they are, which are encoded anew, and what is said of those that lose something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest
from heif_files import animated_avif

from streamdepth.sinks.movie.containers import CONTAINERS
from streamdepth.sinks.movie.part import Part
from streamdepth.sinks.movie.track_kinds import (
    Track,
    can_be_copied,
    earliest_of,
    is_described_by_packets,
    track_for,
)

MP4 = CONTAINERS[".mp4"]
RATE = 48_000


@pytest.fixture
def movie(tmp_path: Path) -> Iterator[Any]:
    with av.open(str(tmp_path / "movie.mp4"), "w") as container:
        yield container


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def sound(path: Path, codec: str, *, rate: int = RATE, layout: str = "stereo", title: str = "") -> Path:
    """A fifth of a second of silence."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        stream.metadata["language"] = "fin"
        if title:
            stream.metadata["title"] = title
        silence = np.zeros((1, rate // 5 * stream.codec_context.channels), np.int16)
        frame = av.AudioFrame.from_ndarray(silence, "s16", layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        resampler = av.AudioResampler(stream.format, layout, rate, frame_size=stream.frame_size or None)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


def opened(stack: ExitStack, path: Path) -> Any:
    """The first track of a file, which the stack closes."""
    return stack.enter_context(av.open(str(path))).streams[0]


def passed_on(track: Track, stream: Any) -> list[Any]:
    """All packets of the movie for those of a track."""
    packets = [made for packet in stream.container.demux(stream) for made in track.packets(packet)]
    return packets + list(track.flush())


@pytest.mark.parametrize(
    ("suffix", "codec", "is_copied"),
    [
        ("mkv", "aac", True),
        ("mkv", "libmp3lame", True),
        ("mkv", "flac", True),
        ("mkv", "libopus", True),
        ("wav", "pcm_s16le", False),
        ("mkv", "mp2", False),
    ],
)
def test_what_players_expect_in_mp4_is_copied_and_other_sound_is_not(
    suffix: str, codec: str, is_copied: bool, stack: ExitStack, tmp_path: Path
) -> None:
    assert can_be_copied(opened(stack, sound(tmp_path / f"a.{suffix}", codec)), MP4) is is_copied


@pytest.mark.parametrize(("rate", "is_copied"), [(11_025, False), (16_000, True), (22_050, True)])
def test_mp3_slower_than_mpeg_2_has_is_encoded_anew(
    rate: int, is_copied: bool, stack: ExitStack, tmp_path: Path
) -> None:
    assert can_be_copied(opened(stack, sound(tmp_path / "a.mp3", "libmp3lame", rate=rate)), MP4) is is_copied


@pytest.mark.parametrize(
    ("suffix", "codec", "by_packets"),
    [("ts", "aac", True), ("mkv", "aac", False), ("mkv", "ac3", True), ("mkv", "flac", False)],
)
def test_some_sound_is_described_by_its_packets_alone(
    suffix: str, codec: str, by_packets: bool, stack: ExitStack, tmp_path: Path
) -> None:
    assert is_described_by_packets(opened(stack, sound(tmp_path / f"a.{suffix}", codec))) is by_packets


def test_a_copied_packet_keeps_its_bytes_and_moves_by_the_shift(
    movie: Any, stack: ExitStack, tmp_path: Path
) -> None:
    path = sound(tmp_path / "a.mkv", "flac")
    with av.open(str(path)) as container:
        before = [(packet.pts, bytes(packet)) for packet in container.demux() if packet.size]
    stream = opened(stack, path)
    track = track_for(stream, movie, Part(Fraction(1, 20)), MP4)
    assert track is not None
    made = passed_on(track, stream)
    assert [(packet.pts + 50, bytes(packet)) for packet in made] == before  # Matroska counts in ms
    assert {packet.stream for packet in made} == {movie.streams[0]}
    assert track.warning == ""


def test_a_copied_packet_lasts_until_the_next_one_and_the_last_as_long_as_the_one_before(
    movie: Any, stack: ExitStack, tmp_path: Path
) -> None:
    stream = opened(stack, sound(tmp_path / "a.mkv", "flac"))
    track = track_for(stream, movie, Part(Fraction(0)), MP4)
    assert track is not None
    durations = []
    for at in (0, 20, 45):
        packet = av.Packet(b"sound")
        packet.dts = packet.pts = at
        durations += [made.duration for made in track.packets(packet)]
    durations += [made.duration for made in track.flush()]
    assert durations == [20, 25, 25]


def test_aac_of_a_broadcast_loses_the_header_of_each_packet(
    movie: Any, stack: ExitStack, tmp_path: Path
) -> None:
    path = sound(tmp_path / "a.ts", "aac")
    with av.open(str(path)) as container:
        before = [bytes(packet) for packet in container.demux() if packet.size]
    assert all(data[0] == 0xFF for data in before)
    stream = opened(stack, path)
    track = track_for(stream, movie, Part(Fraction(0)), MP4)
    assert track is not None
    assert [bytes(packet) for packet in passed_on(track, stream)] == [data[7:] for data in before]


@pytest.mark.parametrize(("rate", "encoded"), [(44_100, 44_100), (37_800, 48_000)])
def test_other_sound_becomes_aac_at_its_rate_or_the_usual_one(
    rate: int, encoded: int, movie: Any, stack: ExitStack, tmp_path: Path
) -> None:
    stream = opened(stack, sound(tmp_path / "a.wav", "pcm_s16le", rate=rate, layout="5.1"))
    track = track_for(stream, movie, Part(Fraction(0)), MP4)
    assert track is not None
    made = passed_on(track, stream)
    context = movie.streams[0].codec_context
    assert (context.name, context.sample_rate, context.bit_rate) == ("aac", encoded, 6 * 96_000)
    assert sum(packet.duration * packet.time_base for packet in made) >= Fraction(1, 5)
    assert track.warning == ""


def test_sound_of_more_channels_than_aac_has_is_mixed_and_told(
    movie: Any, stack: ExitStack, tmp_path: Path
) -> None:
    stream = opened(stack, sound(tmp_path / "a.wav", "pcm_s16le", layout="7.1.4"))
    track = track_for(stream, movie, Part(Fraction(0)), MP4)
    assert track is not None
    assert track.warning == ("sound of 12 channels (7.1.4) was mixed to 7.1: AAC has no place for more")


def test_a_packet_that_cannot_be_decoded_costs_its_own_sound_alone(
    movie: Any, stack: ExitStack, tmp_path: Path
) -> None:
    stream = opened(stack, sound(tmp_path / "a.mkv", "mp2"))
    track = track_for(stream, movie, Part(Fraction(0)), MP4)
    assert track is not None
    damaged = av.Packet(b"\xff" * 40)
    damaged.pts = damaged.dts = 0
    damaged.time_base = stream.time_base
    assert list(track.packets(damaged)) == []
    assert len(passed_on(track, stream)) > 5


@pytest.mark.parametrize("codec", ["flac", "pcm_s16le"])
def test_a_track_keeps_its_language_and_its_title_where_players_look(
    codec: str, movie: Any, stack: ExitStack, tmp_path: Path
) -> None:
    stream = opened(stack, sound(tmp_path / "a.mkv", codec, title="Commentary"))
    assert track_for(stream, movie, Part(Fraction(0)), MP4) is not None
    kept = movie.streams[0].metadata
    assert (kept["language"], kept["title"], kept["handler_name"]) == ("fin", "Commentary", "Commentary")


def test_subtitles_in_text_become_those_of_mp4(movie: Any, stack: ExitStack, tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:02,500\nHyvää päivää\n", encoding="utf-8")
    stream = opened(stack, path)
    track = track_for(stream, movie, Part(Fraction(1, 4)), MP4)
    assert track is not None
    (made,) = (packet for packet in passed_on(track, stream) if packet.size)
    assert movie.streams[0].codec_context.codec.canonical_name == "mov_text"
    assert (made.pts * made.time_base, made.duration * made.time_base) == (Fraction(3, 4), Fraction(3, 2))
    assert bytes(made)[2:].startswith("Hyvää päivää".encode())


def test_pictures_data_and_subtitles_in_pictures_have_no_track(movie: Any, tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mkv"), "w") as other:
        video, subtitles = other.add_stream("mpeg4", rate=25), other.add_stream("dvdsub")
        attachment = other.add_attachment("a.ttf", "application/x-truetype-font", b"font")
        for stream in (video, subtitles, attachment):
            assert track_for(stream, movie, Part(Fraction(0)), MP4) is None
    assert len(movie.streams) == 0


@pytest.mark.parametrize(
    ("suffix", "is_cut", "padding", "earliest"),
    [
        (".mp4", True, 1024, None),
        (".mkv", False, 1024, None),
        (
            ".mkv",
            True,
            1024,
            Fraction(-1024, RATE),
        ),  # of a decoder's first sound, players leave out that much
        (".mkv", True, 2112, Fraction(-2112, RATE)),
        (".mkv", True, 0, 0),
        (".mkv", False, 0, 0),
        (".webm", True, 312, Fraction(-312, RATE)),
    ],
)
def test_what_the_muxer_states_as_delay_stays_before_a_part(
    suffix: str, is_cut: bool, padding: int, earliest: Fraction | None
) -> None:
    codec = SimpleNamespace(canonical_name="aac")
    stream: Any = SimpleNamespace(
        codec_context=SimpleNamespace(initial_padding=padding, sample_rate=RATE, codec=codec),
        container=SimpleNamespace(format=SimpleNamespace(name="mov,mp4")),
    )
    assert earliest_of(stream, Part(is_cut=is_cut), CONTAINERS[suffix]) == earliest


def test_further_video_is_kept_whose_decoder_encodes_nothing(tmp_path: Path, stack: ExitStack) -> None:
    path = tmp_path / "a.avif"
    path.write_bytes(animated_avif([0, 200]))  # its still is a track beside the other
    source = opened(stack, path)
    with av.open(str(tmp_path / "movie.mkv"), "w") as container:
        track = track_for(source, container, Part(), CONTAINERS[".mkv"])
        assert track is not None
        container.mux(passed_on(track, source))
    with av.open(str(tmp_path / "movie.mkv")) as written:
        (frame,) = written.decode(video=0)
        assert (written.streams.video[0].codec_context.codec.canonical_name, frame.width) == ("av1", 64)
