"""What the MP4 sink takes over from the source's own file: sound tracks and subtitles."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from films import packets_of

from streamdepth.errors import SourceError
from streamdepth.frames import DepthMap, Estimate, Frame, Recording, Rendered, SourceInfo
from streamdepth.pixels import Picture
from streamdepth.sinks.movie.sink import MovieOptions, MovieSink
from streamdepth.sources.video.source import VideoSource

RATE = 25
SAMPLES = 48_000
DEPTH = DepthMap(np.zeros((2, 2), np.float32))


@dataclass(frozen=True)
class Sound:
    codec: str = "aac"
    seconds: float = 2.0
    start: float = 0.0
    hertz: int = 440
    layout: str = "stereo"
    rate: int = SAMPLES
    language: str = "und"
    title: str = ""


def film(path: Path, *sounds: Sound, frames: int = 50, mux: dict[str, str] | None = None) -> Path:
    """A small film of `frames` pictures at 25/s with the given sound tracks, interleaved."""
    with av.open(str(path), "w", options=mux or {}) as container:
        video = container.add_stream(
            "libx264", rate=RATE, width=64, height=48, options={"preset": "ultrafast"}
        )
        tracks = [add_sound(container, sound) for sound in sounds]
        # Every packet in order of time: a sound that outlasts the picture comes last.
        packets = [*encode_video(video, frames)]
        for stream, sound in zip(tracks, sounds, strict=True):
            packets += encode_sound(stream, sound)
        for packet in sorted(packets, key=lambda p: p.dts * p.time_base):
            container.mux(packet)
    return path


def add_sound(container: Any, sound: Sound) -> Any:
    stream = container.add_stream(sound.codec, rate=sound.rate, layout=sound.layout)
    stream.metadata["language"] = sound.language
    if sound.title:
        stream.metadata["title"] = sound.title
    return stream


def encode_video(stream: Any, frames: int) -> list[Any]:
    packets = []
    for index in range(frames):
        frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), index * 5 % 256, np.uint8), "bgr24")
        frame.pts, frame.time_base = index, Fraction(1, RATE)
        packets += stream.encode(frame)
    return packets + stream.encode(None)


def encode_sound(stream: Any, sound: Sound) -> list[Any]:
    stream.codec_context.open(strict=False)
    count = int(sound.seconds * sound.rate)
    wave = np.sin(2 * np.pi * sound.hertz * np.arange(count) / sound.rate) * 0.3
    channels = stream.codec_context.channels
    samples = np.repeat((wave * 32_767).astype(np.int16), channels)[None]
    packets = []
    for at in range(0, count, 1000):
        frame = av.AudioFrame.from_ndarray(
            samples[:, at * channels : (at + 1000) * channels], "s16", sound.layout
        )
        frame.sample_rate = sound.rate
        frame.pts, frame.time_base = int(sound.start * sound.rate) + at, Fraction(1, sound.rate)
        packets += stream.encode(frame)
    return packets + stream.encode(None)


def render(origin: Path, out: Path, *, frames: int | None = None, complete: bool = True) -> MovieSink:
    """What a run does: every frame of the file (or the first `frames`) through the sink."""
    with av.open(f"file:{origin}") as container:
        stream = container.streams.video[0]
        is_ts = container.format.name == "mpegts"
        start = Fraction(container.start_time, av.time_base) if is_ts else Fraction(0)
        recording = Recording(f"file:{origin}", str(origin), stream.index, start)
        source = SourceInfo(
            64, 48, Fraction(RATE), False, 1.0, time_base=stream.time_base, origin=origin, recording=recording
        )
        sink = MovieSink(out, source, options=MovieOptions(preset="ultrafast"))
        for index, decoded in enumerate(container.decode(stream)):
            if index == frames:
                break
            picture = Picture.of_bgr(decoded.to_ndarray(format="bgr24"))
            frame = Frame(index, decoded.pts * decoded.time_base - start, 0.0, picture)
            sink.write(Rendered(Estimate(frame, DepthMap(np.zeros((2, 2), np.float32)), 0.0), picture))
    sink.close(complete=complete)
    return sink


def times(path: Path, kind: str, number: int = 0) -> list[Fraction]:
    return [time for time, _ in packets_of(path, kind, number)]


def heard(path: Path) -> tuple[np.ndarray, int]:
    """Mono samples of the first sound track, and their rate."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray().mean(axis=0) for frame in container.decode(audio=0)]
        return np.concatenate(frames), container.streams.audio[0].codec_context.sample_rate


