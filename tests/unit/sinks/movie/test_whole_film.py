"""What the MP4 sink keeps of a film beside pictures: channels, chapters, facts; and what it says it leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from films import add_video, greys, packets_of, put_pictures, served

from streamdepth.frames import DepthMap, Estimate, Rendered
from streamdepth.pipeline.limits import shown_on
from streamdepth.sinks.movie.sink import MovieOptions, MovieSink
from streamdepth.sources.video.source import VideoOptions, VideoSource

DEPTH = DepthMap(np.zeros((2, 2), np.float32))
RATE, SAMPLES = 25, 48_000
ONE_TICK = Fraction(1, 1000)


@contextmanager
def film(path: Path, *, frames: int = 25, mux: dict[str, str] | None = None) -> Iterator[Any]:
    """A container for the test's own tracks; grey pictures come before what it has to mux."""
    with av.open(str(path), "w", options=mux or {}) as container:
        video = add_video(container, rate=RATE, preset="ultrafast")
        yield container
        put_pictures(container, video, greys(range(0, 5 * frames, 5)))


def render(source: VideoSource, out: Path, *, frames: int | None = None) -> MovieSink:
    sink = MovieSink(out, source.info, options=MovieOptions(preset="ultrafast"))
    for index, frame in enumerate(iter(source.read, None)):
        if index == frames:
            break
        sink.write(Rendered(Estimate(frame, DEPTH, 0.0), frame.picture))
    source.close()
    sink.close()
    return sink


def sound(container: Any, layout: str, codec: str = "pcm_s16le") -> None:
    """One second in which each channel has a tone of its own: 300 Hz, 400 Hz, ..."""
    stream = container.add_stream(codec, rate=SAMPLES, layout=layout)
    channels = stream.codec_context.channels
    hertz = 300 + 100 * np.arange(channels)[:, None]
    waves = np.sin(2 * np.pi * hertz * np.arange(SAMPLES) / SAMPLES) * 8000
    frame = av.AudioFrame.from_ndarray(waves.T.reshape(1, -1).astype(np.int16), "s16", layout)
    frame.sample_rate, frame.pts, frame.time_base = SAMPLES, 0, Fraction(1, SAMPLES)
    container.mux([*stream.encode(frame), *stream.encode(None)])