@pytest.mark.parametrize("codec", ["aac", "libmp3lame", "ac3", "eac3", "libopus", "flac", "alac"])
def test_a_codec_that_mp4_takes_is_copied_packet_by_packet(codec: str, tmp_path: Path) -> None:
    origin = film(tmp_path / "film.mkv", Sound(codec))
    render(origin, tmp_path / "depth.mp4")
    given, got = packets_of(origin, "audio"), packets_of(tmp_path / "depth.mp4", "audio")
    assert [data for _, data in got] == [data for _, data in given]
    with av.open(str(origin)) as before, av.open(str(tmp_path / "depth.mp4")) as after:
        assert after.streams.audio[0].codec_context.name == before.streams.audio[0].codec_context.name


def test_every_track_is_kept_with_its_language_and_title(tmp_path: Path) -> None:
    sounds = (
        Sound("aac", language="eng", title="Director's cut", hertz=300),
        Sound("libmp3lame", language="deu", title="Hörfilm", hertz=500),
        Sound("pcm_s16le", language="fra", hertz=700),
    )
    origin = film(tmp_path / "film.mkv", *sounds)
    render(origin, tmp_path / "depth.mp4")
    with av.open(str(tmp_path / "depth.mp4")) as container:
        tracks = container.streams.audio
        assert [track.language for track in tracks] == ["eng", "deu", "fra"]
        assert [track.metadata["handler_name"] for track in tracks[:2]] == ["Director's cut", "Hörfilm"]
        assert [track.codec_context.codec.canonical_name for track in tracks] == ["aac", "mp3", "aac"]
    for number in (0, 1):
        given, got = (packets_of(path, "audio", number) for path in (origin, tmp_path / "depth.mp4"))
        assert [data for _, data in got] == [data for _, data in given]


@pytest.mark.parametrize(
    "sound",
    [
        Sound("pcm_s16le"),
        Sound("pcm_s24le", layout="mono", rate=44_100),
        Sound("pcm_s16le", layout="5.1"),
        Sound("mp2"),
        Sound("pcm_s16le", rate=18_000, layout="3.0"),
        Sound("libmp3lame", rate=8_000, layout="mono"),
    ],
    ids=str,
)
def test_other_sound_becomes_aac_that_sounds_the_same(sound: Sound, tmp_path: Path) -> None:
    origin = film(tmp_path / "film.mkv", sound)
    render(origin, tmp_path / "depth.mp4")
    with av.open(str(tmp_path / "depth.mp4")) as container:
        assert container.streams.audio[0].codec_context.name == "aac"
    samples, rate = heard(tmp_path / "depth.mp4")
    assert abs(len(samples) / rate - 2) < 0.2
    middle = samples[rate // 2 : rate // 2 + rate]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert abs(np.argmax(spectrum) * rate / len(middle) - 440) <= 2


def test_sound_made_aac_begins_when_it_did(tmp_path: Path) -> None:
    origin = film(tmp_path / "film.mkv", Sound("pcm_s16le", start=0.5, seconds=1))
    render(origin, tmp_path / "depth.mp4")
    with av.open(str(tmp_path / "depth.mp4")) as container:
        loud = [f.time for f in container.decode(audio=0) if np.abs(f.to_ndarray()).max() > 0.1]
    assert abs(min(loud) - 0.5) < 0.03
    assert abs(max(loud) - 1.5) < 0.05


def test_copied_sound_keeps_its_own_times(tmp_path: Path) -> None:
    origin = film(tmp_path / "film.mp4", Sound("aac", start=0.37), Sound("aac", start=0.01))
    render(origin, tmp_path / "depth.mp4")
    for number in (0, 1):
        assert packets_of(tmp_path / "depth.mp4", "audio", number) == packets_of(origin, "audio", number)


@pytest.mark.parametrize("codec", ["aac", "pcm_s16le"])
@pytest.mark.parametrize("complete", [True, False])
def test_sound_stops_where_the_picture_was_cut_off(codec: str, complete: bool, tmp_path: Path) -> None:
    origin = film(tmp_path / "film.mkv", Sound(codec))
    sink = render(origin, tmp_path / "depth.mp4", frames=20, complete=complete)
    out = sink.kept or tmp_path / "depth.mp4"
    assert len(times(out, "video")) == 20
    assert (
        Fraction(20, RATE) - Fraction(1, 10) < max(times(out, "audio")) < Fraction(20, RATE) + Fraction(1, 10)
    )


@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".ts"])
def test_sound_that_outlasts_the_picture_is_kept(suffix: str, tmp_path: Path) -> None:
    origin = film(tmp_path / f"film{suffix}", Sound("aac", seconds=3.0))
    render(origin, tmp_path / "depth.mp4")
    assert len(times(tmp_path / "depth.mp4", "audio")) == len(times(origin, "audio"))


def test_sound_shorter_than_the_picture_is_no_trouble(tmp_path: Path) -> None:
    origin = film(tmp_path / "film.mkv", Sound("aac", seconds=0.3))
    render(origin, tmp_path / "depth.mp4")
    assert len(times(tmp_path / "depth.mp4", "video")) == 50
    assert len(times(tmp_path / "depth.mp4", "audio")) == len(times(origin, "audio"))


def test_a_transport_stream_begins_at_zero_with_sound_and_picture_together(tmp_path: Path) -> None:
    origin = film(tmp_path / "film.ts", Sound("aac"), mux={"output_ts_offset": "100"})
    render(origin, tmp_path / "depth.mp4")
    apart = min(times(origin, "audio")) - min(times(origin, "video"))
    out = tmp_path / "depth.mp4"
    assert min(times(out, "video")) < Fraction(1, 10)
    assert abs(min(times(out, "audio")) - min(times(out, "video")) - apart) < Fraction(1, 1000)
    assert len(times(out, "audio")) == len(times(origin, "audio"))


def test_sound_lies_beside_its_picture_in_the_file(tmp_path: Path) -> None:
    # Longer than the 10 s for which the muxer would wait for sound.
    origin = film(tmp_path / "film.mkv", Sound("aac", seconds=14.0), frames=350)
    render(origin, tmp_path / "depth.mp4")
    reached = {0: Fraction(0), 1: Fraction(0)}
    with av.open(str(tmp_path / "depth.mp4")) as container:
        for packet in sorted((p for p in container.demux() if p.size), key=lambda p: p.pos):
            reached[packet.stream_index] = packet.dts * packet.time_base
            assert abs(reached[0] - reached[1]) < Fraction(3, 2)
    assert min(reached.values()) > 13