def tones(path: Path) -> tuple[str, list[int]]:
    """The layout of the first sound track and the loudest tone in each channel, in Hz."""
    with av.open(str(path)) as container:
        layout = container.streams.audio[0].codec_context.layout.name
        packed = av.AudioResampler("flt")  # PyAV hands out no more than seven channels that lie apart
        frames = [part for frame in container.decode(audio=0) for part in packed.resample(frame)]
        samples = np.concatenate(
            [frame.to_ndarray().reshape(-1, frame.layout.nb_channels) for frame in frames]
        ).T
    middle = samples[:, SAMPLES // 4 : SAMPLES // 4 + SAMPLES // 2]
    spectrum = np.abs(np.fft.rfft(middle, axis=1))
    return layout, [round(int(at) * 2 / 100) * 100 for at in spectrum.argmax(axis=1)]


@pytest.mark.parametrize(
    ("layout", "as_aac"),
    [
        ("mono", {"mono"}),
        ("3.0", {"3.0"}),
        ("quad", {"quad"}),
        ("5.0(side)", {"5.0"}),
        ("5.1(side)", {"5.1"}),
        ("6.1", {"7 channels", "6.1(back)"}),  # of FFmpeg 8 and 9
        ("7.1", {"7.1"}),
    ],
)
def test_sound_that_is_encoded_anew_keeps_its_channels(layout: str, as_aac: set[str], tmp_path: Path) -> None:
    with film(tmp_path / "film.mov") as container:
        sound(container, layout)
    sink = render(VideoSource(tmp_path / "film.mov"), tmp_path / "depth.mp4")
    kept, heard = tones(tmp_path / "depth.mp4")
    assert kept in as_aac
    given = [channel.name for channel in av.AudioLayout(layout).channels]
    # AAC has one pair beside and behind the listener; seven channels without names are in the order given.
    names = {} if "BL" in given else {"BL": "SL", "BR": "SR"}
    found = [channel.name for channel in av.AudioLayout(kept).channels]
    order = given if kept == "7 channels" else [names.get(name, name) for name in found]
    expected = [300 + 100 * given.index(name) for name in order]
    # AAC gives the channel of low tones no others.
    assert [at for at, name in zip(heard, order, strict=True) if name != "LFE"] == [
        at for at, name in zip(expected, order, strict=True) if name != "LFE"
    ]
    assert sink.warnings == ["encoded anew for MP4: sound (pcm_s16le) became AAC"]


def test_channels_whose_speakers_are_not_named_stay_apart(tmp_path: Path) -> None:
    with film(tmp_path / "film.mkv") as container:
        sound(container, "5.0")  # Matroska keeps the number alone
    render(VideoSource(tmp_path / "film.mkv"), tmp_path / "depth.mp4")
    assert tones(tmp_path / "depth.mp4") == ("5.0", [300, 400, 500, 600, 700])


def test_more_channels_than_aac_has_are_mixed_and_told(tmp_path: Path) -> None:
    with film(tmp_path / "film.mkv") as container:
        sound(container, "7.1.4")
    sink = render(VideoSource(tmp_path / "film.mkv"), tmp_path / "depth.mp4")
    assert tones(tmp_path / "depth.mp4")[0] == "7.1"
    assert ["12 channels" in warning for warning in sink.warnings] == [False, True]


CHAPTERS = [(0, 400, "One"), (400, 800, "Two"), (800, 1000, "Three")]


def chapters_of(path: Path) -> list[tuple[Fraction, Fraction, str]]:
    with av.open(str(path)) as container:
        return [
            (
                chapter["start"] * chapter["time_base"],
                chapter["end"] * chapter["time_base"],
                chapter["metadata"]["title"],
            )
            for chapter in container.chapters()
        ]


def with_chapters(path: Path, offset: int = 0) -> Path:
    with film(path, mux={"output_ts_offset": str(offset)}) as container:
        container.metadata.update(
            {"title": "Holiday", "date": "2024-05-06", "creation_time": "2024-05-06T07:08:09.000000Z"}
        )
        container.set_chapters(
            [
                {"id": number, "start": start + 1000 * offset, "end": end + 1000 * offset, "time_base": ONE_TICK,
                 "metadata": {"title": title}}
                for number, (start, end, title) in enumerate(CHAPTERS)
            ]
        )  # fmt: skip
    return path


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "mov"])
def test_chapters_and_facts_are_kept(suffix: str, tmp_path: Path) -> None:
    source = VideoSource(with_chapters(tmp_path / f"film.{suffix}"))
    assert render(source, tmp_path / "depth.mp4").warnings == []
    assert chapters_of(tmp_path / "depth.mp4") == [
        (Fraction(start, 1000), Fraction(end, 1000), title) for start, end, title in CHAPTERS
    ]
    with av.open(str(tmp_path / "depth.mp4")) as container:
        facts = container.metadata
        assert (facts["title"], facts["date"]) == ("Holiday", "2024-05-06")
        assert container.duration == 1_000_000
        assert "Lavf" in facts["encoder"]


def test_chapters_end_where_the_picture_is_cut_off(tmp_path: Path) -> None:
    render(VideoSource(with_chapters(tmp_path / "film.mp4")), tmp_path / "depth.mp4", frames=15)
    assert chapters_of(tmp_path / "depth.mp4") == [
        (0, Fraction(2, 5), "One"),
        (Fraction(2, 5), Fraction(3, 5), "Two"),
    ]
    with av.open(str(tmp_path / "depth.mp4")) as container:
        assert container.duration == 600_000


def test_chapters_move_with_a_film_that_begins_late(tmp_path: Path) -> None:
    render(VideoSource(with_chapters(tmp_path / "film.mkv", offset=3600)), tmp_path / "depth.mp4")
    assert [(start, title) for start, _, title in chapters_of(tmp_path / "depth.mp4")] == [
        (0, "One"), (Fraction(2, 5), "Two"), (Fraction(4, 5), "Three"),
    ]  # fmt: skip


def test_what_has_no_place_is_named(tmp_path: Path) -> None:
    with film(tmp_path / "film.mkv") as container:
        further = container.add_stream("mpeg4", rate=RATE)
        further.width, further.height, further.pix_fmt = 64, 48, "yuv420p"
        for _ in range(2):
            container.add_mux_stream("dvd_subtitle", time_base=ONE_TICK)
        container.mux(further.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), "bgr24")))
    sink = render(VideoSource(tmp_path / "film.mkv"), tmp_path / "depth.mp4")
    assert sink.warnings == [
        "MP4 has no place for all tracks; left out: a further video (mpeg4), "
        "2 subtitle tracks in pictures (dvd_subtitle)"
    ]


def test_a_recording_on_a_server_keeps_its_tracks(tmp_path: Path) -> None:
    with film(tmp_path / "film.mp4", mux={"movflags": "faststart"}) as container:
        container.metadata["title"] = "Holiday"
        sound(container, "stereo", "alac")
    with served(tmp_path, times=10) as address:
        sink = render(
            VideoSource(f"{address}/film.mp4", VideoOptions(open_timeout=5)), tmp_path / "depth.mp4"
        )
    assert tones(tmp_path / "depth.mp4") == ("stereo", [300, 400])
    assert sink.warnings == []
    with av.open(str(tmp_path / "depth.mp4")) as container:
        assert container.metadata["title"] == "Holiday"


def test_a_recording_that_is_given_once_comes_without_sound_and_says_so(tmp_path: Path) -> None:
    with film(tmp_path / "film.mp4", mux={"movflags": "faststart"}) as container:
        sound(container, "stereo", "alac")
    with served(tmp_path, times=1) as address:
        source = VideoSource(f"{address.replace('//', '//me:secret@')}/film.mp4")
        sink = render(source, tmp_path / "depth.mp4")
    with av.open(str(tmp_path / "depth.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video"]
    (warning,) = sink.warnings
    assert "cannot be read" in warning
    assert "secret" not in warning


def slides(path: Path, shown: list[int], *, bframes: str = "0") -> Path:
    """Pictures that are shown for so many milliseconds each."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=RATE, options={"bf": bframes, "x264opts": "b-adapt=0"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.time_base = video.codec_context.time_base = ONE_TICK
        begins = np.cumsum([0, *shown]).tolist()
        packets = []
        for index, at in enumerate(begins[:-1]):
            picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 30 * index, np.uint8), "bgr24")
            picture.pts, picture.time_base = at, ONE_TICK
            packets += video.encode(picture)
        for packet in packets + video.encode(None):
            packet.duration = shown[begins.index(packet.pts)]
            container.mux(packet)
    return path


def shown_times(path: Path) -> tuple[list[Fraction], Fraction]:
    """When each picture begins, and when the last one ends by the length of its track, in seconds."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        length = Fraction(stream.duration) * stream.time_base
        times = [frame.pts * frame.time_base for frame in container.decode(video=0)]
        assert container.duration == round((times[0] + length) * av.time_base)
    return times, times[0] + length


@pytest.mark.parametrize(("suffix", "bframes"), [("mp4", "0"), ("mov", "0"), ("mkv", "0"), ("mkv", "2")])
@pytest.mark.parametrize(
    "shown", [[1000, 1000, 10_000], [40] * 7 + [5000], [3000, 40, 40, 40, 20], [10_000]], ids=str
)
def test_the_last_picture_is_held_as_long_as_it_was(
    shown: list[int], suffix: str, bframes: str, tmp_path: Path
) -> None:
    path = slides(tmp_path / f"slides.{suffix}", shown, bframes=bframes)
    render(VideoSource(path), tmp_path / "depth.mp4")
    begins = np.cumsum([0, *shown]).tolist()
    assert shown_times(tmp_path / "depth.mp4") == (
        [Fraction(at, 1000) for at in begins[:-1]],
        Fraction(begins[-1], 1000),
    )


def test_the_last_picture_of_a_film_that_is_cut_off_ends_where_the_next_began(tmp_path: Path) -> None:
    path = slides(tmp_path / "slides.mp4", [1000, 2000, 10_000])
    render(VideoSource(path), tmp_path / "depth.mp4", frames=2)
    assert shown_times(tmp_path / "depth.mp4") == ([0, 1], 3)


@pytest.mark.parametrize("frames", [25, 20])
def test_the_sound_behind_a_picture_that_is_shown_for_others_is_kept(tmp_path: Path, frames: int) -> None:
    """As with `--max-fps 1`, and where the sound is longer than the picture."""
    path = tmp_path / "film.mkv"
    with film(path, frames=frames) as container:
        sound(container, "mono")
    with closing(VideoSource(path)) as source:
        first, *left_out = iter(source.read, None)
        sink = MovieSink(tmp_path / "out.mkv", source.info)
    frame = shown_on(first, left_out[-1], source.info.rate)
    sink.write(Rendered(Estimate(frame, DEPTH, 0.0), frame.picture))
    sink.close()
    kept, came = (packets_of(one, "audio") for one in (sink.path, path))
    assert [data for _, data in kept] == [data for _, data in came]
    with av.open(str(sink.path)) as written:
        assert len(list(written.decode(video=0))) == 1