def test_a_broadcast_that_turns_from_stereo_to_mono_keeps_all_its_sound(tmp_path: Path) -> None:
    first = film(tmp_path / "1.ts", Sound("mp2"))
    second = film(tmp_path / "2.ts", Sound("mp2", layout="mono"), mux={"output_ts_offset": "2"})
    origin = tmp_path / "both.ts"
    origin.write_bytes(first.read_bytes() + second.read_bytes())
    render(origin, tmp_path / "depth.mp4")
    samples, rate = heard(tmp_path / "depth.mp4")
    assert abs(len(samples) / rate - 4) < 0.3
    assert min(np.abs(part).max() for part in np.array_split(samples[rate // 10 : 3 * rate], 10)) > 0.1


@pytest.mark.parametrize("offset", ["0", "1.2", "5000"], ids=["anew", "overlapping", "an hour later"])
def test_of_joined_recordings_sound_and_picture_go_on_together(offset: str, tmp_path: Path) -> None:
    first = film(tmp_path / "1.ts", Sound("aac", hertz=440))
    second = film(tmp_path / "2.ts", Sound("aac", hertz=880), mux={"output_ts_offset": offset})
    joined = tmp_path / "joined.ts"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    source = VideoSource(joined)
    sink = MovieSink(tmp_path / "depth.mp4", source.info, options=MovieOptions(preset="ultrafast"))
    for frame in iter(source.read, None):
        sink.write(Rendered(Estimate(frame, DEPTH, 0.0), frame.picture))
    source.close()
    sink.close()
    shown = sorted(times(tmp_path / "depth.mp4", "video"))
    assert {late - early for early, late in itertools.pairwise(shown)} == {Fraction(1, RATE)}
    assert len(shown) == 100
    samples, rate = heard(tmp_path / "depth.mp4")
    assert abs(len(samples) / rate - 4) < 0.2
    for at, hertz in ((1.0, 440), (3.0, 880)):  # each sound beside its own picture
        piece = samples[int((at - 0.5) * rate) : int((at + 0.5) * rate)]
        assert abs(np.argmax(np.abs(np.fft.rfft(piece))) * rate / len(piece) - hertz) < 5


def test_a_damaged_origin_keeps_its_sound_up_to_the_damage(tmp_path: Path) -> None:
    origin = film(tmp_path / "film.mp4", Sound("aac"), mux={"movflags": "faststart"})
    origin.write_bytes(origin.read_bytes()[: origin.stat().st_size * 2 // 3])
    sink = render(origin, tmp_path / "depth.mp4", frames=20, complete=False)
    assert sink.kept is not None
    assert len(times(sink.kept, "video")) == 20
    assert len(times(sink.kept, "audio")) > 20


@pytest.mark.parametrize("name", ["12:30.mp4", "half%20way.mp4", "Tür #1.mp4"])
def test_names_are_taken_as_they_are(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    origin = film(tmp_path / "film.mp4", Sound("aac"))
    given = name.replace(".mp4", " in.mp4")
    origin.rename(given)
    render(Path(given), Path(name))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, given])
    assert len(times(Path(f"{tmp_path}/{name}"), "audio")) == len(times(tmp_path / given, "audio"))


def test_subtitles_in_the_format_of_mp4_are_copied(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "plain.mp4"), "w") as container:
        video = container.add_stream("libx264", rate=RATE, width=64, height=48)
        text = container.add_mux_stream("mov_text", time_base=Fraction(1, 1000))
        text.metadata["language"] = "deu"
        for packet in encode_video(video, 50):
            container.mux(packet)
        for begin, words in ((200, "Guten Tag"), (1200, "Auf Wiedersehen")):
            packet = av.Packet(len(words).to_bytes(2, "big") + words.encode())
            packet.pts = packet.dts = begin
            packet.duration, packet.time_base, packet.stream = 500, Fraction(1, 1000), text
            container.mux(packet)
    render(tmp_path / "plain.mp4", tmp_path / "depth.mp4")
    got = packets_of(tmp_path / "depth.mp4", "subtitle")
    assert [(time, data) for time, data in got if len(data) > 2] == [
        (Fraction(1, 5), b"\0\x09Guten Tag"),
        (Fraction(6, 5), b"\0\x0fAuf Wiedersehen"),
    ]
    with av.open(str(tmp_path / "depth.mp4")) as container:
        assert container.streams.subtitles[0].language == "deu"


def test_subtitles_in_text_form_become_those_of_mp4(tmp_path: Path) -> None:
    (tmp_path / "words.srt").write_text(
        "1\n00:00:00,200 --> 00:00:00,900\n<i>Guten</i> Tag\n\n2\n00:00:01,200 --> 00:00:01,800\nGrüße\n"
    )
    with av.open(str(tmp_path / "words.srt")) as words, av.open(str(tmp_path / "film.mkv"), "w") as container:
        video = container.add_stream("libx264", rate=RATE, width=64, height=48)
        text = container.add_stream_from_template(words.streams.subtitles[0])
        text.metadata["language"] = "deu"
        for packet in encode_video(video, 50):
            container.mux(packet)
        for packet in words.demux(subtitles=0):
            if packet.size:
                packet.stream = text
                container.mux(packet)
    render(tmp_path / "film.mkv", tmp_path / "depth.mp4")
    with av.open(str(tmp_path / "depth.mp4")) as container:
        stream = container.streams.subtitles[0]
        assert (stream.codec_context.name, stream.language) == ("mov_text", "deu")
    got = [
        (time, data[2 : 2 + data[1]].decode())
        for time, data in packets_of(tmp_path / "depth.mp4", "subtitle")
    ]
    assert [line for line in got if line[1]] == [(Fraction(1, 5), "Guten Tag"), (Fraction(6, 5), "Grüße")]


def test_an_origin_without_sound_gives_a_film_without_sound(tmp_path: Path) -> None:
    origin = film(tmp_path / "film.mp4")
    render(origin, tmp_path / "depth.mp4")
    with av.open(str(tmp_path / "depth.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_an_origin_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    origin = tmp_path / "broken.mp4"
    origin.write_bytes(b"no film at all" * 100)
    recording = Recording(f"file:{origin}", str(origin), 0)
    info = SourceInfo(64, 48, Fraction(RATE), False, 1.0, origin=origin, recording=recording)
    sink = MovieSink(tmp_path / "depth.mp4", info)
    picture = Picture.of_bgr(np.zeros((48, 64, 3), np.uint8))
    frame = Frame(0, Fraction(0), 0.0, picture)
    with pytest.raises(SourceError, match=r"sound of .*broken\.mp4"):
        sink.write(Rendered(Estimate(frame, DepthMap(np.zeros((2, 2), np.float32)), 0.0), picture))
    sink.close(complete=False)
    assert [path.name for path in tmp_path.iterdir()] == ["broken.mp4"]


def test_further_video_whose_pictures_lean_on_later_ones_is_all_there(tmp_path: Path) -> None:
    """Matroska does not say when the first of them are decoded."""
    origin = tmp_path / "film.mkv"
    with av.open(str(origin), "w") as container:
        size = {"width": 64, "height": 48}
        options = {"preset": "veryfast", "bf": "2", "x264-params": "b-adapt=0"}
        videos = [container.add_stream("libx264", rate=RATE, options=options, **size) for _ in range(2)]
        for packets in zip(*(encode_video(video, 20) for video in videos), strict=True):
            for packet in packets:
                container.mux(packet)
    render(origin, tmp_path / "depth.mkv")
    given, got = packets_of(origin, "video", 1), packets_of(tmp_path / "depth.mkv", "video", 1)
    assert len(given) == 20
    assert got == given
